/*
 Published figures with what the checks of plausibility need to know of each: its table, its row, its delivery, its
 indicator's facts. A region that is unknown has no cell.
*/
with cells as (
    select
        line.*,
        delivery.file_name,
        delivery.delivered_at,
        region.parent_code,
        known.least,
        known.adds_up,
        known.repeats,
        known.yearly_from,
        coalesce(known.revised_beyond, 0) as revised_beyond,
        concat_ws(' ', line.file_sha256, line.sheet) as table_key,
        concat_ws(' ', line.file_sha256, line.sheet, line.source_row, line.source_column) as place_key,
        concat_ws(' ', line.file_sha256, line.sheet, line.source_row, line.region_code, line.area_type, line.period) as row_key,
        case
            when line.region_code is not null then concat_ws(' ', line.region_code, line.area_type, line.period, line.indicator)
        end as cell,
        not list_has_any(line.broken_rules, {{ rules_of_unsound_figures() }}) as is_sound,
        least(known.decimals, len(rtrim(split_part(cast(line.value as varchar), '.', 2), '0'))) as decimals
    from {{ ref('stg_poverty') }} as line
    inner join {{ source('raw', 'deliveries') }} as delivery on line.file_sha256 = delivery.file_sha256 and delivery.state = 'read'
    left join {{ ref('regions') }} as region on line.region_code = region.region_code
    left join {{ ref('indicators') }} as known on line.indicator = known.indicator
)

select
    * exclude (decimals),
    -- Half of the last digit in which the table prints this indicator for this period: what rounding can change.
    cast(0.5 / pow(10, max(decimals) over (partition by table_key, indicator, period)) as decimal(9, 6)) as half_digit
from cells
