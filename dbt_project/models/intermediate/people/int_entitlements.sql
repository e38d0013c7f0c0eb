{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
/*
 Who is entitled to what. A person is entitled once for an event and benefit: to the largest promise, by the newest roster.
 Most are promised once, so only the others are ranked. A narrow night brings none and changes none.
*/
with promised_again as (
    select
        event_id,
        benefit_code,
        participant_id
    from {{ ref('int_promise_matches') }}
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
                promise.sheet desc, promise.source_row desc, promise.months desc, promise.starts_on
        ) as choice
    from {{ ref('int_promise_matches') }} as promise
    semi join promised_again as again
        on
            promise.event_id = again.event_id
            and promise.benefit_code = again.benefit_code
            and promise.participant_id = again.participant_id
),

chosen as (
    select promise.*
    from {{ ref('int_promise_matches') }} as promise
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

select * exclude (delivered_at, file_name)
from chosen
{% if is_incremental() %} where false {% endif %}
