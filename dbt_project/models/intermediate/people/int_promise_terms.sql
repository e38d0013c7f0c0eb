{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
/*
 What a post is promised, from data alone. A post is what a roster row says beside the person: the roster's scope, a pillar and
 a kab/kota. A roster drawn up for an event entitles for that event; one with a month for the events of that month on; a
 standing one for every event of its region and pillar. Posts are few beside the people who hold them, so nobody's promises
 are written down: `int_posts` says who holds which. A narrow night brings none and changes none.
*/
with posts as (
    select distinct
        roster_scope,
        event_key is not null as is_for_event,
        event_id,
        roster_month,
        pillar_code,
        region_code
    from {{ ref('int_roster_lines') }}
    where row_state = 'accepted' and status = 'AKTIF' and participant_id is not null
),

promised as (
    select
        posts.roster_scope,
        promise.pillar_code,
        posts.region_code,
        promise.event_id,
        promise.benefit_code,
        promise.amount_idr,
        promise.months,
        promise.starts_on,
        cast(promise.amount_idr * coalesce(promise.months, 1) as decimal(18, 2)) as entitled_idr,
        promise.file_sha256,
        promise.sheet,
        promise.source_row
    from {{ ref('int_event_lines') }} as promise
    inner join posts
        on
            promise.pillar_code = posts.pillar_code
            and case
                when posts.is_for_event then promise.event_id = posts.event_id
                when posts.roster_month is not null
                    then promise.event_date >= posts.roster_month and list_contains(promise.region_codes, posts.region_code)
                else list_contains(promise.region_codes, posts.region_code)
            end
    where promise.row_state = 'accepted'
)

select
    cast(dense_rank() over (order by roster_scope, pillar_code, region_code) as integer) as post_no,
    cast(row_number() over (
        order by
            roster_scope, pillar_code, region_code, event_id, benefit_code, entitled_idr desc, months desc, starts_on,
            file_sha256, sheet, source_row
    ) as integer) as term_no,
    row_number() over (
        partition by roster_scope, pillar_code, region_code, event_id, benefit_code
        order by entitled_idr desc, months desc, starts_on, file_sha256, sheet, source_row
    ) = 1 as is_largest,
    roster_scope,
    pillar_code,
    region_code,
    event_id,
    benefit_code,
    amount_idr,
    months,
    starts_on,
    entitled_idr
from promised
{% if is_incremental() %} where false {% endif %}
