/*
 Roster rows with their event, their slice and their state, and the node that they speak of: a NIK, or without one
 account, birth date and name. Which person a node is, is said by int_people.
*/
with lines as (
    select
        line.* exclude (broken_rules),
        event.event_id,
        event.event_date,
        case
            when line.event_key is not null then 'event ' || coalesce(event.event_id, line.event_key)
            when line.roster_month is not null then 'month ' || {{ month_text('line.roster_month') }}
            else 'standing'
        end as roster_scope,
        case
            when line.event_key is not null and event.event_id is null then list_append(line.broken_rules, 'ROSTER_EVENT_UNKNOWN')
            else line.broken_rules
        end as broken_rules
    from {{ ref('stg_rosters') }} as line
    left join {{ ref('int_event_keys') }} as named on line.event_key = named.match_key
    left join {{ ref('int_events') }} as event on named.event_id = event.event_id
),

sliced as (
    select
        *,
        case
            when region_code is not null and pillar_code is not null then concat_ws(' | ', roster_scope, region_code, pillar_code)
        end as slice_key
    from lines
),

states as (
    {{ row_states('sliced') }}
)

select
    *,
    'account ' || account_no || ' ' || cast(birth_date as varchar) || ' ' || {{ name_letters('name_key') }} as account_node_key,
    coalesce('nik ' || nik, account_node_key) as node_key
from states
