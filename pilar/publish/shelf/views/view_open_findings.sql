select
    finding.owner,
    finding.severity,
    finding.category,
    finding.rule_code,
    finding.feed,
    finding.submitter,
    count(*) as findings,
    count(distinct finding.file_sha256) as files,
    min(ledger.delivered_at) as oldest_delivered_at,
    min(finding.first_seen) as oldest_first_seen
from quality_findings as finding
left join file_ledger as ledger
    on finding.file_sha256 = ledger.file_sha256 and finding.feed = ledger.feed and ledger.state <> 'duplicate'
where finding.state = 'open'
group by finding.owner, finding.severity, finding.category, finding.rule_code, finding.feed, finding.submitter
