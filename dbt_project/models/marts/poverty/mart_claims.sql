-- Public claims, recomputed each night from landed evidence.
with figures as (
    select
        region_code,
        period,
        value
    from {{ ref('fct_poverty') }}
    where is_latest and indicator = 'poor_people_thousand' and area_type = 'total'
),

claims as (
    select *
    from {{ ref('claims') }}
),

falls as (
    select
        claims.claim_id,
        base.region_code,
        base.value as base_value,
        last.value as end_value,
        base.value - last.value as fall,
        rank() over (partition by claims.claim_id order by base.value - last.value desc) as place,
        count(*) over (partition by claims.claim_id) as provinces
    from claims
    inner join figures as base on claims.base_period = base.period
    inner join figures as last on claims.end_period = last.period and base.region_code = last.region_code
    inner join {{ ref('dim_region') }} as region on base.region_code = region.region_code and region.region_level = 'province'
    where claims.formula in ('poverty_fall', 'poverty_fall_rank')
),

event_people as (
    select
        claims.claim_id,
        count(distinct entitlement.participant_id) as people,
        min(entitlement.entitled_idr) filter (where entitlement.benefit_code = 'TALI_ASIH') as smallest_idr,
        max(entitlement.entitled_idr) filter (where entitlement.benefit_code = 'TALI_ASIH') as largest_idr
    from claims
    inner join {{ ref('int_entitlements') }} as entitlement
        on
            claims.event_id = entitlement.event_id
            and (claims.pillar_code is null or claims.pillar_code = entitlement.pillar_code)
    group by claims.claim_id
),

covered as (
    select
        claims.claim_id,
        min(coverage.months_covered) as fewest,
        max(coverage.months_covered) as most,
        count(*) as people,
        count(*) filter (where coverage.months_covered < claims.published_value) as people_short
    from claims
    inner join {{ ref('dim_event') }} as event on claims.event_id = event.event_id
    inner join {{ ref('mart_premium_coverage') }} as coverage
        on coverage.year = year(event.event_date) and coverage.months_expected > 0
    where claims.formula = 'premium_months'
    group by claims.claim_id
),

recomputed as (
    select
        claims.*,
        case claims.formula
            when 'poverty_fall' then falls.fall * 1000
            when 'poverty_fall_rank' then falls.place
            when 'people_entitled' then event_people.people
            when 'amount_each' then case when event_people.smallest_idr = event_people.largest_idr then event_people.largest_idr end
            when 'premium_months' then covered.fewest
        end as recomputed,
        case claims.formula
            when 'poverty_fall'
                then format(
                    'BPS, ribu orang / thousand people: {} ({}) - {} ({})',
                    cast(falls.base_value as decimal(18, 2)), claims.base_period, cast(falls.end_value as decimal(18, 2)), claims.end_period
                )
            when 'poverty_fall_rank' then format('BPS: peringkat di antara {0} provinsi / rank among {0} provinces', falls.provinces)
            when 'people_entitled' then 'Daftar peserta yang diterima / accepted rosters of the event'
            when 'amount_each' then 'Hak per orang dari feed events / entitlement for each person'
            when 'premium_months'
                then format(
                    'Bulan lunas paling sedikit per orang; {0} dari {1} orang kurang / fewest months paid; {0} of {1} people short',
                    covered.people_short, covered.people
                )
            else 'Hanya angka pers; memerlukan tabel kemiskinan ekstrem BPS / press figures only; a BPS table of extreme poverty would settle it'
        end as basis
    from claims
    left join falls on claims.claim_id = falls.claim_id and claims.region_code = falls.region_code
    left join event_people on claims.claim_id = event_people.claim_id
    left join covered on claims.claim_id = covered.claim_id
)

select
    claim_id,
    claim_text,
    claim_text_en,
    source,
    source_date,
    unit,
    cast(published_value as decimal(18, 4)) as published_value,
    cast(recomputed as decimal(18, 4)) as recomputed_value,
    cast(recomputed - published_value as decimal(18, 4)) as difference,
    case
        when recomputed is null then 'NOT_VERIFIABLE'
        when abs(recomputed - published_value) <= tolerance then 'CONFIRMED'
        else 'DIFFERS'
    end as verdict,
    coalesce(basis, 'Belum ada data yang mendarat / no evidence landed yet') as basis
from recomputed
