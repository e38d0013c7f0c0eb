{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- Who is entitled to what. A person is entitled once for an event and benefit: to the largest promise, by the newest roster.
-- A narrow night brings none and changes none.
with ranked as (
    select
        * exclude (delivered_at, file_name),
        row_number() over (
            partition by event_id, benefit_code, participant_id
            order by
                entitled_idr desc, delivered_at desc, file_name desc, file_sha256 desc, sheet desc, source_row desc, months desc, starts_on
        ) as choice
    from {{ ref('int_promise_matches') }}
)

select * exclude (choice)
from ranked
where choice = 1 {% if is_incremental() %} and false {% endif %}
