-- Why a transfer failed or came back, by the codes of BI-FAST and SNAP, with what to do next.
select
    reason.reason_code,
    reason.code_list,
    reason.meaning_id,
    reason.meaning_en,
    reason.next_step,
    step.advice_id,
    step.advice_en
from {{ ref('bank_reasons') }} as reason
inner join {{ ref('bank_next_steps') }} as step on reason.next_step = step.next_step
