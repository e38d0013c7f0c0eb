-- Siapa yang berhak tetapi belum menerima seluruh haknya, mengapa, dan apa langkah berikutnya?
-- Who is entitled and has not got all of it, why, and what comes next?
--
-- Baris daftar yang memberi hak disebut dengan berkas, lembar, dan nomornya.
-- The roster row that entitles is named by file, sheet and number.
select
    unpaid.event_id,
    region.region_name,
    unpaid.pillar_code,
    unpaid.participant_id,
    unpaid.outcome,
    unpaid.entitled_idr - unpaid.paid_idr as missing_idr,
    unpaid.attempts,
    coalesce(
        reason.meaning_id || ' / ' || reason.meaning_en,
        case unpaid.outcome
            when 'UNPAID' then 'Bank belum mencatat transfer untuknya / The bank''s logs hold no transfer'
            when 'PENDING' then 'Transfer masih diproses / A transfer is under way'
            when 'UNDERPAID' then 'Baru dibayar sebagian / Paid in part'
            else 'Bank tidak memberi alasan / The bank gives no reason'
        end
    ) as why,
    coalesce(
        reason.advice_id || ' / ' || reason.advice_en,
        case unpaid.outcome
            when 'UNPAID' then 'Periksa rekeningnya, masukkan ke perintah bayar berikutnya / Check the account, put it into the next instruction'
            when 'PENDING' then 'Tunggu laporan bank berikutnya / Wait for the bank''s next statement'
            when 'UNDERPAID' then 'Kirim kekurangannya / Send the rest'
            else 'Tanyakan kepada bank / Ask the bank'
        end
    ) as next_step,
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
left join file_ledger as ledger on promised.file_sha256 = ledger.file_sha256 and ledger.feed = 'rosters' and ledger.state <> 'duplicate'
where unpaid.outcome in ('UNPAID', 'FAILED', 'RETURNED', 'PENDING', 'UNDERPAID')
order by unpaid.event_id, unpaid.outcome, unpaid.region_code, unpaid.participant_id;
