-- What each claim on published figures came to as they were known, from one change of the answer to the next.
select
    change.claim_id,
    change.known_from,
    change.known_until,
    claim.unit,
    change.recomputed_value,
    change.verdict,
    change.value_before,
    change.verdict_before,
    {{ publishable_file_name('change.file_name') }} as file_name,
    {{ publishable_hash('change.file_sha256') }} as file_sha256,
    change.known_until is null as is_current
from {{ ref('int_claim_changes') }} as change
inner join {{ ref('claims') }} as claim on change.claim_id = claim.claim_id
