{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- Who was promised what: one row a person, event and benefit, with the roster row that entitles and the events row that promises.
-- A narrow night brings none and changes none.
with promises as (
    select *
    from {{ ref('int_event_lines') }}
    where row_state = 'accepted'
),

-- What people of one kab/kota and pillar were promised alike, of which there are few beside the people.
terms as (
    select distinct
        event_id,
        benefit_code,
        pillar_code,
        region_code,
        amount_idr,
        months,
        starts_on
    from {{ ref('int_entitlements') }}
),

-- Lines of one event may promise the same twice; the one that names the kab/kota comes first.
sources as (
    select
        terms.*,
        promises.file_sha256,
        promises.sheet,
        promises.source_row,
        row_number() over (
            partition by terms.event_id, terms.benefit_code, terms.pillar_code, terms.region_code, terms.amount_idr, terms.months, terms.starts_on
            order by
                list_contains(promises.region_codes, terms.region_code) desc,
                promises.file_sha256, promises.sheet, promises.source_row
        ) as choice
    from terms
    inner join promises
        on
            terms.event_id = promises.event_id
            and terms.benefit_code = promises.benefit_code
            and terms.pillar_code = promises.pillar_code
            and terms.amount_idr = promises.amount_idr
            and terms.months is not distinct from promises.months
            and terms.starts_on is not distinct from promises.starts_on
)

select
    entitlement.event_id,
    entitlement.benefit_code,
    entitlement.participant_id,
    entitlement.pillar_code,
    entitlement.region_code,
    entitlement.amount_idr,
    entitlement.months,
    entitlement.starts_on,
    entitlement.entitled_idr,
    {{ publishable_hash('entitlement.file_sha256') }} as file_sha256,
    entitlement.sheet,
    entitlement.source_row,
    {{ publishable_hash('sources.file_sha256') }} as promise_file_sha256,
    sources.sheet as promise_sheet,
    sources.source_row as promise_row
from {{ ref('int_entitlements') }} as entitlement
left join sources
    on
        entitlement.event_id = sources.event_id
        and entitlement.benefit_code = sources.benefit_code
        and entitlement.pillar_code = sources.pillar_code
        and entitlement.region_code is not distinct from sources.region_code
        and entitlement.amount_idr = sources.amount_idr
        and entitlement.months is not distinct from sources.months
        and entitlement.starts_on is not distinct from sources.starts_on
        and sources.choice = 1
{% if is_incremental() %} where false {% endif %}
