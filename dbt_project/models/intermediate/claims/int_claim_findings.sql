/*
 Claims that held, until a publication said otherwise: told at the cell that changed the answer. Once the claim holds again the
 finding is closed by the file that mended it.
*/
with falls as (
    select *
    from {{ ref('int_claim_changes') }}
    where verdict = 'DIFFERS' and verdict_before = 'CONFIRMED'
    qualify row_number() over (partition by claim_id order by known_from desc) = 1
),

mended as (
    select
        falls.claim_id,
        arg_min(change.file_sha256, change.known_from) as file_sha256
    from falls
    inner join {{ ref('int_claim_changes') }} as change
        on falls.claim_id = change.claim_id and falls.known_from < change.known_from and change.verdict = 'CONFIRMED'
    group by falls.claim_id
)

select
    'poverty' as feed,
    falls.file_sha256,
    falls.sheet,
    falls.source_row,
    falls.source_column,
    falls.claim_id as subject,
    'CLAIM_NO_LONGER_HOLDS' as rule_code,
    mended.claim_id is not null as is_superseded,
    mended.file_sha256 as newest_sha256
from falls
left join mended on falls.claim_id = mended.claim_id
