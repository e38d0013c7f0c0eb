-- Keputusan petugas mana yang berlaku, mana yang tidak dapat dipakai, dan apa jadinya temuan itu?
-- Which of the stewards' verdicts hold, which cannot be used, and what became of the finding?
select
    verdict.decided_on,
    verdict.verdict,
    verdict.rule_code,
    verdict.state,
    verdict.expires_on,
    verdict.rows_let_in,
    finding.state as finding_state,
    finding.file_name,
    ledger.file_name || ' : ' || verdict.source_row as decided_in
from quality_decisions as verdict
left join quality_findings as finding on verdict.finding_key = finding.finding_key
left join file_ledger as ledger
    on verdict.file_sha256 = ledger.file_sha256 and ledger.feed = 'decisions' and ledger.state <> 'duplicate'
order by verdict.decided_on, ledger.file_name, verdict.source_row;
