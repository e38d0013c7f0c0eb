-- What is promised to people equals what the reconciliation says they are entitled to.
with promised as (
    select coalesce(sum(entitlement.entitled_idr), 0) as amount_idr
    from {{ ref('int_entitlements') }} as entitlement
    inner join {{ ref('benefits') }} as benefit on entitlement.benefit_code = benefit.benefit_code
    where benefit.settled_by = 'transfer'
),

reconciled as (
    select coalesce(sum(entitled_idr), 0) as amount_idr
    from {{ ref('mart_disbursement_reconciliation') }}
)

select
    promised.amount_idr as promised_idr,
    reconciled.amount_idr as reconciled_idr
from promised
cross join reconciled
where promised.amount_idr <> reconciled.amount_idr
