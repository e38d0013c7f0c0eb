-- The newest verdict under each finding's key; a waiver holds until its last day has passed.
select
    finding_key,
    verdict,
    reason,
    decided_by,
    decided_on,
    expires_on,
    not is_expired as is_in_force
from {{ ref('int_verdicts') }}
qualify row_number() over (partition by finding_key order by verdict_no desc) = 1
