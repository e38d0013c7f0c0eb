{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
/*
 What people are entitled to who stand in several roster rows: once for an event and benefit, to the largest promise, by the
 newest roster. Of these most are promised once, so only the others are ranked. A narrow night brings none and changes none.
*/
with matches as not materialized (
    select *
    from {{ ref('int_promise_matches') }}
    where not is_sole
),

promised_again as (
    select
        event_id,
        benefit_code,
        participant_id
    from matches
    group by event_id, benefit_code, participant_id
    having count(*) > 1
),

ranked as (
    select
        promise.*,
        row_number() over (
            partition by promise.event_id, promise.benefit_code, promise.participant_id
            order by
                promise.entitled_idr desc, promise.delivered_at desc, promise.file_name desc, promise.file_sha256 desc,
                promise.sheet desc, promise.source_row desc, promise.months desc, promise.starts_on, promise.term_no
        ) as choice
    from matches as promise
    semi join promised_again as again
        on
            promise.event_id = again.event_id
            and promise.benefit_code = again.benefit_code
            and promise.participant_id = again.participant_id
),

chosen as (
    select promise.*
    from matches as promise
    anti join promised_again as again
        on
            promise.event_id = again.event_id
            and promise.benefit_code = again.benefit_code
            and promise.participant_id = again.participant_id
    union all
    select * exclude (choice)
    from ranked
    where choice = 1
)

select * exclude (is_largest, is_sole, delivered_at, file_name)
from chosen
{% if is_incremental() %} where false {% endif %}
