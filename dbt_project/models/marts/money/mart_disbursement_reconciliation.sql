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
with terms as (
    select
        terms.term_no,
        terms.pillar_code,
        terms.region_code,
        terms.entitled_idr
    from {{ ref('int_promise_terms') }} as terms
    inner join {{ ref('benefits') }} as benefit on terms.benefit_code = benefit.benefit_code
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
sent as not materialized (
    select
        event_id,
        benefit_code,
        payee_key,
        participant_id,
        account_key,
        term_no,
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
        any_value(term_no) as term_no,
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

-- A transfer knows which promise it keeps, so that promises need only be looked for where none did.
told as (
    select
        participant_id,
        list(term_no) as term_nos
    from transfers
    where term_no is not null
    group by participant_id
),

never_told as (
    select
        entitlement.event_id,
        entitlement.benefit_code,
        entitlement.participant_id,
        terms.pillar_code,
        terms.region_code,
        terms.entitled_idr
    from {{ ref('int_entitlements') }} as entitlement
    inner join terms on entitlement.term_no = terms.term_no
    left join told on entitlement.participant_id = told.participant_id
    {% if is_incremental() %}
    semi join {{ ref('int_payee_news') }} as news
        on entitlement.event_id = news.event_id and entitlement.benefit_code = news.benefit_code and entitlement.participant_id = news.payee_key
    {% endif %}
    where told.term_nos is null or not list_contains(told.term_nos, entitlement.term_no)
),

joined as (
    select
        sent.event_id,
        sent.benefit_code,
        sent.participant_id,
        sent.account_key,
        coalesce(terms.pillar_code, known_people.pillar_code) as pillar_code,
        coalesce(terms.region_code, known_people.region_code) as region_code,
        cast(coalesce(terms.entitled_idr, 0) as decimal(18, 2)) as entitled_idr,
        cast(sent.instructed_idr as decimal(18, 2)) as instructed_idr,
        cast(sent.paid_idr as decimal(18, 2)) as paid_idr,
        cast(sent.failed_idr as decimal(18, 2)) as failed_idr,
        cast(sent.returned_idr as decimal(18, 2)) as returned_idr,
        cast(sent.pending_idr as decimal(18, 2)) as pending_idr,
        cast(sent.attempts as integer) as attempts,
        sent.last_status,
        nullif({{ publishable_reference('sent.last_reason_code') }}, '') as last_reason_code,
        sent.first_instructed_on,
        sent.last_settled_on
    from sent
    left join terms on sent.term_no = terms.term_no
    left join known_people
        on known_people.participant_id = case when terms.region_code is null then sent.participant_id end
    union all
    select
        event_id,
        benefit_code,
        participant_id,
        null as account_key,
        pillar_code,
        region_code,
        entitled_idr,
        0 as instructed_idr,
        0 as paid_idr,
        0 as failed_idr,
        0 as returned_idr,
        0 as pending_idr,
        0 as attempts,
        null as last_status,
        null as last_reason_code,
        null as first_instructed_on,
        null as last_settled_on
    from never_told
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
