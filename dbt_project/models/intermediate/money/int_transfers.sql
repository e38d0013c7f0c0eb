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
 Accepted transfers in the order in which each payee got them for an event and benefit. A retry names its original; where the bank
 forgot to, the failed attempt just before it is the original.
*/
with named_originals as (
    select distinct retry_of_stated as reference_no
    from {{ ref('int_transfer_payees') }}
    where retry_of_stated is not null
),

ordered as (
    select
        payee.*,
        cast(row_number() over attempts as integer) as attempt_no,
        lag(payee.reference_no) over attempts as reference_before,
        lag(payee.status) over attempts as status_before
    from {{ ref('int_transfer_payees') }} as payee
    {% if is_incremental() %}
    semi join {{ ref('int_payee_news') }} as news
        on payee.event_id = news.event_id and payee.benefit_code = news.benefit_code and payee.payee_key = news.payee_key
    {% endif %}
    window attempts as (
        partition by payee.event_id, payee.benefit_code, payee.payee_key
        order by payee.instructed_on, payee.reference_no
    )
),

matched as (
    select
        ordered.* exclude (reference_before, status_before),
        case
            when ordered.retry_of_stated is null and ordered.status_before in ('GAGAL', 'RETUR') and named.reference_no is null
                then ordered.reference_before
        end as retry_of_matched
    from ordered
    left join named_originals as named on ordered.reference_before = named.reference_no
)

select
    * exclude (payee_rules),
    coalesce(retry_of_stated, retry_of_matched) as retry_of,
    case when retry_of_stated is not null then 'stated' when retry_of_matched is not null then 'matched' end as retry_match,
    case when retry_of_matched is not null then list_append(payee_rules, 'RETRY_MATCHED') else payee_rules end as transfer_rules
from matched
