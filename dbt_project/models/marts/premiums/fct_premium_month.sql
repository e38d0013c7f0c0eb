{{ config(materialized='view') }}
-- Cover, one row a person and month. A view: the release holds it as a table, and nothing in the warehouse reads it.
select
    month.participant_id,
    month.member_key,
    {{ month_text('month.coverage_starts_on') }} as coverage_month,
    month.coverage_starts_on,
    month.program,
    month.amount_idr,
    month.rate_idr,
    month.paid_idr,
    month.status,
    cast(month.payments as integer) as payments,
    month.is_paid_twice,
    month.paid_on,
    expected.participant_id is not null as is_entitled,
    {{ publishable_hash('month.file_sha256') }} as file_sha256,
    month.sheet,
    month.source_row
from {{ ref('int_premium_months') }} as month
left join {{ ref('int_cover_expected') }} as expected
    on month.participant_id = expected.participant_id and month.coverage_starts_on = expected.coverage_starts_on
