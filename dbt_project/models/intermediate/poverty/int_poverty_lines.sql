/*
 Published figures with the rules that only show when figures stand beside each other in one table. Every file adds:
 nothing supersedes, a different figure for the same cell is another vintage.
*/
with cells as (
    select
        *,
        concat_ws(' ', file_sha256, sheet) as table_key,
        concat_ws(' ', file_sha256, sheet, source_row, source_column) as place_key,
        concat_ws(' ', region_code, area_type, period, indicator) as cell
    from {{ ref('stg_poverty') }}
),

in_table as (
    select
        place_key,
        count(distinct value) over same_cell as cell_values,
        row_number() over (same_cell order by source_row, source_column) as nth
    from cells
    where region_code is not null
    window same_cell as (partition by table_key, cell)
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

-- A count or line that stands in three half-years and more, or a rate in five, was filled in, not measured. Two are
-- chance (Kabupaten Blitar had 101.94 thousand poor in 2022 and in 2023); P1 and P2 have too few digits to tell.
-- The year's own figure beside it says which of the equal ones is meant.
repeated as (
    select
        table_key,
        region_code,
        area_type,
        indicator,
        value,
        count(distinct period) as periods
    from cells
    where len(period) = 7 and value <> 0
    group by all
    having
        periods >= case indicator
            when 'poor_people_thousand' then 3 when 'poverty_line_idr' then 3 when 'poverty_rate_pct' then 5 else 99
        end
),

wide as (
    select
        table_key,
        region_code,
        area_type,
        period,
        max(value) filter (where indicator = 'poor_people_thousand') as people,
        max(value) filter (where indicator = 'poverty_rate_pct') as rate
    from cells
    where region_code is not null
    group by all
),

-- A parent's rate must be its members' people over their population (people / rate). Population of other years is no
-- yardstick: it was rebased in 2010 and 2020.
members as (
    select
        wide.table_key,
        region.parent_code as region_code,
        wide.area_type,
        wide.period,
        sum(wide.people) as people,
        100 * sum(wide.people) / sum(100 * wide.people / wide.rate) as rate,
        count(*) as members
    from wide
    inner join {{ ref('regions') }} as region on wide.region_code = region.region_code
    where wide.people > 0 and wide.rate > 0 and region.parent_code is not null
    group by all
),

wrong_rates as (
    select
        wide.table_key,
        wide.region_code,
        wide.area_type,
        wide.period
    from wide
    inner join members
        on
            wide.table_key = members.table_key
            and wide.region_code = members.region_code
            and wide.area_type = members.area_type
            and wide.period = members.period
    where
        members.members >= 30
        and abs(members.people - wide.people) <= 0.01 * members.members
        and abs(wide.rate - members.rate) > 0.05
),

areas as (
    select
        table_key,
        region_code,
        period,
        max(value) filter (where area_type = 'urban') as urban,
        max(value) filter (where area_type = 'rural') as rural,
        max(value) filter (where area_type = 'total') as total
    from cells
    where indicator = 'poor_people_thousand' and region_code is not null
    group by all
),

-- Where the areas do not add up, rows were swapped: every indicator of that region and period is in doubt, or only the
-- odd area where the other equals the total (a province without villages).
torn_areas as (
    select
        table_key,
        region_code,
        period,
        case
            when coalesce(urban, 0) = total and coalesce(rural, 0) <> 0 then ['rural']
            when coalesce(rural, 0) = total and coalesce(urban, 0) <> 0 then ['urban']
            else ['urban', 'rural', 'total']
        end as area_types
    from areas
    where total is not null and (urban is not null or rural is not null) and abs(coalesce(urban, 0) + coalesce(rural, 0) - total) > 0.15
),

lines as (
    select
        cells.* exclude (broken_rules, table_key, place_key),
        cells.place_key as slice_key,
        list_concat(cells.broken_rules, {{ rules_broken({
            'POVERTY_CONFLICT_IN_TABLE': 'in_table.cell_values > 1',
            'POVERTY_DUPLICATE_ROW': 'in_table.cell_values = 1 and in_table.nth > 1',
            'POVERTY_REPEATED_VALUE': 'len(cells.period) = 7 and repeated.value is not null and yearly.value is null',
            'POVERTY_RATE_COUNT_DIFFER': "cells.indicator = 'poverty_rate_pct' and wrong_rates.region_code is not null",
            'POVERTY_AREAS_DIFFER': 'list_contains(torn_areas.area_types, cells.area_type)'
        }) }}) as broken_rules
    from cells
    left join in_table on cells.place_key = in_table.place_key
    left join repeated
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
    left join wrong_rates
        on
            cells.table_key = wrong_rates.table_key
            and cells.region_code = wrong_rates.region_code
            and cells.area_type = wrong_rates.area_type
            and cells.period = wrong_rates.period
    left join torn_areas
        on
            cells.table_key = torn_areas.table_key
            and cells.region_code = torn_areas.region_code
            and cells.period = torn_areas.period
),

states as (
    {{ row_states('lines', 'placed.source_column') }}
)

select * from states
