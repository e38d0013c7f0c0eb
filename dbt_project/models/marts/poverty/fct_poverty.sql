-- Published poverty figures; revisions keep both, is_latest picks the newest release.
with accepted as (
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

vintages as (
    select
        region_code,
        area_type,
        period,
        indicator,
        value,
        min((release_order, delivered_at, file_name, file_sha256)) as first_release,
        max((release_order, delivered_at, file_name, file_sha256)) as last_release,
        count(distinct file_sha256) as files,
        arg_min(
            struct_pack(
                unit := unit, table_title := table_title, released_on := released_on, file_sha256 := file_sha256,
                sheet := sheet, source_row := source_row, source_column := source_column
            ),
            (release_order, delivered_at, file_name, file_sha256, source_row, source_column)
        ) as origin
    from accepted
    group by region_code, area_type, period, indicator, value
)

select
    region_code,
    area_type,
    period,
    indicator,
    value,
    cast(row_number() over (cell order by last_release, value) as integer) as vintage,
    row_number() over (cell order by last_release desc, value desc) = 1 as is_latest,
    origin.unit,
    origin.table_title,
    origin.released_on,
    cast(files as integer) as files,
    {{ publishable_hash('origin.file_sha256') }} as file_sha256,
    origin.sheet,
    cast(origin.source_row as integer) as source_row,
    origin.source_column
from vintages
window cell as (partition by region_code, area_type, period, indicator)
