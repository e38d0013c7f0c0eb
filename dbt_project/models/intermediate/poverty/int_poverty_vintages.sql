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

-- A vintage is shown by its first statement.
select
    cell,
    region_code,
    area_type,
    period,
    indicator,
    value,
    cast(vintage as integer) as vintage,
    vintage = max(vintage) over same_cell as is_latest,
    min(delivered_at) over same_run as known_from,
    cast(count(distinct file_sha256) over same_run as integer) as files,
    unit,
    table_title,
    released_on,
    file_sha256,
    sheet,
    source_row,
    source_column
from runs
window
    same_cell as (partition by cell),
    same_run as (partition by cell, vintage)
qualify row_number() over (partition by cell, vintage order by nth) = 1
