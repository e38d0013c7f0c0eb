/*
 What is asked of a claim: its own two periods with all that is known (and, for claims on published figures, with what was known
 whenever one of them changed), and other base or end periods with all that is known.
*/
with claims as (
    select
        claim.claim_id,
        claim.region_code,
        claim.base_period,
        claim.end_period,
        replace(claim.formula, ' ', '') like '%rank(%' as is_ranked,
        claim.peers
    from {{ ref('claims') }} as claim
),

-- The regions of a claim: its own, and those that it is ranked among.
regions as (
    select
        claims.claim_id,
        region.region_code
    from claims
    inner join {{ ref('regions') }} as region
        on
            claims.region_code = region.region_code
            or claims.is_ranked
            and (claims.peers = region.region_level or list_contains(string_split(claims.peers, ';'), region.region_code))
),

-- What publications state of each claim's figures, in any period.
stated as (
    select distinct
        claims.claim_id,
        vintage.region_code = claims.region_code as is_own,
        vintage.period,
        vintage.known_from
    from claims
    inner join regions on claims.claim_id = regions.claim_id
    inner join {{ ref('claim_figures') }} as figure on claims.claim_id = figure.claim_id and figure.kind = 'bps'
    inner join {{ ref('int_poverty_vintages') }} as vintage
        on
            figure.indicator = vintage.indicator
            and figure.area_type = vintage.area_type
            and coalesce(figure.region_code, regions.region_code) = vintage.region_code
),

other_periods as (
    select distinct
        claim_id,
        period
    from stated
    where is_own
),

scenarios as (
    select
        claim_id,
        base_period,
        end_period,
        cast('infinity' as timestamp) as known_at
    from claims
    union
    select
        claims.claim_id,
        claims.base_period,
        claims.end_period,
        stated.known_from as known_at
    from claims
    inner join stated on claims.claim_id = stated.claim_id and stated.period in (claims.base_period, claims.end_period)
    union
    select
        claims.claim_id,
        other.period as base_period,
        claims.end_period,
        cast('infinity' as timestamp) as known_at
    from claims
    inner join other_periods as other
        on
            claims.claim_id = other.claim_id
            and claims.end_period > other.period
            and len(claims.base_period) = len(other.period)
    union
    select
        claims.claim_id,
        claims.base_period,
        other.period as end_period,
        cast('infinity' as timestamp) as known_at
    from claims
    inner join other_periods as other
        on
            claims.claim_id = other.claim_id
            and coalesce(claims.base_period, '') < other.period
            and len(claims.end_period) = len(other.period)
)

select
    scenarios.claim_id,
    scenarios.base_period,
    scenarios.end_period,
    scenarios.known_at,
    regions.region_code
from scenarios
left join regions on scenarios.claim_id = regions.claim_id
