{{ config(materialized='view') }}
-- Each promise with each roster row that it reaches.
select
    terms.event_id,
    terms.benefit_code,
    post.participant_id,
    terms.pillar_code,
    terms.region_code,
    post.district_code,
    terms.amount_idr,
    terms.months,
    terms.starts_on,
    terms.entitled_idr,
    terms.term_no,
    terms.is_largest,
    post.is_sole,
    post.delivered_at,
    post.file_name,
    post.file_sha256,
    post.sheet,
    post.source_row
from {{ ref('int_posts') }} as post
inner join {{ ref('int_promise_terms') }} as terms on post.post_no = terms.post_no
