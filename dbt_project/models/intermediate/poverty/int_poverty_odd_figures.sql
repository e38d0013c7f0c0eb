/*
 Figures that cannot be what their place says, by their column, their row, or what their region had before and after.
 Thresholds and what they were measured on: docs/poverty-figures.md.
*/
with cells as (
    select *
    from {{ ref('int_poverty_cells') }}
    where is_sound
),

yearly as (
    select
        table_key,
        region_code,
        area_type,
        indicator,
        period as year,
        max(value) as value
    from cells
    where len(period) = 4
    group by all
),

-- What stands in more half-years than chance explains was filled in, not measured. The year's own figure beside it says
-- which of the equal ones is meant.
repeated as (
    select
        table_key,
        region_code,
        area_type,
        indicator,
        value
    from cells
    where len(period) = 7 and value <> 0
    group by all
    having count(distinct period) >= max(repeats)
),

-- A column of percents holds no figure above 100, and one of counts no total near that of a single member.
columns_of_members as (
    select
        child.table_key,
        child.parent_code as region_code,
        child.area_type,
        child.period,
        child.indicator,
        median(child.value) as middle,
        min(child.value) as smallest,
        max(child.value) as largest
    from cells as child
    where child.adds_up
    group by all
    having count(*) >= 5
),

wrong_columns as (
    select
        table_key,
        indicator,
        area_type,
        period
    from {{ ref('int_poverty_cells') }}
    where value > 0
    group by all
    having
        count(*) filter (where list_has_any(broken_rules, ['POVERTY_RATE_RANGE', 'POVERTY_VALUE_RANGE', 'POVERTY_LINE_RANGE']))
        >= greatest(3, count(*) / 3)
    union
    select
        parent.table_key,
        parent.indicator,
        parent.area_type,
        parent.period
    from cells as parent
    inner join columns_of_members as members
        on
            parent.table_key = members.table_key
            and parent.region_code = members.region_code
            and parent.area_type = members.area_type
            and parent.period = members.period
            and parent.indicator = members.indicator
    where
        parent.value between members.smallest and members.largest
        and parent.value between members.middle / 2 and members.middle * 2
),

-- Another unit, a shifted decimal mark, a figure cut off: no region was ever a fifth or five times of its usual self, by a
-- history that agrees with itself. Indices that may be 0 come down to a few hundredths and have no usual self.
told as (
    select distinct
        region_code,
        area_type,
        indicator,
        period,
        value
    from cells
    where least > 0
),

usual as (
    select
        region_code,
        area_type,
        indicator,
        median(value) as middle
    from told
    group by all
    having count(distinct period) >= 5
),

histories as (
    select
        told.region_code,
        told.area_type,
        told.indicator,
        any_value(usual.middle) as middle
    from told
    inner join usual
        on told.region_code = usual.region_code and told.area_type = usual.area_type and told.indicator = usual.indicator
    group by all
    having avg(cast(told.value between usual.middle / 3 and usual.middle * 3 as integer)) >= 0.8
),

-- Two regions whose figures are the same in most cells of a table: one row is a copy of the other.
alike as (
    select
        one.table_key,
        one.region_code,
        other.region_code as twin_code,
        one.area_type,
        count(*) as same
    from cells as one
    inner join cells as other
        on
            one.table_key = other.table_key
            and one.area_type = other.area_type
            and one.period = other.period
            and one.indicator = other.indicator
            and one.value = other.value
            and one.region_code <> other.region_code
    group by all
    having count(distinct one.period || ' ' || one.indicator) >= 3
),

twins as (
    select
        alike.table_key,
        alike.region_code,
        alike.twin_code,
        alike.area_type
    from alike
    inner join cells as one
        on alike.table_key = one.table_key and alike.region_code = one.region_code and alike.area_type = one.area_type
    inner join cells as other
        on
            alike.table_key = other.table_key
            and alike.twin_code = other.region_code
            and alike.area_type = other.area_type
            and one.period = other.period
            and one.indicator = other.indicator
    group by all
    having max(alike.same) >= 0.5 * count(*)
),

copies as (
    select
        one.place_key,
        one.table_key,
        one.region_code,
        twins.twin_code,
        one.area_type,
        one.parent_code = twins.twin_code as is_child,
        other.parent_code = one.region_code as is_parent,
        count(*) filter (where elsewhere.value is not null and abs(elsewhere.value - one.value) > one.revised_beyond) as against,
        count(*) filter (where elsewhere.value is not null and abs(elsewhere.value - one.value) <= one.revised_beyond) as for_it
    from cells as one
    inner join twins
        on one.table_key = twins.table_key and one.region_code = twins.region_code and one.area_type = twins.area_type
    inner join cells as other
        on
            one.table_key = other.table_key
            and twins.twin_code = other.region_code
            and one.area_type = other.area_type
            and one.period = other.period
            and one.indicator = other.indicator
            and one.value = other.value
    left join cells as elsewhere on one.cell = elsewhere.cell and one.table_key <> elsewhere.table_key
    group by all
),

-- Who is the copy: the one of the two that other tables contradict and none confirms. Failing that, a member with its
-- parent's figures is: a parent's figures fit the parent.
copied as (
    select
        *,
        sum(against) over one_row > 0 and sum(for_it) over one_row = 0 as is_contradicted,
        sum(for_it) over one_row > 0 as is_confirmed
    from copies
    window one_row as (partition by table_key, region_code, twin_code, area_type)
),

judged_copies as (
    select
        mine.place_key,
        bool_or(
            not mine.is_confirmed
            and (mine.is_contradicted and not theirs.is_contradicted or theirs.is_confirmed or mine.is_child and not theirs.is_contradicted)
        ) as is_copy,
        bool_or(mine.is_confirmed or mine.is_parent and not mine.is_contradicted) as is_original
    from copied as mine
    inner join copied as theirs
        on
            mine.table_key = theirs.table_key
            and mine.region_code = theirs.twin_code
            and mine.twin_code = theirs.region_code
            and mine.area_type = theirs.area_type
    group by mine.place_key
),

found as (
    select
        cells.place_key,
        'POVERTY_REPEATED_VALUE' as rule_code
    from cells
    inner join repeated
        on
            cells.table_key = repeated.table_key
            and cells.region_code = repeated.region_code
            and cells.area_type = repeated.area_type
            and cells.indicator = repeated.indicator
            and cells.value = repeated.value
    left join yearly
        on
            cells.table_key = yearly.table_key
            and cells.region_code = yearly.region_code
            and cells.area_type = yearly.area_type
            and cells.indicator = yearly.indicator
            and left(cells.period, 4) = yearly.year
            and abs(cells.value - yearly.value) <= 0.001 * cells.value
    where len(cells.period) = 7 and yearly.value is null
    union all
    select
        cells.place_key,
        'POVERTY_WRONG_COLUMN' as rule_code
    from cells
    inner join wrong_columns
        on
            cells.table_key = wrong_columns.table_key
            and cells.indicator = wrong_columns.indicator
            and cells.area_type = wrong_columns.area_type
            and cells.period = wrong_columns.period
    union all
    select
        cells.place_key,
        'POVERTY_SCALE_DIFFERS' as rule_code
    from cells
    inner join histories
        on
            cells.region_code = histories.region_code
            and cells.area_type = histories.area_type
            and cells.indicator = histories.indicator
    where cells.value not between histories.middle / 5 and histories.middle * 5
    union all
    select
        place_key,
        case when is_copy then 'POVERTY_ROW_COPIED' else 'POVERTY_ROWS_EQUAL' end as rule_code
    from judged_copies
    where is_copy or not is_original
)

select distinct
    place_key,
    rule_code
from found
