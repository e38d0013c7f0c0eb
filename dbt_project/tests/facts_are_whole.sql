-- Facts that are views cannot be held to NOT NULL: what their contracts promise is asked of the tables beneath them.
select reference_no as what
from {{ ref('int_transfer_payees') }}
where
    reference_no is null or event_id is null or benefit_code is null or coalesce(participant_id, account_key) is null or amount_idr is null
    or status is null or instructed_on is null or file_sha256 is null or source_row is null
union all
select cast(term_no as varchar) as what
from {{ ref('int_promise_terms') }}
where
    post_no is null or term_no is null or event_id is null or benefit_code is null or pillar_code is null or amount_idr is null
    or entitled_idr is null
union all
select participant_id as what
from {{ ref('int_posts') }}
where participant_id is null or post_no is null or is_sole is null or file_sha256 is null or source_row is null
union all
select participant_id as what
from {{ ref('int_entitlement_choices') }}
where participant_id is null or term_no is null or file_sha256 is null or source_row is null
union all
select cast(source_row as varchar) as what
from {{ ref('int_premium_months') }}
where
    insured_key is null or coverage_starts_on is null or amount_idr is null or paid_idr is null or status is null or payments is null
    or is_paid_twice is null or file_sha256 is null or source_row is null
