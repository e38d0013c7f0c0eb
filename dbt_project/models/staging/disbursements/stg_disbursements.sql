-- One transfer attempt as the bank states it, typed, with the rules the row breaks.
with source as (
    {{ new_rows('disbursements') }}
),

typed as (
    select
        file_sha256,
        sheet,
        source_row,
        upper(trim(reference_no)) as reference_no,
        upper(trim(batch)) as batch,
        upper(trim(event)) as event_text,
        {{ match_key('event') }} as event_key,
        {{ match_key('benefit') }} as benefit_key,
        {{ parse_date('instructed_on') }} as instructed_on,
        {{ digits('account_no') }} as account_no,
        account_name,
        {{ name_key('account_name') }} as account_name_key,
        {{ parse_rupiah('amount_idr', was_numeric('amount_idr')) }} as amount_idr,
        case
            when {{ match_key('status') }} in ('SUKSES', 'BERHASIL', 'SUCCESS', 'SUCCEEDED') then 'SUKSES'
            when {{ match_key('status') }} in ('GAGAL', 'FAILED', 'DITOLAK', 'REJECTED') then 'GAGAL'
            when {{ match_key('status') }} in ('RETUR', 'RETURN', 'RETURNED', 'DIKEMBALIKAN') then 'RETUR'
            when {{ match_key('status') }} in ('PROSES', 'DALAMPROSES', 'DIPROSES', 'PENDING') then 'PROSES'
        end as status,
        {{ bank_reason_code('reason_code') }} as reason_code,
        {{ parse_date('settled_on') }} as settled_on,
        upper(trim(retry_of)) as retry_of,
        {{ row_fingerprint(
            ['reference_no', 'batch', 'event', 'benefit', 'account_no', 'account_name', 'status', 'reason_code', 'retry_of'],
            {
                'instructed_on': parse_date('instructed_on'),
                'amount_idr': parse_rupiah('amount_idr', was_numeric('amount_idr')),
                'settled_on': parse_date('settled_on'),
            }
        ) }} as row_fingerprint
    from source
),

coded as (
    select
        typed.* exclude (benefit_key),
        {{ benefit_code('typed.benefit_key') }} as benefit_code
    from typed
)

select
    *,
    {{ rules_broken({
        'REFERENCE_MISSING': 'reference_no is null',
        'BATCH_MISSING': 'batch is null',
        'TRANSFER_DATE_INVALID': 'instructed_on is null',
        'TRANSFER_BENEFIT_UNKNOWN': 'benefit_code is null',
        'TRANSFER_ACCOUNT_MISSING': 'account_no is null',
        'TRANSFER_AMOUNT_INVALID': 'coalesce(amount_idr, 0) <= 0',
        'TRANSFER_STATUS_UNKNOWN': 'status is null',
        'TRANSFER_SETTLED_BEFORE_INSTRUCTED': 'settled_on < instructed_on',
        'TRANSFER_REASON_MISSING': "status in ('GAGAL', 'RETUR') and reason_code is null"
    }) }} as broken_rules
from coded
