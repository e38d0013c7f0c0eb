{{ config(materialized='view') }}
-- Every row that banks ever delivered about a reference, in the order of deliveries: the whole life of each transfer. A view:
-- the release holds it as a table, and nothing in the warehouse reads it.
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
left join {{ ref('int_event_keys') }} as event on line.event_key = event.match_key
where line.reference_no is not null
