{{ config(
    materialized='incremental',
    incremental_strategy='renew',
    on_schema_change='fail',
    meta={
        'news': 'int_disbursement_news',
        'on': publishable_hash('news.file_sha256') ~ ' = renewed.file_sha256 and renewed.sheet = news.sheet and renewed.source_row = news.source_row'
    }
) }}
-- depends_on: {{ ref('int_disbursement_news') }}
-- Every row that banks ever delivered about a reference, in the order of deliveries: the whole life of each transfer.
select
    {{ publishable_reference('line.reference_no') }} as reference_no,
    line.statement_no,
    line.is_latest_statement as is_latest,
    line.row_state = 'accepted' as counts,
    line.row_state,
    line.goes_backward,
    {{ publishable_reference('line.batch') }} as batch,
    coalesce(event.event_id, {{ publishable_reference('line.event_text') }}) as event_id,
    line.benefit_code,
    line.status,
    {{ publishable_reference('line.reason_code') }} as reason_code,
    line.amount_idr,
    line.instructed_on,
    line.settled_on,
    {{ publishable_reference('line.retry_of') }} as retry_of,
    line.delivered_at,
    coalesce(line.submitter, '-') as submitter,
    {{ publishable_hash('line.file_sha256') }} as file_sha256,
    line.sheet,
    line.source_row
from {{ ref('int_disbursement_lines') }} as line
{% if is_incremental() %}
semi join {{ ref('int_disbursement_news') }} as news
    on line.file_sha256 = news.file_sha256 and line.sheet = news.sheet and line.source_row = news.source_row
{% endif %}
left join {{ ref('int_event_keys') }} as event on line.event_key = event.match_key
where line.reference_no is not null
