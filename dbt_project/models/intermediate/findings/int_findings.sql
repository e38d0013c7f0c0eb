/*
 Every finding with its state and its life. When it was first and last seen follows from the receipts, so that a
 warehouse made again from raw/ tells the same history. A verdict `corrected` speaks of what had been delivered by then: a later
 file that breaks the rule is open again.
*/
with files as (
    select
        feed,
        file_sha256,
        file_name,
        submitter,
        delivered_at,
        received_at
    from {{ source('raw', 'deliveries') }}
),

last_night as (
    select max(received_at) as received_at
    from {{ source('raw', 'arrivals') }}
),

found as (
    select
        feed,
        file_sha256,
        sheet,
        source_row,
        source_column,
        cast(null as varchar) as subject,
        rule_code,
        finding_key,
        matter,
        is_superseded,
        newest_sha256
    from {{ ref('int_row_findings') }}
    union all
    select
        feed,
        file_sha256,
        sheet,
        source_row,
        source_column,
        subject,
        rule_code,
        finding_key,
        matter,
        is_superseded,
        newest_sha256
    from {{ ref('int_cross_findings') }}
    union all
    select
        feed,
        file_sha256,
        sheet,
        source_row,
        source_column,
        subject,
        rule_code,
        finding_key,
        finding_key as matter,
        false as is_superseded,
        null as newest_sha256
    from {{ ref('int_decision_findings') }}
    union all
    select
        feed,
        file_sha256,
        null as sheet,
        null as source_row,
        null as source_column,
        null as subject,
        rule_code,
        finding_key,
        finding_key as matter,
        is_superseded,
        newest_sha256
    from {{ ref('int_file_findings') }}
),

still_broken as (
    select distinct
        file_sha256,
        rule_code
    from found
    where not is_superseded and source_row is not null
),

decided as (
    select
        found.*,
        files.file_name,
        files.submitter,
        files.received_at as first_seen,
        newest.received_at as superseded_at,
        still_broken.rule_code is not null as breaks_again,
        verdict.verdict,
        verdict.decided_on,
        verdict.expires_on,
        case
            when verdict.verdict is null then false
            when verdict.verdict = 'waive' then not verdict.is_expired
            when verdict.verdict = 'corrected' then files.delivered_at <= verdict.delivered_at
            else true
        end as is_settled
    from found
    inner join files on found.file_sha256 = files.file_sha256 and found.feed = files.feed
    left join files as newest on found.newest_sha256 = newest.file_sha256 and found.feed = newest.feed
    left join still_broken on found.newest_sha256 = still_broken.file_sha256 and found.rule_code = still_broken.rule_code
    left join {{ ref('int_verdict_matters') }} as verdict on found.matter = verdict.matter and verdict.is_current
)

select
    decided.finding_key,
    decided.rule_code,
    rule.severity,
    rule.category,
    rule.owner,
    rule.field,
    decided.feed,
    coalesce(decided.submitter, '-') as submitter,
    decided.file_name,
    decided.file_sha256,
    decided.sheet,
    decided.source_row,
    decided.source_column,
    decided.subject,
    case
        when decided.is_superseded and decided.breaks_again then 'superseded'
        when decided.is_superseded then 'corrected'
        when decided.is_settled then case decided.verdict when 'waive' then 'waived' else 'corrected' end
        else 'open'
    end as state,
    decided.first_seen,
    case
        when decided.is_superseded then greatest(coalesce(decided.superseded_at, decided.first_seen), decided.first_seen)
        else last_night.received_at
    end as last_seen,
    decided.matter,
    decided.is_settled and not decided.is_superseded as is_decided,
    case when decided.verdict = 'waive' then decided.decided_on end as waived_from,
    case when decided.verdict = 'waive' then decided.expires_on end as waived_until
from decided
cross join last_night
inner join {{ ref('quality_rules') }} as rule on decided.rule_code = rule.rule_code
