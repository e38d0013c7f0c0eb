{{ config(materialized='incremental', incremental_strategy='replace', on_schema_change='fail') }}
-- What the last night said of the transfers in the news. Empty when all is built anew.
{% if is_incremental() %}
-- int_transfer_payees comes after this model: here it still is what the last night left.
select
    payee.reference_no,
    payee.event_id,
    payee.benefit_code,
    coalesce(payee.participant_id, payee.account_key) as payee_key,
    payee.retry_of_stated
from {{ this.incorporate(path={'identifier': 'int_transfer_payees'}) }} as payee
semi join {{ ref('int_transfer_news') }} as news on payee.reference_no = news.reference_no
{% else %}
select
    reference_no,
    reference_no as event_id,
    reference_no as benefit_code,
    reference_no as payee_key,
    reference_no as retry_of_stated
from {{ ref('int_transfer_news') }}
where false
{% endif %}
