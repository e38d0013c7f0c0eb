-- Every instructed rupiah is paid, failed, returned or pending.
select
    event_id,
    benefit_code,
    instructed_idr,
    paid_idr + failed_idr + returned_idr + pending_idr as explained_idr
from {{ ref('mart_disbursement_reconciliation') }}
where paid_idr + failed_idr + returned_idr + pending_idr <> instructed_idr
