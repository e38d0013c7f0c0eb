-- Events: those that an events file names, and those that only a bank log names (is_known = false).
select
    event_id,
    event_name,
    event_date,
    bakorwil,
    true as is_known
from {{ ref('int_events') }}
union all
select distinct
    event_id,
    cast(null as varchar) as event_name,
    cast(null as date) as event_date,
    cast(null as varchar) as bakorwil,
    false as is_known
from {{ ref('int_transfer_payees') }}
where not is_event_known
