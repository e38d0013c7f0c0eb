{#- dbt-duckdb builds a table beside the old one and then renames twice, asks for indexes and drops: four statements a model that say
    nothing here, where no index or key exists (ADR 0009). Its other way, meant for tables with foreign keys, drops and makes
    the table under its own name within the one transaction of the model; a reader or a crash sees the old or the new, too. -#}
{%- macro has_foreign_key_constraints(relation=none) -%}
    {{ return(relation is none or relation.is_table) }}
{%- endmacro -%}
