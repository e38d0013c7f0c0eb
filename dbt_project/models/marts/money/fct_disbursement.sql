-- Transfer attempts as the bank last stated them.
select
    {{ publishable_reference('reference_no') }} as reference_no,
    {{ publishable_reference('batch') }} as batch,
    event_id,
    benefit_code,
    participant_id,
    account_key,
    amount_idr,
    status,
    {{ publishable_reference('reason_code') }} as reason_code,
    cast(row_number() over (
        partition by event_id, benefit_code, payee_key
        order by instructed_on, reference_no
    ) as integer) as attempt_no,
    {{ publishable_reference('retry_of') }} as retry_of,
    instructed_on,
    settled_on,
    coalesce(submitter, '-') as submitter,
    {{ publishable_hash('file_sha256') }} as file_sha256,
    sheet,
    source_row
from {{ ref('int_transfers') }}
