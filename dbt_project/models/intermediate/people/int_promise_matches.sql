{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
/*
 Each promise with each roster row that it reaches, from data alone. A roster drawn up for an event entitles for that event;
 one with a month for the events of that month on; a standing one for every event of its region and pillar.
 A narrow night brings none and changes none.
*/
with roster as (
    select *
    from {{ ref('int_roster_lines') }}
    where row_state = 'accepted' and status = 'AKTIF' and participant_id is not null
),

promise as (
    select *
    from {{ ref('int_event_lines') }}
    where row_state = 'accepted'
)

select
    promise.event_id,
    promise.benefit_code,
    roster.participant_id,
    roster.pillar_code,
    roster.region_code,
    roster.district_code,
    promise.amount_idr,
    promise.months,
    promise.starts_on,
    cast(promise.amount_idr * coalesce(promise.months, 1) as decimal(18, 2)) as entitled_idr,
    roster.delivered_at,
    roster.file_name,
    roster.file_sha256,
    roster.sheet,
    roster.source_row
from promise
inner join roster
    on
        promise.pillar_code = roster.pillar_code
        and case
            when roster.event_key is not null then promise.event_id = roster.event_id
            when roster.roster_month is not null
                then promise.event_date >= roster.roster_month and list_contains(promise.region_codes, roster.region_code)
            else list_contains(promise.region_codes, roster.region_code)
        end
{% if is_incremental() %} where false {% endif %}
