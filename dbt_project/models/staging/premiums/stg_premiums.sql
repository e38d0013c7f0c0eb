-- One member-month of BPJS Ketenagakerjaan cover, typed, with the rules the row breaks.
with source as (
    {{ new_rows('premiums') }}
),

typed as (
    select
        source.file_sha256,
        source.sheet,
        source.source_row,
        {{ digits('source.bpjs_no') }} as bpjs_no,
        source.nik as nik_text,
        case when not {{ was_numeric('nik') }} and regexp_full_match({{ digits('source.nik') }}, '\d{12}\d{4}') then {{ digits('source.nik') }} end as nik,
        source.name,
        {{ parse_month('source.month') }} as coverage_starts_on,
        alias.region_code,
        {{ program_code('source.program') }} as program,
        {{ parse_rupiah('source.amount_idr', was_numeric('amount_idr')) }} as amount_idr,
        case
            when {{ match_key('source.status') }} in ('LUNAS', 'BAYAR', 'DIBAYAR', 'PAID') then 'LUNAS'
            when {{ match_key('source.status') }} in ('TUNGGAK', 'MENUNGGAK', 'TUNGGAKAN', 'BELUMBAYAR', 'BELUM') then 'TUNGGAK'
        end as status,
        {{ parse_date('source.paid_on') }} as paid_on,
        {{ row_fingerprint(
            ['source.bpjs_no', 'source.nik', 'source.name', 'source.region', 'source.program', 'source.status'],
            {
                'source.month': parse_month('source.month'),
                'source.amount_idr': parse_rupiah('source.amount_idr', was_numeric('amount_idr')),
                'source.paid_on': parse_date('source.paid_on'),
            }
        ) }} as row_fingerprint
    from source
    left join {{ source('raw', 'region_aliases') }} as alias on {{ match_key('source.region') }} = alias.alias_key
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
