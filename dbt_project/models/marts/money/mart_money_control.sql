-- Whether the money closes to the rupiah, at the level of file, batch, event, region and person.
select
    level,
    what,
    {{ publishable_hash('raw_sha256') }} as file_sha256,
    stated_idr,
    stated_count,
    rows_idr,
    rows_count,
    accepted_idr,
    quarantined_idr,
    superseded_idr,
    mart_idr,
    difference_idr,
    verdict,
    cause
from {{ ref('int_money_control') }}
