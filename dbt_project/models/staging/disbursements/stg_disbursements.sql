/*
 One transfer attempt as the bank states it, typed, with the rules the row breaks. What stands in many rows, a holder's name
 or a benefit, is read once for each.
*/
with source as not materialized (
    {{ new_rows('disbursements') }}
),

holders as (
    select
        account_name,
        {{ name_key('account_name') }} as account_name_key
    from (select distinct account_name from source) as holder
),

benefits as (
    select
        benefit,
        {{ benefit_code('benefit_key') }} as benefit_code
    from (
        select distinct
            benefit,
            {{ match_key('benefit') }} as benefit_key
        from source
    ) as words
),

read as (
    select
        source.*,
        {{ match_key('source.status') }} as status_key,
        {{ parse_date('source.instructed_on') }} as instructed_day,
        {{ parse_rupiah('source.amount_idr', was_numeric('amount_idr')) }} as amount,
        {{ parse_date('source.settled_on') }} as settled_day
    from source
),

typed as (
    select
        read.file_sha256,
        read.sheet,
        read.source_row,
        upper(trim(read.reference_no)) as reference_no,
        upper(trim(read.batch)) as batch,
        upper(trim(read.event)) as event_text,
        {{ match_key('read.event') }} as event_key,
        read.instructed_day as instructed_on,
        {{ digits('read.account_no') }} as account_no,
        read.account_name,
        holders.account_name_key,
        read.amount as amount_idr,
        case
            when read.status_key in ('SUKSES', 'BERHASIL', 'SUCCESS', 'SUCCEEDED') then 'SUKSES'
            when read.status_key in ('GAGAL', 'FAILED', 'DITOLAK', 'REJECTED') then 'GAGAL'
            when read.status_key in ('RETUR', 'RETURN', 'RETURNED', 'DIKEMBALIKAN') then 'RETUR'
            when read.status_key in ('PROSES', 'DALAMPROSES', 'DIPROSES', 'PENDING') then 'PROSES'
        end as status,
        {{ bank_reason_code('read.reason_code') }} as reason_code,
        read.settled_day as settled_on,
        upper(trim(read.retry_of)) as retry_of,
        {{ row_fingerprint(
            [
                'read.reference_no', 'read.batch', 'read.event', 'read.benefit', 'read.account_no', 'read.account_name', 'read.status',
                'read.reason_code', 'read.retry_of'
            ],
            {'read.instructed_on': 'read.instructed_day', 'read.amount_idr': 'read.amount', 'read.settled_on': 'read.settled_day'},
            many=['read.reference_no', 'read.account_no', 'read.account_name', 'read.retry_of']
        ) }} as row_fingerprint,
        benefits.benefit_code
    from read
    left join holders on read.account_name = holders.account_name
    left join benefits on read.benefit = benefits.benefit
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
from typed
