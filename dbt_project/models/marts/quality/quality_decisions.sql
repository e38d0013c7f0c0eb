/*
 Every verdict ever landed and what became of it. What a steward wrote in words, and who wrote it, stays in the warehouse;
 a key or verdict that is none of ours may be anything, so it is not shown.
*/
with settled as (
    select distinct matter
    from {{ ref('int_findings') }}
    where is_decided
),

let_in as (
    select
        matter,
        count(*) as rows_let_in
    from {{ ref('int_row_findings') }}
    where is_let_in
    group by matter
),

verdicts as (
    select
        line.file_sha256,
        line.sheet,
        line.source_row,
        case when {{ is_finding_key('line.finding_key') }} then line.finding_key end as finding_key,
        case when line.verdict in ('waive', 'corrected', 'same_person', 'different_person') then line.verdict end as verdict,
        about.rule_code,
        cast(line.delivered_at + interval 7 hour as date) as decided_on,
        line.expires_on,
        coalesce(about.is_current, false) as is_current,
        case
            when about.verdict is null then 'refused'
            when not about.is_key then 'unknown'
            when not about.is_fit then 'unfit'
            when not about.is_current then 'replaced'
            when about.is_expired then 'expired'
            when about.verdict in ('waive', 'corrected') and settled.matter is null then 'ended'
            else 'in_force'
        end as state,
        let_in.rows_let_in
    from {{ ref('int_decision_lines') }} as line
    left join {{ ref('int_verdict_matters') }} as about
        on line.file_sha256 = about.file_sha256 and line.sheet = about.sheet and line.source_row = about.source_row
    left join settled on about.matter = settled.matter
    left join let_in on about.matter = let_in.matter
)

select
    finding_key,
    verdict,
    rule_code,
    decided_on,
    expires_on,
    state,
    is_current,
    state = 'in_force' as is_in_force,
    cast(case when state = 'in_force' and verdict = 'waive' then coalesce(rows_let_in, 0) else 0 end as bigint) as rows_let_in,
    {{ publishable_hash('file_sha256') }} as file_sha256,
    sheet,
    source_row
from verdicts
