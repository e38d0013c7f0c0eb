{#
  Codes from the words that people write. The accepted spellings stand in the seeds (`aliases`, parted by `;`);
  `key` is a match_key.
#}
{% macro pillar_code(key) -%}
    (
        select any_value(pillar.pillar_code)
        from {{ ref('pillars') }} as pillar
        where {{ key }} = {{ match_key('pillar.pillar_code') }}
            or list_contains(list_transform(string_split(pillar.aliases, ';'), lambda alias: {{ match_key('alias') }}), {{ key }})
    )
{%- endmacro %}

{% macro benefit_code(key) -%}
    (
        select any_value(benefit.benefit_code)
        from {{ ref('benefits') }} as benefit
        where {{ key }} = {{ match_key('benefit.benefit_code') }}
            or list_contains(list_transform(string_split(benefit.aliases, ';'), lambda alias: {{ match_key('alias') }}), {{ key }})
    )
{%- endmacro %}

{# Insurance programmes as they are compared: `jkm & JKK` → `JKK+JKM`. NULL when none is named. #}
{% macro program_code(text) -%}
    nullif(array_to_string(list_sort(list_distinct(list_filter(
        regexp_split_to_array(upper({{ text }}), '[^A-Z0-9]+'), lambda word: word not in ('', 'DAN', 'AND', 'PROGRAM')
    ))), '+'), '')
{%- endmacro %}
