-- What rosters and bank logs may call an event: its code, or its name where that names one event only.
with keys as (
    select
        event_key as match_key,
        event_id,
        true as is_code
    from {{ ref('int_events') }}
    union all
    select
        event_name_key as match_key,
        event_id,
        false as is_code
    from {{ ref('int_events') }}
    where event_name_key is not null
)

select
    match_key,
    coalesce(min(event_id) filter (where is_code), min(event_id)) as event_id
from keys
group by match_key
having bool_or(is_code) or count(distinct event_id) = 1
