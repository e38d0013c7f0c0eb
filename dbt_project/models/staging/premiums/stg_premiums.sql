-- One member-month of BPJS Ketenagakerjaan cover, typed, with the rules the row breaks.
with source as (
    {{ new_rows('premiums') }}
),

read as (
    select
        source.*,
        {{ digits('source.nik') }} as nik_digits,
        {{ parse_month('source.month') }} as month_day,
        {{ parse_rupiah('source.amount_idr', was_numeric('amount_idr')) }} as amount,
        {{ match_key('source.status') }} as status_key,
        {{ parse_date('source.paid_on') }} as paid_day
    from source
),

typed as (
    select
        read.file_sha256,
        read.sheet,
        read.source_row,
        {{ digits('read.bpjs_no') }} as bpjs_no,
        read.nik as nik_text,
        case when not {{ was_numeric('nik') }} and strlen(read.nik_digits) = 16 then read.nik_digits end as nik,
        read.name,
        read.month_day as coverage_starts_on,
        alias.region_code,
        {{ program_code('read.program') }} as program,
        read.amount as amount_idr,
        case
            when read.status_key in ('LUNAS', 'BAYAR', 'DIBAYAR', 'PAID') then 'LUNAS'
            when read.status_key in ('TUNGGAK', 'MENUNGGAK', 'TUNGGAKAN', 'BELUMBAYAR', 'BELUM') then 'TUNGGAK'
        end as status,
        read.paid_day as paid_on,
        {{ row_fingerprint(
            ['read.bpjs_no', 'read.nik', 'read.name', 'read.region', 'read.program', 'read.status'],
            {'read.month': 'read.month_day', 'read.amount_idr': 'read.amount', 'read.paid_on': 'read.paid_day'},
            many=['read.bpjs_no', 'read.nik', 'read.name']
        ) }} as row_fingerprint
    from read
    left join {{ source('raw', 'region_aliases') }} as alias on {{ match_key('read.region') }} = alias.alias_key
)

select
    *,
    {{ rules_broken({
        'PREMIUM_MONTH_INVALID': 'coverage_starts_on is null',
        'PREMIUM_AMOUNT_INVALID': 'amount_idr is null or amount_idr < 0',
        'PREMIUM_STATUS_UNKNOWN': 'status is null',
        'PREMIUM_MEMBER_MISSING': 'nik is null and bpjs_no is null',
        'PREMIUM_NIK_DAMAGED': 'nik_text is not null and nik is null and bpjs_no is not null',
        'PREMIUM_BPJS_NO_INVALID': 'bpjs_no is not null and len(bpjs_no) not in (11, 13)',
        'PREMIUM_HEALTH_NUMBER': 'len(bpjs_no) = 13'
    }) }} as broken_rules
from typed
