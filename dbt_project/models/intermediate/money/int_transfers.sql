{{ config(materialized='view') }}
-- Accepted transfers with their place among the attempts to their payee. A view: only payees with several attempts have more
-- to say than `int_transfer_payees` does.
select
    payee.* exclude (payee_rules),
    coalesce(payee.participant_id, payee.account_key) as payee_key,
    coalesce(attempt.attempt_no, 1) as attempt_no,
    coalesce(attempt.attempts, 1) as attempts,
    attempt.retry_of_matched,
    coalesce(payee.retry_of_stated, attempt.retry_of_matched) as retry_of,
    case when payee.retry_of_stated is not null then 'stated' when attempt.retry_of_matched is not null then 'matched' end as retry_match,
    case when attempt.retry_of_matched is not null then list_append(payee.payee_rules, 'RETRY_MATCHED') else payee.payee_rules end as transfer_rules
from {{ ref('int_transfer_payees') }} as payee
left join {{ ref('int_transfer_attempts') }} as attempt on payee.reference_no = attempt.reference_no
