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

holders as (
    select *
    from {{ ref('int_account_holders') }}
    where is_sole
),

paid as (
    select
        line.*,
        coalesce(event.event_id, {{ publishable_reference('line.event_text') }}, '-') as event_id,
        event.event_id is not null as is_event_known,
        case when kin.reference_no is not null then kin.participant_id else holder.participant_id end as participant_id,
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
    left join {{ ref('int_transfer_kin') }} as kin on line.reference_no = kin.reference_no
    left join holders as holder on line.account_no = holder.account_no
)

select
    line.reference_no,
    line.batch,
    line.event_id,
    line.is_event_known,
    line.benefit_code,
    line.participant_id,
    case when line.participant_id is null then {{ pseudonym('a', "'account ' || line.account_no") }} end as account_key,
    entitlement.region_code as promised_region_code,
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
        'TRANSFER_NOT_ENTITLED': 'line.participant_id is not null and line.is_event_known and entitlement.participant_id is null',
        'TRANSFER_HOLDER_DIFFERS': 'line.is_holder_another',
        'TRANSFER_ACCOUNT_OUTDATED': 'line.is_account_outdated',
        'TRANSFER_ACCOUNT_CHANGED': 'line.is_followed',
        'TRANSFER_ACCOUNT_WRONG': 'line.is_of_another',
        'RETRY_UNKNOWN': 'line.is_retry_unknown',
        'RETRY_UNFOUNDED': 'line.is_retry_unfounded',
        'TRANSFER_REASON_UNKNOWN': 'line.is_reason_unknown'
    }) }} as payee_rules
from paid as line
left join {{ ref('int_entitlements') }} as entitlement
    on line.participant_id = entitlement.participant_id and line.event_id = entitlement.event_id and line.benefit_code = entitlement.benefit_code
