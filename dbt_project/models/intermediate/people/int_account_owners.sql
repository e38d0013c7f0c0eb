-- Who an account belongs to by the rosters: today's rows first, then superseded ones (an account that has changed).
select
    account_no,
    participant_id,
    bool_or(row_state = 'accepted') as is_current,
    list(distinct account_name_key) filter (where account_name_key is not null) as name_keys
from {{ ref('int_roster_lines') }}
where account_no is not null and participant_id is not null and len(quarantine_rules) = 0
group by account_no, participant_id
