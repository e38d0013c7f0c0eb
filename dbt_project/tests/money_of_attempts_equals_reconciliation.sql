-- The attempts of each event and benefit sum to what the reconciliation says was instructed.
with attempts as (
    select
        event_id,
        benefit_code,
        sum(amount_idr) as amount_idr
    from {{ ref('fct_disbursement') }}
    group by event_id, benefit_code
),

reconciled as (
    select
        event_id,
        benefit_code,
        sum(instructed_idr) as amount_idr
    from {{ ref('mart_disbursement_reconciliation') }}
    group by event_id, benefit_code
)

select
    reconciled.event_id,
    reconciled.benefit_code,
    attempts.amount_idr as attempted_idr,
    reconciled.amount_idr as reconciled_idr
from reconciled
left join attempts on reconciled.event_id = attempts.event_id and reconciled.benefit_code = attempts.benefit_code
where reconciled.amount_idr <> coalesce(attempts.amount_idr, 0)
