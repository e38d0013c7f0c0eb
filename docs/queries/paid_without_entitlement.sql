-- Uang apa yang dibayarkan kepada orang atau rekening yang tidak berhak, dan apa kata temuan tentangnya?
-- What money was paid to people or accounts that are not entitled, and what do the findings say about it?
--
-- participant_id kosong: rekening itu bukan milik siapa pun di daftar (account_key pengganti nomornya).
-- No participant_id: the account belongs to nobody on the rosters (account_key stands for its number).
select
    attempt.event_id,
    attempt.reference_no,
    money.participant_id,
    money.account_key,
    attempt.amount_idr,
    attempt.status,
    list(distinct finding.rule_code order by finding.rule_code) filter (where finding.rule_code is not null) as findings,
    ledger.file_name,
    attempt.source_row
from mart_disbursement_reconciliation as money
inner join fct_disbursement as attempt
    on
        money.event_id = attempt.event_id
        and money.benefit_code = attempt.benefit_code
        and coalesce(money.participant_id, money.account_key) = coalesce(attempt.participant_id, attempt.account_key)
left join quality_findings as finding
    on
        attempt.file_sha256 = finding.file_sha256
        and attempt.source_row = finding.source_row
        and finding.feed = 'disbursements'
        and finding.state = 'open'
left join file_ledger as ledger
    on attempt.file_sha256 = ledger.file_sha256 and ledger.feed = 'disbursements' and ledger.state <> 'duplicate'
where money.outcome = 'NOT_ENTITLED' and money.paid_idr > 0
group by all
order by attempt.event_id, attempt.reference_no;
