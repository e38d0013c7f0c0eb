-- One payee may come back more than once: attempts are counted as attempts, payees once for each reason.
with came_back as (
    select
        attempt.event_id,
        attempt.benefit_code,
        attempt.status,
        attempt.reason_code,
        attempt.amount_idr,
        coalesce(attempt.participant_id, attempt.account_key) as payee,
        payee.outcome in ('PAID', 'OVERPAID') as is_paid_since
    from fct_disbursement as attempt
    left join mart_disbursement_reconciliation as payee
        on
            attempt.event_id = payee.event_id
            and attempt.benefit_code = payee.benefit_code
            and coalesce(attempt.participant_id, attempt.account_key) = coalesce(payee.participant_id, payee.account_key)
    where attempt.status in ('GAGAL', 'RETUR')
)

select
    came_back.event_id,
    came_back.benefit_code,
    came_back.status,
    came_back.reason_code,
    reason.meaning_id,
    reason.meaning_en,
    reason.advice_id,
    reason.advice_en,
    count(*) as attempts,
    sum(came_back.amount_idr) as amount_idr,
    count(distinct came_back.payee) as payees,
    count(distinct case when came_back.is_paid_since then came_back.payee end) as payees_paid_since
from came_back
left join dim_bank_reason as reason on came_back.reason_code = reason.reason_code
group by
    came_back.event_id,
    came_back.benefit_code,
    came_back.status,
    came_back.reason_code,
    reason.meaning_id,
    reason.meaning_en,
    reason.advice_id,
    reason.advice_en
