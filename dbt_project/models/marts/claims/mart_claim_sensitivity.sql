-- Claims on published figures with other base or end periods: how much of the answer is the choice of the months.
with published as (
    select distinct claim_id
    from {{ ref('claim_figures') }}
    where kind = 'bps'
)

select
    claim.claim_id,
    answer.base_period,
    answer.end_period,
    claim.unit,
    coalesce(claim.base_period, '') = coalesce(answer.base_period, '') and claim.end_period = answer.end_period as is_published_pair,
    answer.recomputed_value,
    cast(answer.recomputed_value - claim.published_value as decimal(18, 4)) as difference,
    answer.verdict,
    answer.peers_compared,
    case
        when answer.base_period is not null then {{ months_comparable('answer.base_period', 'answer.end_period') }} else true
    end as is_comparable
from {{ ref('claims') }} as claim
inner join {{ ref('int_claim_answers') }} as answer on claim.claim_id = answer.claim_id
semi join published on claim.claim_id = published.claim_id
where
    answer.known_at = 'infinity'
    and (
        answer.recomputed_value is not null
        or (coalesce(claim.base_period, '') = coalesce(answer.base_period, '') and claim.end_period = answer.end_period)
    )
