{#
  How rows are judged. A staging model lists the rules a row breaks (`broken_rules`); whether that quarantines the
  row is said by the rule catalogue's severity and by stewards' waivers, here and nowhere else.
#}

{# One broken rule: `when_broken('NIK_MISSING', 'nik is null')`. #}
{% macro rules_broken(rules) -%}
    list_filter([
        {%- for code, condition in rules.items() %}
        case when {{ condition }} then '{{ code }}' end{{ "," if not loop.last }}
        {%- endfor %}
    ], lambda code: code is not null)
{%- endmacro %}

{# Stable name of a finding: what, where. Letters only, no personal value in it. #}
{% macro finding_key(rule_code, file_sha256='file_sha256', sheet='sheet', source_row='source_row', source_column='null') -%}
    'f_' || {{ letters_of("md5(concat_ws('|', " ~ rule_code ~ ", " ~ file_sha256 ~ ", coalesce(" ~ sheet ~ ", ''), coalesce(" ~ source_row ~ ", 0), " ~ source_column ~ "))", 20) }}
{%- endmacro %}

{# Stable name of a finding about somebody or something: rule and subject, whatever file tells it. #}
{% macro subject_key(rule_code, subject) -%}
    'f_' || {{ letters_of("md5(concat_ws('|', " ~ rule_code ~ ", " ~ subject ~ "))", 20) }}
{%- endmacro %}

{#
  State of each row of `relation` (a CTE with file_sha256, sheet, source_row, slice_key, broken_rules): joins the delivery, says whether a later delivery superseded the row's slice and whether a
  rule quarantines it. A row whose own slice is unreadable goes with its file: superseded when every other slice
  of the file is, or when the same file name was delivered again.
#}
{% macro row_states(relation, source_column='null') %}
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
        select distinct slice_key, file_sha256, file_name, delivered_at
        from placed
        where slice_key is not null
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

    waivers as (
        select coalesce(list(finding_key), []) as keys
        from {{ ref('int_decisions_current') }}
        where verdict = 'waive' and is_in_force
    ),

    judged as (
        select
            placed.*,
            case
                when placed.slice_key is null then coalesce(file_gone.is_gone, false) or coalesce(name_gone.is_gone, false)
                else newest.newest_sha256 <> placed.file_sha256
            end as is_superseded,
            coalesce(newest.newest_sha256, name_gone.newest_sha256) as newest_sha256,
            list_filter(
                placed.broken_rules,
                lambda code: list_contains(error_rules.codes, code)
                and not list_contains(waivers.keys, {{ finding_key('code', 'placed.file_sha256', 'placed.sheet', 'placed.source_row', source_column) }})
            ) as quarantine_rules
        from placed
        cross join error_rules
        cross join waivers
        left join newest on placed.slice_key = newest.slice_key
        left join file_gone on placed.file_sha256 = file_gone.file_sha256
        left join name_gone on placed.file_sha256 = name_gone.file_sha256
    )

    select
        *,
        case when is_superseded then 'superseded' when len(quarantine_rules) > 0 then 'quarantined' else 'accepted' end as row_state
    from judged
{% endmacro %}
