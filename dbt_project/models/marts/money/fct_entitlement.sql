{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- Who was promised what: one row a person, event and benefit, with the roster row that entitles and the events row that promises.
-- A narrow night brings none and changes none.
with promises as (
    select *
    from {{ ref('int_event_lines') }}
    where row_state = 'accepted'
),

-- Lines of one event may promise the same twice; the one that names the person's kab/kota comes first.
sources as (
    select
        entitlement.event_id,
        entitlement.benefit_code,
        entitlement.participant_id,
        promises.file_sha256,
        promises.sheet,
        promises.source_row,
        row_number() over (
            partition by entitlement.event_id, entitlement.benefit_code, entitlement.participant_id
            order by
                list_contains(promises.region_codes, entitlement.region_code) desc,
                promises.file_sha256, promises.sheet, promises.source_row
        ) as choice
    from {{ ref('int_entitlements') }} as entitlement
    inner join promises
        on
            entitlement.event_id = promises.event_id
            and entitlement.benefit_code = promises.benefit_code
            and entitlement.pillar_code = promises.pillar_code
            and entitlement.amount_idr = promises.amount_idr
            and entitlement.months is not distinct from promises.months
            and entitlement.starts_on is not distinct from promises.starts_on
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
        and entitlement.participant_id = sources.participant_id
        and sources.choice = 1
{% if is_incremental() %} where false {% endif %}
