-- One person in a pillar as a roster states it, typed, placed on the map, with the rules the row breaks.
with source as (
    {{ new_rows('rosters') }}
),

typed as (
    select
        file_sha256,
        sheet,
        source_row,
        nik as nik_text,
        {{ was_numeric('nik') }} or coalesce(regexp_matches(nik, '(?i)^\d([.,]\d+)?e\+?\d+$'), false) as is_nik_numeric,
        {{ digits('nik') }} as nik_digits,
        name,
        {{ name_key('name') }} as name_key,
        case
            when {{ match_key('sex') }} in ('L', 'LK', 'LAKILAKI', 'LAKI', 'PRIA', 'M', 'MALE') then 'L'
            when {{ match_key('sex') }} in ('P', 'PR', 'PEREMPUAN', 'WANITA', 'F', 'FEMALE') then 'P'
        end as sex,
        sex as sex_text,
        {{ born_in_the_past(parse_date('birth_date')) }} as birth_date,
        {{ match_key('pillar') }} as pillar_key,
        {{ match_key('region') }} as region_key,
        {{ match_key("regexp_replace(district, '(?i)^\\s*kec(amatan)?[. ]+', '')") }} as district_key,
        account_no as account_text,
        {{ digits('account_no') }} as account_no,
        {{ was_numeric('account_no') }} as is_account_numeric,
        account_name,
        {{ name_key('coalesce(account_name, name)') }} as account_name_key,
        {{ digits('phone') }} as phone,
        {{ digits('bpjs_no') }} as bpjs_no,
        case
            when {{ match_key('status') }} is null then 'AKTIF'
            when {{ match_key('status') }} in ('NONAKTIF', 'TIDAKAKTIF', 'BERHENTI', 'MENGUNDURKANDIRI', 'MENINGGAL', 'PENSIUN', 'KELUAR', '0') then 'NONAKTIF'
            else 'AKTIF'
        end as status,
        {{ match_key('event') }} as event_key,
        {{ parse_month('month') }} as roster_month,
        {{ row_fingerprint(
            ['nik', 'name', 'sex', 'pillar', 'region', 'district', 'account_no', 'account_name', 'phone', 'bpjs_no', 'status', 'event'],
            {'birth_date': parse_date('birth_date'), 'month': parse_month('month')}
        ) }} as row_fingerprint
    from source
),

placed as (
    select
        typed.* exclude (pillar_key, region_key, district_key),
        {{ pillar_code('typed.pillar_key') }} as pillar_code,
        alias.region_code,
        coalesce(alias.ambiguous, false) as is_region_ambiguous,
        typed.district_key,
        district.kemendagri_code as district_code
    from typed
    left join {{ source('raw', 'region_aliases') }} as alias on typed.region_key = alias.alias_key
    left join {{ ref('districts') }} as district
        on alias.region_code = district.region_code and typed.district_key = {{ match_key('district.district_name') }}
),

nik_parts as (
    select
        *,
        case when len(nik_digits) = 16 and not is_nik_numeric then nik_digits end as nik16,
        try_cast(substr(nik_digits, 7, 2) as integer) % 40 as nik_day,
        case when try_cast(substr(nik_digits, 7, 2) as integer) > 40 then 'P' else 'L' end as nik_sex,
        substr(nik_digits, 9, 2) as nik_month,
        substr(nik_digits, 11, 2) as nik_year
    from placed
),

checked as (
    select
        nik_parts.* exclude (nik_day, nik_month, nik_year),
        -- A day of this or the last century: a carrier of the programme is between 15 and 100 years old.
        cast(coalesce(
            try_strptime(lpad(cast(nik_day as varchar), 2, '0') || nik_month || '19' || nik_year, '%d%m%Y'),
            try_strptime(lpad(cast(nik_day as varchar), 2, '0') || nik_month || '20' || nik_year, '%d%m%Y')
        ) as date) as nik_birth_date,
        substr(nik16, 1, 6) in (select kemendagri_code from {{ ref('districts') }}) as is_nik_district_known
    from nik_parts
),

ruled as (
    select
        *,
        {{ rules_broken({
            'NIK_MISSING': 'nik_text is null',
            'NIK_NUMERIC_CELL': 'nik_text is not null and is_nik_numeric',
            'NIK_LENGTH': 'nik_text is not null and not is_nik_numeric and (nik_digits is null or len(nik_digits) <> 16)',
            'NIK_REGION_UNKNOWN': "nik16 is not null and not regexp_matches(nik16, '^(1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-6])')",
            'NIK_DISTRICT_UNKNOWN': "nik16 like '35%' and not is_nik_district_known",
            'NIK_DATE_IMPOSSIBLE': 'nik16 is not null and nik_birth_date is null',
            'NIK_SERIAL_ZERO': "nik16 is not null and right(nik16, 4) = '0000'",
            'NIK_BIRTH_DATE_DIFFERS': "nik16 is not null and nik_birth_date is not null and birth_date is not null and strftime(birth_date, '%d%m%y') <> strftime(nik_birth_date, '%d%m%y')",
            'NIK_SEX_DIFFERS': 'nik16 is not null and nik_birth_date is not null and sex is not null and sex <> nik_sex',
            'NAME_MISSING': 'name is null',
            'SEX_UNKNOWN': 'sex_text is not null and sex is null',
            'BIRTH_DATE_INVALID': 'birth_date is null',
            'PILLAR_UNKNOWN': 'pillar_code is null',
            'REGION_UNKNOWN': 'region_code is null and not is_region_ambiguous',
            'REGION_AMBIGUOUS': 'region_code is null and is_region_ambiguous',
            'DISTRICT_UNKNOWN': 'district_key is not null and region_code is not null and district_code is null',
            'ACCOUNT_MISSING': 'account_text is null',
            'ACCOUNT_NUMERIC_CELL': 'is_account_numeric',
            'ACCOUNT_INVALID': 'account_text is not null and not is_account_numeric and (account_no is null or len(account_no) not between 6 and 34)',
            'BPJS_NO_INVALID': 'bpjs_no is not null and len(bpjs_no) <> 11'
        }) }} as broken_rules
    from checked
)

select
    file_sha256,
    sheet,
    source_row,
    -- A NIK counts only when nothing says that it is damaged.
    case
        when not list_has_any(broken_rules, ['NIK_REGION_UNKNOWN', 'NIK_DATE_IMPOSSIBLE', 'NIK_SERIAL_ZERO']) then nik16
    end as nik,
    name,
    name_key,
    coalesce(sex, case when nik_birth_date is not null then nik_sex end) as sex,
    coalesce(birth_date, nik_birth_date) as birth_date,
    pillar_code,
    region_code,
    district_code,
    account_no,
    account_name,
    account_name_key,
    phone,
    bpjs_no,
    status,
    event_key,
    roster_month,
    row_fingerprint,
    broken_rules
from ruled
