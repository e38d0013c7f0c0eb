-- One row for each event that an accepted line names, with the keys by which rosters and bank logs refer to it.
select
    event_id,
    any_value(event_key) as event_key,
    max(event_name) as event_name,
    max(event_name_key) as event_name_key,
    max(event_date) as event_date,
    max(bakorwil) as bakorwil
from {{ ref('int_event_lines') }}
where row_state = 'accepted'
group by event_id
