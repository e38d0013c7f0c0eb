/*
 Every finding with its state and its life. When it was first and last seen follows from the receipts, so that a
 warehouse made again from raw/ tells the same history.
*/
with files as (
    select
        feed,
        file_sha256,
        file_name,
        submitter,
        delivered_at,
        received_at,
        state,
        rule_code
    from {{ source('raw', 'deliveries') }}
),

last_night as (
    select max(received_at) as received_at
    from {{ source('raw', 'arrivals') }}
),

rows_found as (
    select
        feed,
        file_sha256,
        sheet,
        source_row,
        source_column,
        cast(null as varchar) as subject,
        rule_code,
        finding_key,
        is_superseded,
        newest_sha256
    from {{ ref('int_row_findings') }}
    union all
    {% for model in ['int_cross_findings', 'int_decision_findings'] %}
    select
        feed,
        file_sha256,
        sheet,
        source_row,
        source_column,
        subject,
        rule_code,
        finding_key,
        false as is_superseded,
        null as newest_sha256
    from {{ ref(model) }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

-- A refused file is mended when a file of its name was read later.
files_found as (
    select
        files.feed,
        files.file_sha256,
        cast(null as varchar) as sheet,
        cast(null as integer) as source_row,
        cast(null as varchar) as source_column,
        cast(null as varchar) as subject,
        files.rule_code,
        {{ finding_key('files.rule_code', 'files.file_sha256', "''", '0') }} as finding_key,
        max(mended.file_sha256) is not null as is_superseded,
        arg_min(mended.file_sha256, mended.received_at) as newest_sha256
    from files
    left join files as mended
        on
            files.feed = mended.feed
            and files.file_name = mended.file_name
            and files.received_at <= mended.received_at
            and mended.state = 'read'
    where files.state = 'rejected'
    group by files.feed, files.file_sha256, files.rule_code
),

found as (
    select * from rows_found
    union all
    select * from files_found
),

still_broken as (
    select distinct
        file_sha256,
        rule_code
    from rows_found
    where not is_superseded
),

decided as (
    select
        found.*,
        files.file_name,
        files.submitter,
        files.received_at as first_seen,
        newest.received_at as superseded_at,
        still_broken.rule_code is not null as breaks_again
    from found
    inner join files on found.file_sha256 = files.file_sha256 and found.feed = files.feed
    left join files as newest on found.newest_sha256 = newest.file_sha256 and found.feed = newest.feed
    left join still_broken on found.newest_sha256 = still_broken.file_sha256 and found.rule_code = still_broken.rule_code
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
        when verdict.verdict = 'waive' and verdict.is_in_force then 'waived'
        when verdict.verdict = 'corrected' then 'corrected'
        else 'open'
    end as state,
    decided.first_seen,
    case
        when decided.is_superseded then greatest(coalesce(decided.superseded_at, decided.first_seen), decided.first_seen)
        else last_night.received_at
    end as last_seen
from decided
cross join last_night
inner join {{ ref('quality_rules') }} as rule on decided.rule_code = rule.rule_code
left join {{ ref('int_decisions_current') }} as verdict on decided.finding_key = verdict.finding_key
