{#
  How rows are judged. A staging model lists the rules a row breaks (`broken_rules`); whether that quarantines the
  row is said by the rule catalogue's severity and by stewards' waivers, here and nowhere else.
#}

{#
  The rules that a row breaks: `rules_broken({'NIK_MISSING': 'nik is null'})`. Most rows break none, and for them no list is
  filtered.
#}
{% macro rules_broken(rules) -%}
    case when {% for condition in rules.values() %}({{ condition }}){{ " or " if not loop.last }}{% endfor %}
        then list_filter([
        {%- for code, condition in rules.items() %}
            case when {{ condition }} then '{{ code }}' end{{ "," if not loop.last }}
        {%- endfor %}
        ], lambda code: code is not null)
        else []
    end
{%- endmacro %}

{#
  The values of a row in 128 bits, the same whatever file, format, sheet or place brings them: `words` as letters and
  digits, `values` (column: how it is read) as read, or as words where they cannot be. `many`: those of the words that hardly
  repeat. Personal: stays in the warehouse.
#}
{% macro row_fingerprint(words, values={}, many=[]) -%}
    md5_number(concat_ws(
        '|'
        {%- for column in words %}
        , coalesce({{ match_key_of_many(column) if column in many else match_key(column) }}, '')
        {%- endfor %}
        {%- for column, reading in values.items() %}
        , coalesce(cast({{ reading }} as varchar), {{ match_key(column) }}, '')
        {%- endfor %}
    ))
{%- endmacro %}

{#
  Sixteen letters of a digest and four that check them: a key that Pilar gave is told from a misspelt one though the
  finding it named is long gone.
#}
{% macro checked_key(digest) -%}
    'f_' || {{ letters_of(digest, 16) }} || {{ letters_of("md5(left(" ~ digest ~ ", 16))", 4) }}
{%- endmacro %}

{# Whether `key` is a finding's key as Pilar gives them. #}
{% macro is_finding_key(key) -%}
    coalesce(
        regexp_full_match({{ key }}, 'f_[a-p]{20}')
        and right({{ key }}, 4) = {{ letters_of("md5(translate(substr(" ~ key ~ ", 3, 16), 'ghijklmnop', '0123456789'))", 4) }},
        false
    )
{%- endmacro %}

{# Stable name of a finding: what, where. Letters only, no personal value in it. #}
{% macro finding_key(rule_code, file_sha256='file_sha256', sheet='sheet', source_row='source_row', source_column='null') -%}
    {{ checked_key("md5(concat_ws('|', " ~ rule_code ~ ", " ~ file_sha256 ~ ", coalesce(" ~ sheet ~ ", ''), coalesce(" ~ source_row ~ ", 0), " ~ source_column ~ "))") }}
{%- endmacro %}

{# Stable name of a finding about somebody or something: rule and subject, whatever file tells it. #}
{% macro subject_key(rule_code, subject) -%}
    {{ checked_key("md5(concat_ws('|', " ~ rule_code ~ ", " ~ subject ~ "))") }}
{%- endmacro %}

{#
  What a verdict is about: a rule broken by certain values, wherever they stand. A finding with a subject, and one about
  a file as a whole, is a matter of its own, named by its key. Hexadecimal, because to write 128 bits as a decimal
  number takes DuckDB 70 µs.
#}
{% macro matter(rule_code, row_fingerprint, finding_key) -%}
    coalesce({{ rule_code }} || ' ' || to_hex({{ row_fingerprint }}), {{ finding_key }})
{%- endmacro %}

{#
  Rules about a value without which a row says nothing: no verdict makes up a pillar, a day or an amount that is not
  there. A row that breaks one of them waits to be mended.
#}
{% macro rules_beyond_waiving() -%}
    [
        'EVENT_CODE_MISSING', 'EVENT_DATE_INVALID', 'EVENT_PILLAR_UNKNOWN', 'EVENT_BENEFIT_UNKNOWN', 'EVENT_AMOUNT_INVALID',
        'EVENT_MONTHS_INVALID', 'PILLAR_UNKNOWN', 'REGION_UNKNOWN', 'REGION_AMBIGUOUS', 'REFERENCE_MISSING', 'TRANSFER_DATE_INVALID',
        'TRANSFER_BENEFIT_UNKNOWN', 'TRANSFER_ACCOUNT_MISSING', 'TRANSFER_AMOUNT_INVALID', 'TRANSFER_STATUS_UNKNOWN',
        'PREMIUM_MONTH_INVALID', 'PREMIUM_AMOUNT_INVALID', 'PREMIUM_STATUS_UNKNOWN', 'PREMIUM_MEMBER_MISSING', 'POVERTY_VALUE_INVALID',
        'POVERTY_REGION_UNKNOWN'
    ]
{%- endmacro %}

{# Rules about two people who are or may be one: only their findings are settled by `same_person` and `different_person`. #}
{% macro rules_about_pairs() -%} ['PERSON_NEAR_MATCH', 'PERSON_MATCHED'] {%- endmacro %}

{# Rules about a sheet as a whole, which each of its rows breaks: one verdict is a verdict on all of them. #}
{% macro sheet_rules() -%} ['CONTROL_TOTAL_DIFFERS'] {%- endmacro %}

{#
  State of each row of `relation` (a CTE with file_sha256, sheet, source_row, slice_key, broken_rules, row_fingerprint):
  joins the delivery, says whether a later delivery superseded the row's slice and whether a rule quarantines it. A
  verdict on any row of the same values counts, the newest of them. A row whose own slice is unreadable goes with its
  file: superseded when every other slice of the file is, or when the same file name was delivered again.
  `sheet_fingerprint`: the values of a sheet that breaks one of `sheet_rules`, its control lines included.
  `slices`: where `relation` holds some rows only, a CTE of all slices (slice_key, file_sha256), each once.
#}
{% macro row_states(relation, source_column='null', slices=none) %}
    with placed as (
        select
            line.*,
            delivery.file_name,
            delivery.submitter,
            delivery.delivered_at,
            delivery.received_at
        from {{ relation }} as line
        inner join {{ source('raw', 'deliveries') }} as delivery on line.file_sha256 = delivery.file_sha256 and delivery.state = 'read'
    ),

    slice_files as (
        {%- if slices %}
        select
            slice.slice_key,
            slice.file_sha256,
            delivery.file_name,
            delivery.delivered_at
        from {{ slices }} as slice
        inner join {{ source('raw', 'deliveries') }} as delivery on slice.file_sha256 = delivery.file_sha256 and delivery.state = 'read'
        where slice.slice_key is not null
        {%- else %}
        select distinct slice_key, file_sha256, file_name, delivered_at
        from placed
        where slice_key is not null
        {%- endif %}
    ),

    newest as (
        select
            slice_key,
            arg_max(file_sha256, (delivered_at, file_name, file_sha256)) as newest_sha256
        from slice_files
        group by slice_key
    ),

    file_gone as (
        select
            slice_files.file_sha256,
            bool_and(newest.newest_sha256 <> slice_files.file_sha256) as is_gone
        from slice_files
        inner join newest on slice_files.slice_key = newest.slice_key
        group by slice_files.file_sha256
    ),

    name_gone as (
        select
            file_sha256,
            row_number() over by_name > 1 as is_gone,
            first_value(file_sha256) over by_name as newest_sha256
        from {{ source('raw', 'deliveries') }}
        where state = 'read'
        window by_name as (partition by feed, file_name order by delivered_at desc, file_sha256 desc)
    ),

    error_rules as (
        select list(rule_code) as codes
        from {{ ref('quality_rules') }}
        where severity in ('critical', 'error')
    ),

    sheet_rows as (
        select
            file_sha256,
            sheet,
            string_agg(to_hex(row_fingerprint), ' ' order by row_fingerprint) as fingerprints
        from placed
        where list_has_any(broken_rules, {{ sheet_rules() }})
        group by file_sha256, sheet
    ),

    sheet_controls as (
        select
            file_sha256,
            sheet,
            string_agg(concat_ws(' ', name, {{ parse_rupiah('value', 'false') }}), ' ' order by name, value) as stated
        from {{ source('raw', 'controls') }}
        group by file_sha256, sheet
    ),

    sheets as (
        select
            sheet_rows.file_sha256,
            sheet_rows.sheet,
            md5_number(concat_ws('|', sheet_rows.fingerprints, sheet_controls.stated)) as sheet_fingerprint
        from sheet_rows
        left join sheet_controls on sheet_rows.file_sha256 = sheet_controls.file_sha256 and sheet_rows.sheet = sheet_controls.sheet
    ),

    broken as (
        select
            {{ finding_key('rule_code', source_column=source_column | replace('placed.', '')) }} as finding_key,
            rule_code,
            case when list_contains({{ sheet_rules() }}, rule_code) then sheet_fingerprint else row_fingerprint end as fingerprint
        from (
            select
                placed.*,
                sheets.sheet_fingerprint,
                unnest(placed.broken_rules) as rule_code
            from placed
            left join sheets on placed.file_sha256 = sheets.file_sha256 and placed.sheet = sheets.sheet
            where len(placed.broken_rules) > 0
        )
    ),

    waivers as (
        select
            broken.fingerprint,
            broken.rule_code
        from broken
        inner join {{ ref('int_verdicts') }} as verdict on broken.finding_key = verdict.finding_key
        where verdict.verdict in ('waive', 'corrected') and not list_contains({{ rules_beyond_waiving() }}, broken.rule_code)
        group by broken.fingerprint, broken.rule_code
        having arg_max(verdict.verdict = 'waive' and not verdict.is_expired, verdict.verdict_no)
    ),

    waived as (
        select
            fingerprint,
            list(rule_code) as rules
        from waivers
        group by fingerprint
    ),

    excused as (
        select
            placed.*,
            sheets.sheet_fingerprint,
            list_concat(of_row.rules, of_sheet.rules) as excused_rules
        from placed
        left join sheets on placed.file_sha256 = sheets.file_sha256 and placed.sheet = sheets.sheet
        left join waived as of_row on placed.row_fingerprint = of_row.fingerprint
        left join waived as of_sheet on sheets.sheet_fingerprint = of_sheet.fingerprint
    ),

    judged as (
        select
            placed.* exclude (excused_rules),
            case
                when placed.slice_key is null then coalesce(file_gone.is_gone, false) or coalesce(name_gone.is_gone, false)
                else newest.newest_sha256 <> placed.file_sha256
            end as is_superseded,
            coalesce(newest.newest_sha256, name_gone.newest_sha256) as newest_sha256,
            case
                when len(placed.broken_rules) = 0 then []
                else list_filter(
                    placed.broken_rules,
                    lambda code: list_contains(error_rules.codes, code) and not list_contains(coalesce(placed.excused_rules, []), code)
                )
            end as quarantine_rules,
            case
                when len(placed.broken_rules) = 0 then []
                else list_filter(
                    placed.broken_rules,
                    lambda code: list_contains(error_rules.codes, code) and list_contains(coalesce(placed.excused_rules, []), code)
                )
            end as waived_rules
        from excused as placed
        cross join error_rules
        left join newest on placed.slice_key = newest.slice_key
        left join file_gone on placed.file_sha256 = file_gone.file_sha256
        left join name_gone on placed.file_sha256 = name_gone.file_sha256
    )

    select
        *,
        case when is_superseded then 'superseded' when len(quarantine_rules) > 0 then 'quarantined' else 'accepted' end as row_state
    from judged
{% endmacro %}
