-- Nothing is lost: each file's rows are accepted, quarantined or superseded, and staging holds them all.
select
    ledger.feed,
    ledger.file_sha256,
    ledger.rows_read
from {{ ref('file_ledger') }} as ledger
where ledger.rows_read <> ledger.rows_accepted + ledger.rows_quarantined + ledger.rows_superseded
