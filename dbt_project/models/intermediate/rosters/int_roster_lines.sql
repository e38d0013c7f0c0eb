-- Roster rows with their person. A quarantined row whose node no other row confirms keeps the node's own pseudonym.
select
    state.* exclude (node_key, account_node_key),
    coalesce(person.participant_id, {{ pseudonym('p', 'state.node_key') }}) as participant_id,
    coalesce(state.event_date, state.roster_month, cast(state.delivered_at + interval 7 hour as date)) as effective_on
from {{ ref('int_roster_states') }} as state
left join {{ ref('int_people') }} as person on state.node_key = person.node_key
