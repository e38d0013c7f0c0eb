{#
  Narrow nights: a night that brings only transfers changes few of them, so the tables of money are renewed where
  something changed and not made anew. `pilar.load` decides whether a night is narrow; when it is not, it drops these
  tables, and dbt builds them whole. Either way they hold the same rows (docs/adr/0019-narrow-nights.md).
#}

{#
  Incremental strategy `renew`: the rows that `meta.news` names by the condition `meta.on` go, the model's rows come.
#}
{% macro get_incremental_renew_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }} as renewed
    using {{ ref(config.get('meta')['news']) }} as news
    where {{ config.get('meta')['on'] }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}

{# Incremental strategy `replace`: nothing stays. For a table that looks at what others held before this night. #}
{% macro get_incremental_replace_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}
