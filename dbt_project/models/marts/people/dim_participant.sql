-- People with their history: a new version begins when pillar, region, district, status, sex or birth year changes.
with changes as (
    select
        *,
        concat_ws(' | ', pillar_code, region_code, district_code, status, sex, birth_year) as attributes,
        lag(concat_ws(' | ', pillar_code, region_code, district_code, status, sex, birth_year)) over history as earlier_attributes
    from {{ ref('int_roster_history') }}
    window history as (partition by participant_id order by effective_on)
)

select
    participant_id,
    pillar_code,
    region_code,
    district_code,
    status,
    sex,
    birth_year,
    effective_on as valid_from,
    lead(effective_on) over versions as valid_to,
    lead(effective_on) over versions is null as is_current
from changes
where earlier_attributes is null or attributes <> earlier_attributes
window versions as (partition by participant_id order by effective_on)
