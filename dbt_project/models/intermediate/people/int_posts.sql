{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- Who holds which post that is promised something, with the roster row that says so. A narrow night brings none and changes none.
with posts as (
    select distinct
        post_no,
        roster_scope,
        pillar_code,
        region_code
    from {{ ref('int_promise_terms') }}
),

in_service as (
    select *
    from {{ ref('int_roster_lines') }}
    where row_state = 'accepted' and status = 'AKTIF' and participant_id is not null
),

several as (
    select participant_id
    from in_service
    group by participant_id
    having count(*) > 1
)

select
    line.participant_id,
    posts.post_no,
    several.participant_id is null as is_sole,
    line.district_code,
    line.delivered_at,
    line.file_name,
    line.file_sha256,
    line.sheet,
    line.source_row
from in_service as line
inner join posts
    on
        line.roster_scope = posts.roster_scope
        and line.pillar_code = posts.pillar_code
        and line.region_code is not distinct from posts.region_code
left join several on line.participant_id = several.participant_id
{% if is_incremental() %} where false {% endif %}
