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

vouched as (
    select place_key
    from {{ ref('int_poverty_sums') }}
    where is_right
    union
    select cells.place_key
    from cells
    inner join titles
        on
            cells.cell = titles.cell
            and abs(cells.value - titles.value) <= cells.revised_beyond
            and (titles.first_title <> coalesce(cells.table_title, cells.table_key) or titles.first_title <> titles.last_title)
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
        case kind when 'areas' then 'POVERTY_AREAS_DIFFER' else 'POVERTY_MEMBERS_DIFFER' end as rule_code
    from wrong_sums
    where doubtful = 1
    union
    select
        place_key,
        'POVERTY_CONFLICT_IN_TABLE' as rule_code
    from rivals
    where is_contested and vouched_values = 1 and not is_vouched
),

-- A wrong count that yet fits the rate of its row: not the count is wrong, the row stands under another period or region,
-- so all its figures do. People / rate is the population, which moves little in two years.
populations as (
    select
        people.place_key,
        people.row_key,
        people.region_code,
        people.area_type,
        cast(left(people.period, 4) as integer) as year,
        100 * people.value / rate.value as population
    from cells as people
    inner join cells as rate on people.row_key = rate.row_key
    where people.indicator = 'poor_people_thousand' and rate.indicator = 'poverty_rate_pct' and rate.value > 0
),

misplaced_rows as (
    select one.row_key
    from populations as one
    inner join blamed on one.place_key = blamed.place_key
    inner join populations as near
        on
            one.region_code = near.region_code
            and one.area_type = near.area_type
            and one.row_key <> near.row_key
            and near.year between one.year - 2 and one.year + 2
    group by one.row_key, one.population
    having count(*) >= 3 and abs(one.population - median(near.population)) <= 0.03 * median(near.population)
),

misplaced as (
    select cells.place_key
    from cells
    inner join misplaced_rows on cells.row_key = misplaced_rows.row_key
    anti join blamed on cells.place_key = blamed.place_key
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
),

-- A parent's rate must be its members' people over their population (people / rate), where their counts do add up.
-- Population of other years is no yardstick: it was rebased in 2010 and 2020.
rates as (
    select
        table_key,
        parent_code,
        region_code,
        area_type,
        period,
        max(value) filter (where indicator = 'poor_people_thousand') as people,
        max(value) filter (where indicator = 'poverty_rate_pct') as rate,
        max(place_key) filter (where indicator = 'poor_people_thousand') as people_place,
        max(place_key) filter (where indicator = 'poverty_rate_pct') as rate_place
    from cells
    group by all
),

wrong_rates as (
    select parent.rate_place as place_key
    from rates as parent
    inner join {{ ref('int_poverty_sums') }} as sums
        on parent.people_place = sums.whole_place and sums.place_key = sums.whole_place and sums.kind = 'members' and sums.is_right
    inner join rates as child
        on
            parent.table_key = child.table_key
            and parent.region_code = child.parent_code
            and parent.area_type = child.area_type
            and parent.period = child.period
    where child.people > 0 and child.rate > 0
    group by parent.rate_place, parent.rate
    having count(*) >= 30 and abs(parent.rate - 100 * sum(child.people) / sum(100 * child.people / child.rate)) > 0.05
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
    place_key,
    'POVERTY_RATE_COUNT_DIFFER' as rule_code
from wrong_rates
where place_key is not null
union
select
    whole_place as place_key,
    'POVERTY_SUM_UNCLEAR' as rule_code
from wrong_sums
anti join explained on wrong_sums.sum_key = explained.sum_key
