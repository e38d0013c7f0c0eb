{{ config(
    materialized='incremental',
    incremental_strategy='renew',
    on_schema_change='fail',
    meta={
        'news': 'int_payee_news',
        'on': 'renewed.event_id = news.event_id and renewed.benefit_code = news.benefit_code and coalesce(renewed.participant_id, renewed.account_key) = news.payee_key'
    }
) }}
-- depends_on: {{ ref('int_payee_news') }}
-- Transfer attempts as the bank last stated them, in the order in which each payee got them.
select
    {{ publishable_reference('transfer.reference_no') }} as reference_no,
    coalesce({{ publishable_reference('transfer.batch') }}, '-') as batch,
    transfer.event_id,
    transfer.benefit_code,
    transfer.participant_id,
    transfer.account_key,
    coalesce(transfer.promised_region_code, person.region_code) as region_code,
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
{% if is_incremental() %}
semi join {{ ref('int_payee_news') }} as news
    on transfer.event_id = news.event_id and transfer.benefit_code = news.benefit_code and transfer.payee_key = news.payee_key
{% endif %}
left join {{ ref('dim_participant') }} as person on transfer.participant_id = person.participant_id and person.is_current
