/*
 Payees of an event and benefit whose attempts may differ from what the last night said: payees, of then and of now, of the
 transfers in the news and of the originals that these name or named. Empty when all is built anew.
*/
with touched as (
    select
        payee.reference_no,
        payee.event_id,
        payee.benefit_code,
        coalesce(payee.participant_id, payee.account_key) as payee_key,
        payee.retry_of_stated
    from {{ ref('int_transfer_payees') }} as payee
    semi join {{ ref('int_transfer_news') }} as news on payee.reference_no = news.reference_no
    union all
    select
        reference_no,
        event_id,
        benefit_code,
        payee_key,
        retry_of_stated
    from {{ ref('int_payees_before') }}
),

originals as (
    select
        payee.event_id,
        payee.benefit_code,
        coalesce(payee.participant_id, payee.account_key) as payee_key
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
