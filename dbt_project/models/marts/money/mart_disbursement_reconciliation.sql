{{ config(
    materialized='incremental',
    incremental_strategy='renew',
    on_schema_change='fail',
    meta={
        'news': 'int_payee_news',
        'on': 'renewed.event_id = news.event_id and renewed.benefit_code = news.benefit_code and coalesce(renewed.participant_id, renewed.account_key) = news.payee_key'
    }
) }}
-- depends_on: {{ ref('int_payee_news') }}
-- What each person was promised and what became of it, by event and benefit; money closes to the rupiah.
with promised as (
    select
        entitlement.event_id,
        entitlement.benefit_code,
        entitlement.participant_id as payee_key,
        entitlement.participant_id,
        entitlement.pillar_code,
        entitlement.region_code,
        entitlement.entitled_idr
    from {{ ref('int_entitlements') }} as entitlement
    inner join {{ ref('benefits') }} as benefit on entitlement.benefit_code = benefit.benefit_code
    {% if is_incremental() %}
    semi join {{ ref('int_payee_news') }} as news
        on entitlement.event_id = news.event_id and entitlement.benefit_code = news.benefit_code and entitlement.participant_id = news.payee_key
    {% endif %}
    where benefit.settled_by = 'transfer'
),

transfers as not materialized (
    select transfer.*
    from {{ ref('int_transfers') }} as transfer
    {% if is_incremental() %}
    semi join {{ ref('int_payee_news') }} as news
        on transfer.event_id = news.event_id and transfer.benefit_code = news.benefit_code and transfer.payee_key = news.payee_key
    {% endif %}
),

-- Nearly every payee has one attempt, which is its own sum; the others are added up.
sent as (
    select
        event_id,
        benefit_code,
        payee_key,
        participant_id,
        account_key,
        amount_idr as instructed_idr,
        case when status = 'SUKSES' then amount_idr else 0 end as paid_idr,
        case when status = 'GAGAL' then amount_idr else 0 end as failed_idr,
        case when status = 'RETUR' then amount_idr else 0 end as returned_idr,
        case when status = 'PROSES' then amount_idr else 0 end as pending_idr,
        1 as attempts,
        status as last_status,
        reason_code as last_reason_code,
        instructed_on as first_instructed_on,
        settled_on as last_settled_on
    from transfers
    where attempts = 1
    union all by name
    select
        event_id,
        benefit_code,
        payee_key,
        any_value(participant_id) as participant_id,
        any_value(account_key) as account_key,
        sum(amount_idr) as instructed_idr,
        coalesce(sum(amount_idr) filter (where status = 'SUKSES'), 0) as paid_idr,
        coalesce(sum(amount_idr) filter (where status = 'GAGAL'), 0) as failed_idr,
        coalesce(sum(amount_idr) filter (where status = 'RETUR'), 0) as returned_idr,
        coalesce(sum(amount_idr) filter (where status = 'PROSES'), 0) as pending_idr,
        count(*) as attempts,
        arg_max(status, attempt_no) as last_status,
        arg_max_null(reason_code, attempt_no) as last_reason_code,
        min(instructed_on) as first_instructed_on,
        max(settled_on) as last_settled_on
    from transfers
    where attempts > 1
    group by event_id, benefit_code, payee_key
),

known_people as (
    select
        participant_id,
        pillar_code,
        region_code
    from {{ ref('dim_participant') }}
    where is_current
),

joined as (
    select
        coalesce(promised.event_id, sent.event_id) as event_id,
        coalesce(promised.benefit_code, sent.benefit_code) as benefit_code,
        coalesce(promised.participant_id, sent.participant_id) as participant_id,
        sent.account_key,
        coalesce(promised.pillar_code, known_people.pillar_code) as pillar_code,
        coalesce(promised.region_code, known_people.region_code) as region_code,
        cast(coalesce(promised.entitled_idr, 0) as decimal(18, 2)) as entitled_idr,
        cast(coalesce(sent.instructed_idr, 0) as decimal(18, 2)) as instructed_idr,
        cast(coalesce(sent.paid_idr, 0) as decimal(18, 2)) as paid_idr,
        cast(coalesce(sent.failed_idr, 0) as decimal(18, 2)) as failed_idr,
        cast(coalesce(sent.returned_idr, 0) as decimal(18, 2)) as returned_idr,
        cast(coalesce(sent.pending_idr, 0) as decimal(18, 2)) as pending_idr,
        cast(coalesce(sent.attempts, 0) as integer) as attempts,
        sent.last_status,
        nullif({{ publishable_reference('sent.last_reason_code') }}, '') as last_reason_code,
        sent.first_instructed_on,
        sent.last_settled_on
    from promised
    full outer join sent
        on promised.event_id = sent.event_id and promised.benefit_code = sent.benefit_code and promised.payee_key = sent.payee_key
    left join known_people on sent.participant_id = known_people.participant_id
)

select
    *,
    case
        when entitled_idr = 0 then 'NOT_ENTITLED'
        when paid_idr > entitled_idr then 'OVERPAID'
        when paid_idr = entitled_idr then 'PAID'
        when pending_idr > 0 then 'PENDING'
        when paid_idr > 0 then 'UNDERPAID'
        when last_status = 'GAGAL' then 'FAILED'
        when last_status = 'RETUR' then 'RETURNED'
        else 'UNPAID'
    end as outcome
from joined
