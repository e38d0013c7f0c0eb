{#
  What a roster row tells of its person beside the id that it may lack: NIK, account, name with birth date. Two rows that
  share one are taken for the same person where the question is only whether somebody is still there.
#}
{% macro person_traces(line) -%}
    list_filter([
        'nik ' || {{ line }}.nik,
        'account ' || {{ line }}.account_no,
        'name ' || {{ line }}.name_key || ' ' || cast({{ line }}.birth_date as varchar)
    ], lambda trace: trace is not null)
{%- endmacro %}
