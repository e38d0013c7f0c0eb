select
    unpaid.event_id,
    unpaid.benefit_code,
    unpaid.region_code,
    region.region_name,
    unpaid.pillar_code,
    unpaid.participant_id,
    unpaid.outcome,
    unpaid.entitled_idr - unpaid.paid_idr as missing_idr,
    unpaid.attempts,
    unpaid.last_reason_code,
    coalesce(
        reason.meaning_id,
        case unpaid.outcome
            when 'UNPAID' then 'Bank belum mencatat transfer untuknya'
            when 'PENDING' then 'Transfer masih diproses'
            when 'UNDERPAID' then 'Baru dibayar sebagian'
            else 'Bank tidak memberi alasan'
        end
    ) as why_id,
    coalesce(
        reason.meaning_en,
        case unpaid.outcome
            when 'UNPAID' then 'The bank''s logs hold no transfer'
            when 'PENDING' then 'A transfer is under way'
            when 'UNDERPAID' then 'Paid in part'
            else 'The bank gives no reason'
        end
    ) as why_en,
    coalesce(
        reason.advice_id,
        case unpaid.outcome
            when 'UNPAID' then 'Periksa rekeningnya, masukkan ke perintah bayar berikutnya'
            when 'PENDING' then 'Tunggu laporan bank berikutnya'
            when 'UNDERPAID' then 'Kirim kekurangannya'
            else 'Tanyakan kepada bank'
        end
    ) as next_step_id,
    coalesce(
        reason.advice_en,
        case unpaid.outcome
            when 'UNPAID' then 'Check the account, put it into the next instruction'
            when 'PENDING' then 'Wait for the bank''s next statement'
            when 'UNDERPAID' then 'Send the rest'
            else 'Ask the bank'
        end
    ) as next_step_en,
    ledger.submitter,
    ledger.file_name,
    promised.sheet,
    promised.source_row
from mart_disbursement_reconciliation as unpaid
left join dim_region as region on unpaid.region_code = region.region_code
left join dim_bank_reason as reason on unpaid.last_reason_code = reason.reason_code
left join fct_entitlement as promised
    on
        unpaid.event_id = promised.event_id
        and unpaid.benefit_code = promised.benefit_code
        and unpaid.participant_id = promised.participant_id
left join file_ledger as ledger
    on promised.file_sha256 = ledger.file_sha256 and ledger.feed = 'rosters' and ledger.state <> 'duplicate'
where unpaid.outcome in ('UNPAID', 'FAILED', 'RETURNED', 'PENDING', 'UNDERPAID')
