/*
 Who is to blame where figures do not fit each other. A figure is vouched for when another sum that it stands in comes
 out, or when a table of another title states the same. Where a sum is wrong and all but one of its figures are vouched
 for, that one is wrong; else nobody can tell, and the total is only marked.
*/
with cells as (
    select *
    from {{ ref('int_poverty_cells') }} as cell
    anti join {{ ref('int_poverty_odd_figures') }} as odd on cell.place_key = odd.place_key and odd.rule_code <> 'POVERTY_ROWS_EQUAL'
    where cell.is_sound
),

titles as (
    select
        cell,
        value,
        min(coalesce(table_title, table_key)) as first_title,
        max(coalesce(table_title, table_key)) as last_title
    from cells
    group by all
),

-- People / rate is the population by the survey, which moves little in two years.
populations as (
    select
        people.place_key as people_place,
        rate.place_key as rate_place,
        people.row_key,
        people.table_key,
        people.region_code,
        people.area_type,
        cast(left(people.period, 4) as integer) as year,
        100 * people.value / rate.value as population
    from cells as people
    inner join cells as rate
        on people.row_key = rate.row_key and people.indicator = 'poor_people_thousand' and rate.indicator = 'poverty_rate_pct'
    where rate.value > 0
),

near_populations as (
    select
        one.people_place,
        one.rate_place,
        one.row_key,
        abs(one.population / median(near.population) - 1) as deviation,
        count(*) as others
    from populations as one
    inner join populations as near
        on
            one.region_code = near.region_code
            and one.area_type = near.area_type
            and one.row_key <> near.row_key
            and near.year between one.year - 2 and one.year + 2
    group by one.people_place, one.rate_place, one.row_key, one.population
),

told_elsewhere as (
    select cells.place_key
    from cells
    inner join titles
        on
            cells.cell = titles.cell
            and abs(cells.value - titles.value) <= cells.revised_beyond
            and (titles.first_title <> coalesce(cells.table_title, cells.table_key) or titles.first_title <> titles.last_title)
),

vouched as (
    select place_key
    from {{ ref('int_poverty_sums') }}
    where is_right and kind <> 'rates'
    union
    select place_key
    from told_elsewhere
    union
    select rate_place as place_key
    from near_populations
    where deviation <= 0.02
),

wrong_sums as (
    select
        sums.sum_key,
        sums.kind,
        sums.whole_place,
        count(*) filter (where vouched.place_key is null) as doubtful,
        min(sums.place_key) filter (where vouched.place_key is null) as doubtful_place
    from {{ ref('int_poverty_sums') }} as sums
    left join vouched on sums.place_key = vouched.place_key
    where not sums.is_right
    group by sums.sum_key, sums.kind, sums.whole_place
),

-- Of two figures for one cell of a table, the one that a sum or another table vouches for stands.
rivals as (
    select
        cells.*,
        vouched.place_key is not null as is_vouched,
        min(cells.value) over same_cell <> max(cells.value) over same_cell as is_contested,
        count(distinct cells.value) filter (where vouched.place_key is not null) over same_cell as vouched_values
    from cells
    left join vouched on cells.place_key = vouched.place_key
    window same_cell as (partition by cells.table_key, cells.cell)
),

blamed as (
    select
        doubtful_place as place_key,
        case kind
            when 'areas' then 'POVERTY_AREAS_DIFFER' when 'members' then 'POVERTY_MEMBERS_DIFFER' else 'POVERTY_RATE_COUNT_DIFFER'
        end as rule_code
    from wrong_sums
    where doubtful = 1
    union
    select
        place_key,
        'POVERTY_CONFLICT_IN_TABLE' as rule_code
    from rivals
    where is_contested and vouched_values = 1 and not is_vouched
),

-- Wrong counts in two rows or more of a region that yet fit the rates beside them: not the counts are wrong, the rows stand
-- under other periods or regions, so all their figures do; unless another table says what the row says.
misplaced_rows as (
    select populations.row_key
    from populations
    inner join near_populations as near on populations.people_place = near.people_place and populations.rate_place = near.rate_place
    semi join blamed on populations.people_place = blamed.place_key
    where near.others >= 2 and near.deviation <= 0.03
    qualify count(distinct populations.row_key) over (
        partition by populations.table_key, populations.region_code, populations.area_type
    ) >= 2
),

misplaced as (
    select cells.place_key
    from cells
    semi join misplaced_rows on cells.row_key = misplaced_rows.row_key
    anti join blamed on cells.place_key = blamed.place_key
    anti join told_elsewhere on cells.place_key = told_elsewhere.place_key
),

contested as (
    select rivals.place_key
    from rivals
    anti join blamed on rivals.place_key = blamed.place_key
    anti join misplaced on rivals.place_key = misplaced.place_key
    where rivals.is_contested
    qualify min(rivals.value) over (partition by rivals.table_key, rivals.cell) <> max(rivals.value) over (partition by rivals.table_key, rivals.cell)
),

-- What a figure that is known to be wrong did not let come out needs no other culprit.
explained as (
    select sums.sum_key
    from {{ ref('int_poverty_sums') }} as sums
    inner join blamed on sums.place_key = blamed.place_key
)

select
    place_key,
    rule_code
from blamed
union
select
    place_key,
    'POVERTY_ROW_MISPLACED' as rule_code
from misplaced
union
select
    place_key,
    'POVERTY_CONFLICT_IN_TABLE' as rule_code
from contested
union
select
    whole_place as place_key,
    'POVERTY_SUM_UNCLEAR' as rule_code
from wrong_sums
anti join explained on wrong_sums.sum_key = explained.sum_key
