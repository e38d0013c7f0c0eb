{{ config(materialized='view') }}
-- Transfer attempts as the bank last stated them, in the order in which each payee got them. A view: the release holds it as
-- a table, and in the warehouse it would be int_transfer_payees written once more.
select
    {{ publishable_reference('transfer.reference_no') }} as reference_no,
    coalesce({{ publishable_reference('transfer.batch') }}, '-') as batch,
    transfer.event_id,
    transfer.benefit_code,
    transfer.participant_id,
    transfer.account_key,
    coalesce(terms.region_code, person.region_code) as region_code,
    transfer.amount_idr,
    transfer.status,
    {{ publishable_reference('transfer.reason_code') }} as reason_code,
    transfer.attempt_no,
    {{ publishable_reference('transfer.retry_of') }} as retry_of,
    transfer.retry_match,
    transfer.instructed_on,
    transfer.settled_on,
    coalesce(transfer.submitter, '-') as submitter,
    {{ publishable_hash('transfer.file_sha256') }} as file_sha256,
    transfer.sheet,
    transfer.source_row
from {{ ref('int_transfers') }} as transfer
left join {{ ref('int_promise_terms') }} as terms on transfer.term_no = terms.term_no
left join {{ ref('dim_participant') }} as person
    on person.participant_id = case when terms.region_code is null then transfer.participant_id end and person.is_current
