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
    origin.unit,
    origin.table_title,
    origin.released_on,
    cast(files as integer) as files,
    {{ publishable_hash('origin.file_sha256') }} as file_sha256,
    origin.sheet,
    cast(origin.source_row as integer) as source_row,
    origin.source_column
from {{ ref('int_poverty_vintages') }}
