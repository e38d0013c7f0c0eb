{#-
  dbt-duckdb builds a table beside the old one, renames twice, asks for indexes, drops, and says each of these in a statement with
  a context of its own. Here a table is dropped and made under its own name, in one statement and one transaction: no other process
  reads the warehouse meanwhile, and there are neither indexes nor keys (ADR 0009, ADR 0044).
-#}
{% materialization table, adapter='duckdb' %}
    {%- set old = load_cached_relation(this) -%}
    {%- set made = this.incorporate(type='table') -%}
    {% call statement('main') %}
        {%- if old is not none %}
        drop {{ old.type }} if exists {{ old }};
        {%- endif %}
        {{ create_table_as(false, made, compiled_code) }}
    {% endcall %}
    {% do persist_docs(made, model) %}
    {{ adapter.commit() }}
    {{ return({'relations': [made]}) }}
{% endmaterialization %}

{#- A table with a contract has the columns that its model tells of, so the database is not asked which it has. -#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
    {%- if not config.get('contract').enforced -%}
        {{ return(default__persist_docs(relation, model, for_relation, for_columns)) }}
    {%- endif -%}
    {% call statement('comments') %}
        comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(model.description) }};
        {%- for column in model.columns.values() %}
        comment on column {{ relation }}.{{ column.name }} is {{ duckdb_escape_comment(column.description) }};
        {%- endfor %}
    {% endcall %}
{% endmacro %}

{#- An incremental table that is built anew, too, by the way that dbt-duckdb has for tables with foreign keys. -#}
{%- macro has_foreign_key_constraints(relation=none) -%}
{{ return(relation is none or relation.is_table) }}
{%- endmacro -%}
