{{ config(
    materialized='incremental',
    incremental_strategy='renew',
    on_schema_change='fail',
    meta={
        'news': 'int_transfer_news',
        'on': 'renewed.reference_no = news.reference_no'
    }
) }}
-- depends_on: {{ ref('int_transfer_news') }}
/*
 Accepted transfers, each with its payee: the person whose account it is; else the person whose failed transfer it
 repeats, if the account is held in their name; else the account itself. With the rules that it breaks by that.
*/
with recursive accepted as (
    select line.*
    from {{ ref('int_disbursement_lines') }} as line
    {% if is_incremental() %} semi join {{ ref('int_transfer_news') }} as news on line.reference_no = news.reference_no {% endif %}
    where line.row_state = 'accepted'
),

resolved as (
    select
        line.*,
        coalesce(event.event_id, {{ publishable_reference('line.event_text') }}, '-') as event_id,
        event.event_id is not null as is_event_known
    from accepted as line
    left join {{ ref('int_event_keys') }} as event on line.event_key = event.match_key
),

-- Every name under which rosters know a person, their own and those of their accounts.
people as (
    select
        participant_id,
        bool_or(row_state = 'accepted' and account_no is not null) as has_current_account,
        list_distinct(flatten(list([name_key, account_name_key]))) as name_keys
    from {{ ref('int_roster_lines') }}
    where participant_id is not null and len(quarantine_rules) = 0
    group by participant_id
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
        line.reference_no,
        arg_max(
            owner.participant_id,
            (
                cast(owner.is_current as integer),
                cast(entitlement.participant_id is not null as integer),
                cast({{ is_one_of('line.account_name_key', 'person.name_keys') }} as integer),
                owner.participant_id
            )
        ) as participant_id
    from resolved as line
    inner join shared_accounts on line.account_no = shared_accounts.account_no
    inner join {{ ref('int_account_owners') }} as owner on line.account_no = owner.account_no
    left join people as person on owner.participant_id = person.participant_id
    left join {{ ref('int_entitlements') }} as entitlement
        on
            owner.participant_id = entitlement.participant_id
            and line.event_id = entitlement.event_id
            and line.benefit_code = entitlement.benefit_code
    group by line.reference_no
),

unshared_accounts as (
    select
        owner.account_no,
        owner.participant_id
    from {{ ref('int_account_owners') }} as owner
    anti join shared_accounts on owner.account_no = shared_accounts.account_no
),

owned as (
    select
        line.*,
        owner.participant_id as owner_id,
        owner.participant_id is not null and line.account_name_key is not null
        and not {{ is_one_of('line.account_name_key', 'person.name_keys') }} as is_holder_another,
        coalesce(not owner.is_current and person.has_current_account, false) as is_account_outdated
    from resolved as line
    left join contested on line.reference_no = contested.reference_no
    left join unshared_accounts as sole on line.account_no = sole.account_no
    left join {{ ref('int_account_owners') }} as owner
        on line.account_no = owner.account_no and coalesce(contested.participant_id, sole.participant_id) = owner.participant_id
    left join people as person on owner.participant_id = person.participant_id
),

-- Retries to an account of nobody, followed from the transfers of known people; a circle leads to nobody.
strays as (
    select
        reference_no,
        retry_of,
        event_id,
        benefit_code,
        account_name_key
    from owned
    where owner_id is null and retry_of is not null
),

{% if is_incremental() %}
-- What the last night said of transfers that are no news.
unchanged as (
    select
        payee.reference_no,
        payee.event_id,
        payee.benefit_code,
        payee.participant_id,
        payee.status,
        payee.instructed_on,
        payee.retry_of_stated as retry_of
    from {{ this }} as payee
    semi join accepted on payee.reference_no = accepted.retry_of
    anti join {{ ref('int_transfer_news') }} as news on payee.reference_no = news.reference_no
),

{% endif %}
anchors as (
    select
        reference_no,
        event_id,
        benefit_code,
        owner_id as participant_id
    from owned
    {% if is_incremental() %}
    union all
    select
        reference_no,
        event_id,
        benefit_code,
        participant_id
    from unchanged
    {% endif %}
),

followed as (
    select
        stray.reference_no,
        stray.event_id,
        stray.benefit_code,
        original.participant_id
    from strays as stray
    inner join anchors as original
        on stray.retry_of = original.reference_no and stray.event_id = original.event_id and stray.benefit_code = original.benefit_code
    inner join people as person on original.participant_id = person.participant_id
    where {{ is_one_of('stray.account_name_key', 'person.name_keys') }}
    union all
    select
        stray.reference_no,
        stray.event_id,
        stray.benefit_code,
        original.participant_id
    from strays as stray
    inner join followed as original
        on stray.retry_of = original.reference_no and stray.event_id = original.event_id and stray.benefit_code = original.benefit_code
    inner join people as person on original.participant_id = person.participant_id
    where {{ is_one_of('stray.account_name_key', 'person.name_keys') }}
),

settled as (
    select
        owned.*,
        coalesce(owned.owner_id, followed.participant_id) as participant_id,
        followed.participant_id is not null as is_followed
    from owned
    left join followed on owned.reference_no = followed.reference_no
),

named as (
    select
        reference_no,
        event_id,
        benefit_code,
        participant_id,
        status,
        instructed_on,
        retry_of
    from settled
    {% if is_incremental() %}
    union all
    select * from unchanged
    {% endif %}
),

originals as (
    select
        line.reference_no,
        original.reference_no is not null as is_known,
        coalesce(
            original.event_id = line.event_id and original.benefit_code = line.benefit_code and original.participant_id <> coalesce(line.participant_id, '-'),
            false
        ) as is_of_another,
        coalesce(
            original.event_id <> line.event_id
            or original.benefit_code <> line.benefit_code
            or original.status not in ('GAGAL', 'RETUR')
            or original.instructed_on > line.instructed_on
            or (original.instructed_on = line.instructed_on and original.reference_no >= line.reference_no and original.retry_of is not null),
            false
        ) as is_unfounded
    from settled as line
    left join named as original on line.retry_of = original.reference_no
    where line.retry_of is not null
)

select
    line.reference_no,
    line.batch,
    line.event_text,
    line.event_key,
    line.event_id,
    line.is_event_known,
    line.benefit_code,
    line.participant_id,
    case when line.participant_id is null then {{ pseudonym('a', "'account ' || line.account_no") }} end as account_key,
    coalesce(line.participant_id, {{ pseudonym('a', "'account ' || line.account_no") }}) as payee_key,
    line.account_no,
    line.account_name,
    line.account_name_key,
    line.amount_idr,
    line.status,
    line.reason_code,
    line.instructed_on,
    line.settled_on,
    line.retry_of as retry_of_stated,
    line.submitter,
    line.file_name,
    line.delivered_at,
    line.received_at,
    line.file_sha256,
    line.sheet,
    line.source_row,
    {{ rules_broken({
        'TRANSFER_EVENT_UNKNOWN': 'not line.is_event_known',
        'TRANSFER_ACCOUNT_UNKNOWN': 'line.participant_id is null and not coalesce(original.is_of_another, false)',
        'TRANSFER_NOT_ENTITLED': 'line.participant_id is not null and line.is_event_known and entitlement.participant_id is null',
        'TRANSFER_HOLDER_DIFFERS': 'line.is_holder_another',
        'TRANSFER_ACCOUNT_OUTDATED': 'line.is_account_outdated',
        'TRANSFER_ACCOUNT_CHANGED': 'line.is_followed',
        'TRANSFER_ACCOUNT_WRONG': 'original.is_of_another',
        'RETRY_UNKNOWN': 'not original.is_known',
        'RETRY_UNFOUNDED': 'original.is_unfounded',
        'TRANSFER_REASON_UNKNOWN': 'line.reason_code is not null and reason.reason_code is null'
    }) }} as payee_rules
from settled as line
left join originals as original on line.reference_no = original.reference_no
left join {{ ref('int_entitlements') }} as entitlement
    on line.participant_id = entitlement.participant_id and line.event_id = entitlement.event_id and line.benefit_code = entitlement.benefit_code
left join {{ ref('bank_reasons') }} as reason on line.reason_code = reason.reason_code
