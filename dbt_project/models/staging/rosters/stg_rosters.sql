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
        {{ was_numeric('nik') }} as is_nik_numeric,
        coalesce(regexp_matches(nik, '(?i)^\s*\d([.,]\d+)?\s*e\s*\+?\s*\d+\s*$'), false) as is_nik_scientific,
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
        {{ name_key('case when account_name <> name then account_name end') }} as other_account_name_key,
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
            {'birth_date': parse_date('birth_date'), 'month': parse_month('month')},
            many=['nik', 'name', 'account_no', 'account_name', 'phone', 'bpjs_no']
        ) }} as row_fingerprint
    from source
),

placed as (
    select
        typed.* exclude (pillar_key, region_key, district_key, other_account_name_key),
        coalesce(typed.other_account_name_key, typed.name_key) as account_name_key,
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

-- A spreadsheet keeps 15 digits: where it rounded before the column was made text, every NIK of the sheet ends in 0.
rounded_sheets as (
    select
        file_sha256,
        sheet
    from placed
    where len(nik_digits) = 16 and not is_nik_numeric
    group by file_sha256, sheet
    having count(*) >= 5 and bool_and(right(nik_digits, 1) = '0')
),

damaged as (
    select
        placed.*,
        case
            when placed.nik_text is null then null
            when placed.is_nik_numeric then 'NIK_NUMERIC_CELL'
            when placed.is_nik_scientific then 'NIK_SCIENTIFIC'
            when len(placed.nik_digits) = 16 and rounded_sheets.file_sha256 is not null then 'NIK_ENDS_IN_ZERO'
            when len(placed.nik_digits) = 16 then null
            -- The birth date stands one place too far left: a zero before the 15 digits would put it where it belongs.
            when
                len(placed.nik_digits) = 15
                and substr(placed.nik_digits, 8, 4) = strftime(placed.birth_date, '%m%y')
                and try_cast(substr(placed.nik_digits, 6, 2) as integer) % 40 = day(placed.birth_date)
                then 'NIK_LEADING_ZERO_LOST'
            else 'NIK_LENGTH'
        end as nik_damage
    from placed
    left join rounded_sheets on placed.file_sha256 = rounded_sheets.file_sha256 and placed.sheet = rounded_sheets.sheet
),

-- The first six digits of a NIK are the district of first registration: province, kab/kota, district.
kabkota as (
    select
        region_code,
        kemendagri_code,
        left(kemendagri_code, 2) as province
    from {{ ref('regions') }}
    where region_level = 'kabkota' and kemendagri_code is not null
),

nik_parts as (
    select
        *,
        case when nik_damage is null then nik_digits end as nik16,
        try_cast(substr(nik_digits, 7, 2) as integer) % 40 as nik_day,
        case when try_cast(substr(nik_digits, 7, 2) as integer) > 40 then 'P' else 'L' end as nik_sex,
        substr(nik_digits, 9, 2) as nik_month,
        substr(nik_digits, 11, 2) as nik_year
    from damaged
),

checked as (
    select
        nik_parts.* exclude (nik_day, nik_month, nik_year),
        -- A day of this or the last century: a carrier of the programme is between 15 and 100 years old.
        cast(coalesce(
            try_strptime(lpad(cast(nik_day as varchar), 2, '0') || nik_month || '19' || nik_year, '%d%m%Y'),
            try_strptime(lpad(cast(nik_day as varchar), 2, '0') || nik_month || '20' || nik_year, '%d%m%Y')
        ) as date) as nik_birth_date,
        regexp_matches(nik16, '^(1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-6])') as is_nik_province_known,
        case
            when left(nik16, 2) in (select province from kabkota) then left(nik16, 6) in (select kemendagri_code from {{ ref('districts') }})
            -- Elsewhere the list is not at hand, but kabupaten are numbered from 01, kota from 71, and districts from 01.
            else regexp_matches(nik16, '^..(0[1-9]|[1-6]\d|7[1-9]|[89]\d)(0[1-9]|[1-9]\d)')
        end as is_nik_district_known,
        nik_home.region_code as nik_region_code
    from nik_parts
    left join kabkota as nik_home on left(nik_parts.nik16, 4) = nik_home.kemendagri_code
),

ruled as (
    select
        *,
        {{ rules_broken({
            'NIK_MISSING': 'nik_text is null',
            'NIK_NUMERIC_CELL': "nik_damage = 'NIK_NUMERIC_CELL'",
            'NIK_SCIENTIFIC': "nik_damage = 'NIK_SCIENTIFIC'",
            'NIK_ENDS_IN_ZERO': "nik_damage = 'NIK_ENDS_IN_ZERO'",
            'NIK_LEADING_ZERO_LOST': "nik_damage = 'NIK_LEADING_ZERO_LOST'",
            'NIK_LENGTH': "nik_damage = 'NIK_LENGTH'",
            'NIK_REGION_UNKNOWN': 'nik16 is not null and not is_nik_province_known',
            'NIK_DISTRICT_UNKNOWN': 'nik16 is not null and not is_nik_district_known',
            'NIK_REGISTERED_ELSEWHERE': "coalesce(nik_region_code, case when is_nik_province_known and is_nik_district_known then '-' end) <> region_code",
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
            'BPJS_HEALTH_NUMBER': 'len(bpjs_no) = 13',
            'BPJS_NO_INVALID': 'bpjs_no is not null and len(bpjs_no) not in (11, 13)'
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
