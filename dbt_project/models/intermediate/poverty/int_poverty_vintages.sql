/*
 What releases say of each cell, one after the other. A vintage is a run of releases that state the same value: a value
 that comes back after a revision is another vintage. So the newest vintage with known_from up to a moment is what was
 known at that moment, whatever the order in which files landed.
*/
with stated as (
    select
        *,
        -- When BPS does not say when it released a table, the newest period in it orders the releases.
        coalesce(
            released_on,
            last_day(cast(try_strptime(rpad(table_period, 7, '-12') || '-01', '%Y-%m-%d') as date)),
            cast(delivered_at as date)
        ) as release_order
    from {{ ref('int_poverty_lines') }}
    where row_state = 'accepted'
),

changes as (
    select
        *,
        coalesce(value <> lag(value) over releases, true) as is_change,
        row_number() over releases as nth
    from stated
    window releases as (
        partition by cell
        order by release_order, delivered_at, file_name, file_sha256, sheet, source_row, source_column
    )
),

runs as (
    select
        *,
        sum(cast(is_change as integer)) over (partition by cell order by nth rows unbounded preceding) as vintage
    from changes
)

select
    cell,
    region_code,
    area_type,
    period,
    indicator,
    value,
    cast(vintage as integer) as vintage,
    vintage = max(vintage) over (partition by cell) as is_latest,
    min(delivered_at) as known_from,
    count(distinct file_sha256) as files,
    arg_min(
        struct_pack(
            unit := unit, table_title := table_title, released_on := released_on, file_sha256 := file_sha256,
            sheet := sheet, source_row := source_row, source_column := source_column
        ), nth
    ) as origin
from runs
group by cell, region_code, area_type, period, indicator, value, vintage
