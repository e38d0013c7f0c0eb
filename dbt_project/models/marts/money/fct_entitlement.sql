{{ config(materialized='view') }}
-- Who was promised what: one row a person, event and benefit, with the roster row that entitles and the events row that promises.
-- A view: the release holds it as a table, and nothing in the warehouse reads it.
with promises as (
    select *
    from {{ ref('int_event_lines') }}
    where row_state = 'accepted'
),

-- Lines of one event may promise the same twice; the one that names the kab/kota comes first.
sources as (
    select
        terms.term_no,
        promises.file_sha256,
        promises.sheet,
        promises.source_row,
        row_number() over (
            partition by terms.term_no
            order by
                list_contains(promises.region_codes, terms.region_code) desc,
                promises.file_sha256, promises.sheet, promises.source_row
        ) as choice
    from {{ ref('int_promise_terms') }} as terms
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
left join sources on entitlement.term_no = sources.term_no and sources.choice = 1
