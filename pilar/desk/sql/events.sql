select
    event_id,
    coalesce(event_name, event_id) as event_name,
    event_date
from dim_event
order by event_date desc nulls last, event_id
