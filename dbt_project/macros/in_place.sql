{#- dbt-duckdb builds a table beside the old one, then renames twice, asks for indexes and drops: four statements a
    model that say nothing here, where no index or key exists (ADR 0009). Its other way, meant for tables with foreign
    keys, drops and makes the table under its own name, all in the model's one transaction. -#}
{%- macro has_foreign_key_constraints(relation=none) -%}
{{ return(relation is none or relation.is_table) }}
{%- endmacro -%}
