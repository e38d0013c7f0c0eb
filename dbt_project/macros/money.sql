{#
  The order of deliveries, down to the row: what a later statement is. Never the order in which Pilar received them.
#}
{% macro statement_order(line, direction='') -%}
    {%- for column in ['delivered_at', 'file_name', 'file_sha256', 'sheet', 'source_row'] -%}
    {{ line }}.{{ column }}{{ ' ' ~ direction if direction }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#
  A bank's reason as the lists write it: `u143`, `U 143 - rekening tidak ditemukan` → `U143`; `403-09`, `403.09` and, with
  SNAP's service code in the middle, `4031809` → `403/09`. What has neither shape stays as it is printed.
#}
{% macro bank_reason_code(text) -%}
    {%- set printed = "upper(trim(" ~ text ~ "))" -%}
    {%- set snap = '^(20[02]|40[0-59]|429|50[04])[ /.,_-]?(\\d{2}[ /.,_-]?)?(\\d{2})(\\D.*)?$' -%}
    case
        when regexp_full_match({{ printed }}, 'U[ -]?\d{3}(\D.*)?') then regexp_replace({{ printed }}, '^U[ -]?(\d{3}).*$', 'U\1')
        when regexp_matches({{ printed }}, '{{ snap }}') then regexp_replace({{ printed }}, '{{ snap }}', '\1/\3')
        else {{ printed }}
    end
{%- endmacro %}

{# Whether the holder's name is one of a person's names (a list of name keys); no name is nobody's. #}
{% macro is_one_of(name, names) -%}
    case
        when {{ name }} is null or {{ names }} is null then false
        when list_contains({{ names }}, {{ name }}) then true
        else coalesce(list_bool_or(list_transform({{ names }}, lambda known: {{ names_agree(name, 'known') }})), false)
    end
{%- endmacro %}

{#
  Every row of the bank files with its state: the exceptions as their table (`exceptions`) tells them, and the rest as
  plain as they are: accepted, the only word on their transfer, no rule broken. `only`: a join that restricts `line`.
#}
{% macro disbursement_lines(exceptions, only='') -%}
    select line.*
    from {{ exceptions }} as line
    {{ only }}
    union all by name
    select
        line.*,
        line.batch as slice_key,
        delivery.file_name,
        delivery.submitter,
        delivery.delivered_at,
        delivery.received_at,
        line.file_sha256 as newest_sha256,
        cast(null as uhugeint) as sheet_fingerprint,
        cast([] as varchar []) as quarantine_rules,
        cast([] as varchar []) as waived_rules,
        'accepted' as slice_state,
        false as is_superseded,
        'accepted' as row_state,
        1 as statement_no,
        true as is_latest_statement,
        false as goes_backward,
        cast([] as varchar []) as statement_rules
    from (select * replace (cast([] as varchar []) as broken_rules) from {{ ref('stg_disbursements') }}) as line
    {{ only }}
    inner join {{ source('raw', 'deliveries') }} as delivery on line.file_sha256 = delivery.file_sha256 and delivery.state = 'read'
    anti join {{ exceptions }} as exception
        on line.file_sha256 = exception.file_sha256 and line.sheet = exception.sheet and line.source_row = exception.source_row
{%- endmacro %}
