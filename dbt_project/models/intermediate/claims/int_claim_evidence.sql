-- Figures of claims that have no period: people and districts of an event, what each was promised, months paid, words of the press.
with figures as (
    select
        figure.*,
        claim.published_value
    from {{ ref('claim_figures') }} as figure
    inner join {{ ref('claims') }} as claim on figure.claim_id = claim.claim_id
    where figure.kind <> 'bps'
),

entitled as (
    select
        figures.claim_id,
        figures.figure,
        figures.kind,
        figures.published_value,
        figures.event_id,
        entitlement.participant_id,
        entitlement.entitled_idr,
        entitlement.starts_on,
        entitlement.months
    from figures
    inner join {{ ref('int_entitlements') }} as entitlement
        on
            figures.event_id = entitlement.event_id
            and (figures.pillar_code is null or figures.pillar_code = entitlement.pillar_code)
            and (figures.benefit_code is null or figures.benefit_code = entitlement.benefit_code)
),

people as (
    select
        claim_id,
        figure,
        count(distinct participant_id) as value,
        cast(null as varchar) as note,
        cast(null as varchar) as note_en
    from entitled
    where kind = 'people'
    group by claim_id, figure
),

-- What a claim says of each person is judged by the person furthest from it.
amounts as (
    select
        claim_id,
        figure,
        arg_max(entitled_idr, abs(entitled_idr - published_value)) as value,
        {{ people_otherwise('entitled_idr', '{} dari {} orang lain') }} as note,
        {{ people_otherwise('entitled_idr', '{} of {} people otherwise') }} as note_en
    from entitled
    where kind = 'amount'
    group by claim_id, figure
),

-- A month is due once premiums of it have been delivered for somebody; until all are, nobody can be called short.
due as (
    select distinct coverage_starts_on
    from {{ ref('int_premium_months') }}
),

promised_months as (
    select
        entitled.*,
        cast(entitled.starts_on + to_months(cast(step.n as integer)) as date) as coverage_starts_on
    from entitled
    cross join unnest(range(entitled.months)) as step (n)
    where entitled.kind = 'months'
),

paid_months as (
    select
        promised.claim_id,
        promised.figure,
        promised.published_value,
        promised.participant_id,
        count(distinct promised.coverage_starts_on) filter (where due.coverage_starts_on is null) as not_due,
        count(distinct paid.coverage_starts_on) as months
    from promised_months as promised
    left join due on promised.coverage_starts_on = due.coverage_starts_on
    left join {{ ref('int_premium_months') }} as paid
        on
            promised.participant_id = paid.participant_id
            and promised.coverage_starts_on = paid.coverage_starts_on
            and paid.status = 'LUNAS'
    group by promised.claim_id, promised.figure, promised.published_value, promised.participant_id
),

months as (
    select
        claim_id,
        figure,
        arg_max(months, abs(months - published_value)) as value,
        {{ people_otherwise('months', '{} dari {} orang lain') }} as note,
        {{ people_otherwise('months', '{} of {} people otherwise') }} as note_en
    from paid_months
    group by claim_id, figure
    having max(not_due) = 0
),

covered_regions as (
    select distinct
        event_id,
        unnest(region_codes) as region_code
    from {{ ref('int_event_lines') }}
    where row_state = 'accepted'
),

districts as (
    select
        figures.claim_id,
        figures.figure,
        count(*) as value,
        format('di {} kab/kota', count(distinct district.region_code)) as note,
        format('in {} kab/kota', count(distinct district.region_code)) as note_en
    from figures
    inner join covered_regions as region on figures.event_id = region.event_id
    inner join {{ ref('districts') }} as district on region.region_code = district.region_code
    where figures.kind = 'districts'
    group by figures.claim_id, figures.figure
),

press as (
    select
        claim_id,
        figure,
        value,
        stated_by as note,
        stated_by as note_en
    from figures
    where kind = 'press'
)

{% for part in ['people', 'amounts', 'months', 'districts', 'press'] %}
select
    claim_id,
    figure,
    cast(value as decimal(18, 4)) as value,
    note,
    note_en
from {{ part }}
{{ "union all" if not loop.last }}
{% endfor %}
