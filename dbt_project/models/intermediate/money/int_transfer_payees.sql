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
-- depends_on: {{ ref('int_payees_before') }}
/*
 Accepted transfers, each with its payee: the person whose account it is, or whom `int_transfer_kin` found; else the account
 itself. With the rules that it breaks by that. Rows pass through once, past tables that are small beside them.
*/
with accepted as (
    select line.*
    from {{ ref('int_disbursement_lines') }} as line
    {% if is_incremental() %} semi join {{ ref('int_transfer_news') }} as news on line.reference_no = news.reference_no {% endif %}
    where line.row_state = 'accepted'
),

-- Whoever stands in one roster row has what its post is promised.
posts as (
    select
        participant_id,
        post_no
    from {{ ref('int_posts') }}
    where is_sole
),

holders as (
    select
        holder.*,
        posts.post_no
    from {{ ref('int_account_holders') }} as holder
    left join posts on holder.participant_id = posts.participant_id
    where holder.is_sole
),

kin as (
    select
        kin.*,
        posts.post_no
    from {{ ref('int_transfer_kin') }} as kin
    left join posts on kin.participant_id = posts.participant_id
),

paid as (
    select
        line.*,
        coalesce(event.event_id, {{ publishable_reference('line.event_text') }}, '-') as event_id,
        event.event_id is not null as is_event_known,
        case when kin.reference_no is not null then kin.participant_id else holder.participant_id end as participant_id,
        case when kin.reference_no is not null then kin.post_no else holder.post_no end as post_no,
        case
            when kin.reference_no is not null then kin.is_holder_another
            else
                holder.participant_id is not null and line.account_name_key is not null
                and not {{ is_one_of('line.account_name_key', 'holder.name_keys') }}
        end as is_holder_another,
        coalesce(kin.is_account_outdated, holder.is_outdated, false) as is_account_outdated,
        coalesce(kin.is_followed, false) as is_followed,
        coalesce(kin.is_retry_unknown, false) as is_retry_unknown,
        coalesce(kin.is_of_another, false) as is_of_another,
        coalesce(kin.is_retry_unfounded, false) as is_retry_unfounded,
        line.reason_code is not null and reason.reason_code is null as is_reason_unknown
    from accepted as line
    left join {{ ref('int_event_keys') }} as event on line.event_key = event.match_key
    left join {{ ref('bank_reasons') }} as reason on line.reason_code = reason.reason_code
    left join kin on line.reference_no = kin.reference_no
    left join holders as holder on line.account_no = holder.account_no
),

promised as (
    select
        paid.*,
        coalesce(terms.term_no, choice.term_no) as term_no
    from paid
    left join {{ ref('int_promise_terms') }} as terms
        on paid.post_no = terms.post_no and paid.event_id = terms.event_id and paid.benefit_code = terms.benefit_code and terms.is_largest
    left join {{ ref('int_entitlement_choices') }} as choice
        on paid.participant_id = choice.participant_id and paid.event_id = choice.event_id and paid.benefit_code = choice.benefit_code
)

select
    line.reference_no,
    line.batch,
    line.event_id,
    line.is_event_known,
    line.benefit_code,
    line.participant_id,
    case when line.participant_id is null then {{ pseudonym('a', "'account ' || line.account_no") }} end as account_key,
    line.term_no,
    line.amount_idr,
    line.status,
    line.reason_code,
    line.instructed_on,
    line.settled_on,
    line.retry_of as retry_of_stated,
    line.submitter,
    line.file_sha256,
    line.sheet,
    line.source_row,
    {{ rules_broken({
        'TRANSFER_EVENT_UNKNOWN': 'not line.is_event_known',
        'TRANSFER_ACCOUNT_UNKNOWN': 'line.participant_id is null and not line.is_of_another',
        'TRANSFER_NOT_ENTITLED': 'line.participant_id is not null and line.is_event_known and line.term_no is null',
        'TRANSFER_HOLDER_DIFFERS': 'line.is_holder_another',
        'TRANSFER_ACCOUNT_OUTDATED': 'line.is_account_outdated',
        'TRANSFER_ACCOUNT_CHANGED': 'line.is_followed',
        'TRANSFER_ACCOUNT_WRONG': 'line.is_of_another',
        'RETRY_UNKNOWN': 'line.is_retry_unknown',
        'RETRY_UNFOUNDED': 'line.is_retry_unfounded',
        'TRANSFER_REASON_UNKNOWN': 'line.is_reason_unknown'
    }) }} as payee_rules
from promised as line
