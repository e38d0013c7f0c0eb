{{ config(materialized='incremental', incremental_strategy='replace', on_schema_change='fail') }}
-- depends_on: {{ ref('int_transfer_news') }}
/*
 Accepted transfers whose payee other rows decide: retries and what they retry, and transfers to accounts of several
 owners. They are few, so what follows retries step by step looks at them alone. The payee is the person whose account it is;
 else the person whose failed transfer it repeats, if the account is held in their name. On a narrow night only those in the news.
*/
with recursive accepted as not materialized (
    select line.*
    from {{ ref('int_disbursement_lines') }} as line
    {% if is_incremental() %} semi join {{ ref('int_transfer_news') }} as news on line.reference_no = news.reference_no {% endif %}
    where line.row_state = 'accepted'
),

retried as (
    select
        reference_no,
        retry_of
    from accepted
    where retry_of is not null
),

shared as (
    select distinct account_no
    from {{ ref('int_account_holders') }}
    where not is_sole
),

resolved as (
    select
        line.reference_no,
        line.retry_of,
        line.account_no,
        line.account_name_key,
        line.benefit_code,
        line.status,
        line.instructed_on,
        coalesce(event.event_id, {{ publishable_reference('line.event_text') }}, '-') as event_id
    from accepted as line
    left join {{ ref('int_event_keys') }} as event on line.event_key = event.match_key
    where
        line.retry_of is not null
        or line.reference_no in (select retry_of from retried)
        or line.account_no in (select account_no from shared)
),

-- Of several owners: one of today's rosters, then one who is entitled here, then one of the holder's name.
chosen as (
    select
        line.reference_no,
        arg_max(
            holder.participant_id,
            (
                cast(holder.is_current as integer),
                cast(entitlement.participant_id is not null as integer),
                cast({{ is_one_of('line.account_name_key', 'holder.name_keys') }} as integer),
                holder.participant_id
            )
        ) as participant_id
    from resolved as line
    inner join {{ ref('int_account_holders') }} as holder on line.account_no = holder.account_no
    left join {{ ref('int_entitlements') }} as entitlement
        on
            holder.participant_id = entitlement.participant_id
            and line.event_id = entitlement.event_id
            and line.benefit_code = entitlement.benefit_code
    group by line.reference_no
),

owned as (
    select
        line.*,
        holder.participant_id as owner_id,
        holder.participant_id is not null and line.account_name_key is not null
        and not {{ is_one_of('line.account_name_key', 'holder.name_keys') }} as is_holder_another,
        coalesce(holder.is_outdated, false) as is_account_outdated
    from resolved as line
    left join chosen on line.reference_no = chosen.reference_no
    left join {{ ref('int_account_holders') }} as holder
        on line.account_no = holder.account_no and chosen.participant_id = holder.participant_id
),

people as (
    select
        participant_id,
        any_value(name_keys) as name_keys
    from {{ ref('int_account_holders') }}
    where name_keys is not null
    group by participant_id
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
-- What the last night said of transfers that are no news: int_transfer_payees comes after this model.
unchanged as (
    select
        payee.reference_no,
        payee.event_id,
        payee.benefit_code,
        payee.participant_id,
        payee.status,
        payee.instructed_on,
        payee.retry_of_stated as retry_of
    from {{ this.incorporate(path={'identifier': 'int_transfer_payees'}) }} as payee
    semi join retried on payee.reference_no = retried.retry_of
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
)

select
    line.reference_no,
    line.participant_id,
    line.is_holder_another,
    line.is_account_outdated,
    line.is_followed,
    line.retry_of is not null and original.reference_no is null as is_retry_unknown,
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
    ) as is_retry_unfounded
from settled as line
left join named as original on line.retry_of = original.reference_no
