{{ config(
    materialized='incremental',
    incremental_strategy='renew',
    on_schema_change='fail',
    meta={
        'news': 'int_payee_news',
        'on': 'renewed.event_id = news.event_id and renewed.benefit_code = news.benefit_code and renewed.payee_key = news.payee_key'
    }
) }}
-- depends_on: {{ ref('int_payee_news') }}
/*
 Attempts in their order, for payees who got more than one for an event and benefit. A retry names its original; where the
 bank forgot to, the failed attempt just before it is the original. Nearly every payee has one attempt, which
 needs no row here.
*/
with {% if not is_incremental() %}-- A digest stands for the payee; whoever shares one by chance is left out below.
often_paid as (
    select hash(event_id, benefit_code, coalesce(participant_id, account_key)) as digest
    from {{ ref('int_transfer_payees') }}
    group by digest
    having count(*) > 1
),

{% endif %}
attempts as (
    select
        payee.event_id,
        payee.benefit_code,
        coalesce(payee.participant_id, payee.account_key) as payee_key,
        payee.reference_no,
        payee.instructed_on,
        payee.status,
        payee.retry_of_stated
    from {{ ref('int_transfer_payees') }} as payee
    {% if is_incremental() %}
    semi join {{ ref('int_payee_news') }} as news
        on
            payee.event_id = news.event_id
            and payee.benefit_code = news.benefit_code
            and coalesce(payee.participant_id, payee.account_key) = news.payee_key
    {% else %}
    semi join often_paid on hash(payee.event_id, payee.benefit_code, coalesce(payee.participant_id, payee.account_key)) = often_paid.digest
    {% endif %}
),

named_originals as (
    select distinct retry_of_stated as reference_no
    from {{ ref('int_transfer_payees') }}
    where retry_of_stated is not null
),

ordered as (
    select
        *,
        cast(row_number() over in_order as integer) as attempt_no,
        cast(count(*) over (partition by event_id, benefit_code, payee_key) as integer) as attempts,
        lag(reference_no) over in_order as reference_before,
        lag(status) over in_order as status_before
    from attempts
    window in_order as (partition by event_id, benefit_code, payee_key order by instructed_on, reference_no)
)

select
    ordered.event_id,
    ordered.benefit_code,
    ordered.payee_key,
    ordered.reference_no,
    ordered.attempt_no,
    ordered.attempts,
    case
        when ordered.retry_of_stated is null and ordered.status_before in ('GAGAL', 'RETUR') and named.reference_no is null
            then ordered.reference_before
    end as retry_of_matched
from ordered
left join named_originals as named on ordered.reference_before = named.reference_no
where ordered.attempts > 1
