-- Published poverty figures; revisions keep both, is_latest picks the newest release.
select
    region_code,
    area_type,
    period,
    indicator,
    value,
    vintage,
    is_latest,
    known_from,
    unit,
    table_title,
    released_on,
    files,
    {{ publishable_hash('file_sha256') }} as file_sha256,
    sheet,
    cast(source_row as integer) as source_row,
    source_column
from {{ ref('int_poverty_vintages') }}
