-- Public claims, recomputed each night from landed evidence.
with rests_on as (
    select
        claim_id,
        string_agg(distinct kind, ' ' order by kind) as evidence_kinds
    from {{ ref('claim_figures') }}
    group by claim_id
)

select
    claim.claim_id,
    claim.claim_text,
    claim.claim_text_en,
    claim.source,
    claim.source_date,
    claim.unit,
    claim.formula,
    claim.base_period,
    claim.end_period,
    claim.tolerance,
    claim.published_value,
    answer.recomputed_value,
    cast(answer.recomputed_value - claim.published_value as decimal(18, 4)) as difference,
    answer.verdict,
    answer.basis_id || ' / ' || answer.basis_en as basis,
    rests_on.evidence_kinds,
    answer.peers_compared,
    case
        when claim.base_period is not null and claim.end_period is not null
            then {{ months_comparable('claim.base_period', 'claim.end_period') }}
    end as is_comparable,
    case when answer.verdict = 'NOT_VERIFIABLE' then claim.settle_by end as settle_by,
    case when answer.verdict = 'NOT_VERIFIABLE' then claim.settle_by_en end as settle_by_en
from {{ ref('claims') }} as claim
inner join {{ ref('int_claim_answers') }} as answer
    on
        claim.claim_id = answer.claim_id
        and coalesce(claim.base_period, '') = coalesce(answer.base_period, '')
        and coalesce(claim.end_period, '') = coalesce(answer.end_period, '')
inner join rests_on on claim.claim_id = rests_on.claim_id
where answer.known_at = 'infinity'
