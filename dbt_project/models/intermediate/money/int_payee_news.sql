{{ config(materialized='incremental', incremental_strategy='replace', on_schema_change='fail') }}
/*
 Payees of an event and benefit whose attempts may differ from what the last night said: payees, of then and of now, of the
 transfers in the news and of the originals that these name or named. Empty when all is built anew.
*/
with now as (
    select
        payee.reference_no,
        payee.event_id,
        payee.benefit_code,
        payee.payee_key,
        payee.retry_of_stated
    from {{ ref('int_transfer_payees') }} as payee
    semi join {{ ref('int_transfer_news') }} as news on payee.reference_no = news.reference_no
),

{% if is_incremental() %}
-- int_transfers comes after this model: here it still is what the last night left.
earlier as (
    select
        transfer.reference_no,
        transfer.event_id,
        transfer.benefit_code,
        transfer.payee_key,
        transfer.retry_of_stated
    from {{ this.incorporate(path={'identifier': 'int_transfers'}) }} as transfer
    semi join {{ ref('int_transfer_news') }} as news on transfer.reference_no = news.reference_no
),

{% endif %}
touched as (
    select * from now
    {% if is_incremental() %}
    union all
    select * from earlier
    {% endif %}
),

originals as (
    select
        payee.event_id,
        payee.benefit_code,
        payee.payee_key
    from {{ ref('int_transfer_payees') }} as payee
    semi join touched on payee.reference_no = touched.retry_of_stated
)

select
    event_id,
    benefit_code,
    payee_key
from touched
union
select
    event_id,
    benefit_code,
    payee_key
from originals
