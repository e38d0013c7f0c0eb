-- Whose account it is by the rosters, with every name under which rosters know the owner, their own and those of their accounts.
with people as (
    select
        participant_id,
        bool_or(row_state = 'accepted' and account_no is not null) as has_current_account,
        list_distinct(flatten(list([name_key, account_name_key]))) as name_keys
    from {{ ref('int_roster_lines') }}
    where participant_id is not null and len(quarantine_rules) = 0
    group by participant_id
),

shared as (
    select account_no
    from {{ ref('int_account_owners') }}
    group by account_no
    having count(*) > 1
)

select
    owner.account_no,
    owner.participant_id,
    owner.is_current,
    shared.account_no is null as is_sole,
    coalesce(not owner.is_current and person.has_current_account, false) as is_outdated,
    person.name_keys
from {{ ref('int_account_owners') }} as owner
left join shared on owner.account_no = shared.account_no
left join people as person on owner.participant_id = person.participant_id
