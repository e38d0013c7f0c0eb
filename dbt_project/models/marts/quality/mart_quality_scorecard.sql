-- How well each submitter delivers, by feed and night (a day in Asia/Jakarta on which something arrived).
with nights as (
    select distinct cast(received_at + interval 7 hour as date) as night
    from {{ source('raw', 'deliveries') }}
),

files as (
    select
        delivery.feed,
        coalesce(delivery.submitter, '-') as submitter,
        cast(delivery.received_at + interval 7 hour as date) as night,
        count(*) as files,
        count(*) filter (where delivery.state = 'rejected') as files_rejected,
        sum(delivery.rows_read) as rows_read,
        sum(coalesce(counted.rows_wrong_at_first, 0)) as rows_quarantined,
        sum(coalesce(counted.rows_waived, 0)) as rows_waived
    from {{ source('raw', 'deliveries') }} as delivery
    left join {{ ref('int_file_rows') }} as counted on delivery.file_sha256 = counted.file_sha256
    group by all
),

senders as (
    select
        feed,
        submitter,
        min(night) as first_night
    from files
    group by feed, submitter
),

grid as (
    select
        senders.feed,
        senders.submitter,
        nights.night
    from senders
    inner join nights on senders.first_night <= nights.night
),

seen_then as (
    select
        grid.feed,
        grid.submitter,
        grid.night,
        date_diff('day', cast(finding.first_seen + interval 7 hour as date), grid.night) as age_days,
        coalesce(grid.night between finding.waived_from and coalesce(finding.waived_until, date '9999-12-31'), false) as is_waived
    from grid
    inner join {{ ref('int_findings') }} as finding
        on
            grid.feed = finding.feed
            and grid.submitter = finding.submitter
            and cast(finding.first_seen + interval 7 hour as date) <= grid.night
            and (finding.state in ('open', 'waived') or cast(finding.last_seen + interval 7 hour as date) > grid.night)
    where finding.severity <> 'info'
),

open_then as (
    select
        feed,
        submitter,
        night,
        count(*) filter (where not is_waived) as open_findings,
        count(*) filter (where is_waived) as findings_waived,
        max(age_days) filter (where not is_waived) as oldest_finding_days
    from seen_then
    group by feed, submitter, night
)

select
    grid.feed,
    grid.submitter,
    grid.night,
    cast(coalesce(files.files, 0) as integer) as files,
    cast(coalesce(files.files_rejected, 0) as integer) as files_rejected,
    cast(coalesce(files.rows_read, 0) as bigint) as rows_read,
    cast(coalesce(files.rows_read - files.rows_quarantined, 0) as bigint) as rows_accepted,
    cast(coalesce(files.rows_quarantined, 0) as bigint) as rows_quarantined,
    cast(coalesce(files.rows_waived, 0) as bigint) as rows_waived,
    cast(100.0 * (files.rows_read - files.rows_quarantined) / nullif(files.rows_read, 0) as decimal(5, 2)) as first_time_right_pct,
    cast(coalesce(open_then.open_findings, 0) as integer) as open_findings,
    cast(coalesce(open_then.findings_waived, 0) as integer) as findings_waived,
    cast(coalesce(open_then.oldest_finding_days, 0) as integer) as oldest_finding_days
from grid
left join files on grid.feed = files.feed and grid.submitter = files.submitter and grid.night = files.night
left join open_then on grid.feed = open_then.feed and grid.submitter = open_then.submitter and grid.night = open_then.night
