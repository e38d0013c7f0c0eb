{# Uniqueness is a test, not a constraint: DuckDB's indexes lose rows after kill -9. #}
{% test unique_together(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as rows_found
    from {{ model }}
    group by {{ range(1, columns | length + 1) | join(', ') }}
    having count(*) > 1
{% endtest %}
