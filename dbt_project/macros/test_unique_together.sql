{#
  Uniqueness is a test, not a constraint: DuckDB's indexes lose rows after kill -9. On a narrow night only keys that it may
  have written are asked for, with all rows that have them: of the others the night before has proved it. `narrow` says which:
  `touches`, a condition between `tested` and the rows of the model `news`; or nothing but `kept`, where such a night changes nothing.
#}
{% test unique_together(model, columns, narrow=none) %}
    select
        {{ columns | join(', ') }},
        count(*) as rows_found
    from {{ model }}
    {% if narrow %}
    where
        (select not tonight.is_narrow from {{ source('raw', 'tonight') }} as tonight)
        {% if narrow != 'kept' %}
        -- A digest finds the keys, and at worst some more.
        or hash({{ columns | join(', ') }}) in (
            select hash({{ columns | join(', ') }})
            from {{ model }} as tested
            semi join {{ ref(narrow['news']) }} as news on {{ narrow['touches'] }}
        )
        {% endif %}
    {% endif %}
    group by {{ range(1, columns | length + 1) | join(', ') }}
    having count(*) > 1
{% endtest %}
