{# Rows of a feed whose delivery staging has not taken yet; all of them when everything is built anew. #}
{% macro new_rows(feed) -%}
    select *
    from {{ source('raw', feed) }}
    {%- if is_incremental() %}
    where file_sha256 not in (select distinct file_sha256 from {{ this }})
    {%- endif %}
{%- endmacro %}
