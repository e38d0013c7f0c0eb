/*
 Figures that contradict what tables of two other titles agree on, and are those of another period or another region there:
 columns or rows of the table were shifted. Grain: figure compared with other tables; `is_shifted` says which.
*/
with cells as (
    select
        cell.*,
        coalesce(cell.table_title, cell.table_key) as title
    from {{ ref('int_poverty_cells') }} as cell
    anti join {{ ref('int_poverty_odd_figures') }} as odd on cell.place_key = odd.place_key and odd.rule_code <> 'POVERTY_ROWS_EQUAL'
    anti join {{ ref('int_poverty_wrong_sums') }} as wrong on cell.place_key = wrong.place_key and wrong.rule_code <> 'POVERTY_SUM_UNCLEAR'
    where cell.is_sound
),

told as (
    select
        cell,
        region_code,
        area_type,
        period,
        indicator,
        value,
        count(distinct title) as titles,
        min((delivered_at, file_name)) as first_told
    from cells
    group by all
),

compared as (
    select
        cells.place_key,
        cells.table_key,
        cells.file_sha256,
        cells.sheet,
        cells.region_code,
        cells.area_type,
        cells.period,
        cells.indicator,
        cells.value,
        bool_or(abs(told.value - cells.value) <= cells.revised_beyond and (told.value <> cells.value or told.titles > 1)) as is_confirmed,
        coalesce(max(told.titles) filter (where abs(told.value - cells.value) > cells.revised_beyond), 0) as titles_against,
        coalesce(
            bool_or((cells.delivered_at, cells.file_name) > told.first_told) filter (where abs(told.value - cells.value) > cells.revised_beyond),
            false
        ) as is_later
    from cells
    inner join told on cells.cell = told.cell
    group by all
    having is_confirmed or titles_against > 0
),

elsewhere as (
    select
        one.place_key,
        one.table_key,
        case
            when one.region_code = told.region_code then concat_ws(' ', one.indicator, one.area_type, one.period, told.period)
            else concat_ws(' ', one.area_type, one.region_code, told.region_code)
        end as shift
    from compared as one
    inner join told
        on
            one.area_type = told.area_type
            and one.indicator = told.indicator
            and one.value = told.value
            and (one.region_code = told.region_code) <> (one.period = told.period)
    where not one.is_confirmed and one.titles_against >= 2
),

shifted as (
    select distinct place_key
    from elsewhere
    qualify count(*) over (partition by table_key, shift) >= 3
)

select
    compared.*,
    shifted.place_key is not null as is_shifted
from compared
left join shifted on compared.place_key = shifted.place_key
