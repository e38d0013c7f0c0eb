-- One entitlement line of an events file, typed. Regions are resolved in int_event_lines: a cell may name several.
with source as (
    {{ new_rows('events') }}
),

typed as (
    select
        file_sha256,
        sheet,
        source_row,
        upper(trim(event)) as event_id,
        {{ match_key('event') }} as event_key,
        event_name,
        {{ match_key('event_name') }} as event_name_key,
        {{ parse_date('event_date') }} as event_date,
        nullif(trim(bakorwil), '') as bakorwil,
        {{ match_key("regexp_replace(bakorwil, '(?i)bakorwil(\\s+[ivx]+\\b)?', '')") }} as bakorwil_key,
        region as region_text,
        {{ match_key('pillar') }} as pillar_key,
        {{ match_key('benefit') }} as benefit_key,
        {{ parse_rupiah('amount_idr', was_numeric('amount_idr')) }} as amount_idr,
        try_cast({{ digits('months') }} as integer) as months,
        {{ parse_month('starts_on') }} as starts_on,
        {{ row_fingerprint(
            ['event', 'event_name', 'bakorwil', 'region', 'pillar', 'benefit', 'months'],
            {
                'event_date': parse_date('event_date'),
                'amount_idr': parse_rupiah('amount_idr', was_numeric('amount_idr')),
                'starts_on': parse_month('starts_on'),
            }
        ) }} as row_fingerprint
    from source
),

coded as (
    select
        typed.* exclude (pillar_key, benefit_key),
        {{ pillar_code('typed.pillar_key') }} as pillar_code,
        {{ benefit_code('typed.benefit_key') }} as benefit_code
    from typed
)

select
    *,
    {{ rules_broken({
        'EVENT_CODE_MISSING': 'event_id is null',
        'EVENT_DATE_INVALID': 'event_date is null',
        'EVENT_PILLAR_UNKNOWN': 'pillar_code is null',
        'EVENT_BENEFIT_UNKNOWN': 'benefit_code is null',
        'EVENT_AMOUNT_INVALID': 'coalesce(amount_idr, 0) <= 0',
        'EVENT_MONTHS_INVALID': "benefit_code = 'BPJS_TK' and (coalesce(months, 0) <= 0 or starts_on is null)"
    }) }} as broken_rules
from coded
