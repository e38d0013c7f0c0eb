-- Accepted transfer attempts, each with the person its account belongs to. An account of nobody keeps a pseudonym.
with accepted as (
    select *
    from {{ ref('int_disbursement_lines') }}
    where row_state = 'accepted'
),

resolved as (
    select
        line.*,
        coalesce(event.event_id, {{ publishable_reference('line.event_text') }}, '-') as known_event_id,
        event.event_id is not null as is_event_known
    from accepted as line
    left join {{ ref('int_event_keys') }} as event on line.event_key = event.match_key
),

shared_accounts as (
    select account_no
    from {{ ref('int_account_owners') }}
    group by account_no
    having count(*) > 1
),

-- Of several owners: one of today's rosters, then one who is entitled here, then one of the holder's name.
contested as (
    select
        line.file_sha256,
        line.sheet,
        line.source_row,
        arg_max(
            owner.participant_id,
            (
                cast(owner.is_current as integer),
                cast(entitlement.participant_id is not null as integer),
                cast(coalesce(list_contains(owner.name_keys, line.account_name_key), false) as integer),
                owner.participant_id
            )
        ) as participant_id
    from resolved as line
    inner join shared_accounts on line.account_no = shared_accounts.account_no
    inner join {{ ref('int_account_owners') }} as owner on line.account_no = owner.account_no
    left join {{ ref('int_entitlements') }} as entitlement
        on
            owner.participant_id = entitlement.participant_id
            and line.known_event_id = entitlement.event_id
            and line.benefit_code = entitlement.benefit_code
    group by line.file_sha256, line.sheet, line.source_row
),

owned as (
    select
        line.*,
        coalesce(contested.participant_id, owner.participant_id) as participant_id
    from resolved as line
    left join shared_accounts on line.account_no = shared_accounts.account_no
    left join {{ ref('int_account_owners') }} as owner on line.account_no = owner.account_no and shared_accounts.account_no is null
    left join contested
        on line.file_sha256 = contested.file_sha256 and line.sheet = contested.sheet and line.source_row = contested.source_row
)

select
    * exclude (known_event_id),
    known_event_id as event_id,
    case when participant_id is null then {{ pseudonym('a', "'account ' || account_no") }} end as account_key,
    coalesce(participant_id, {{ pseudonym('a', "'account ' || account_no") }}) as payee_key
from owned
