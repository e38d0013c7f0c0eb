{#
  Uniqueness is a test, not a constraint: DuckDB's indexes lose rows after kill -9. Digests are counted, which are smaller than
  keys, and keys only where a digest stands twice. On a narrow night only keys that it may have written are asked for, with all
  rows that have them: of the others the night before has proved it. `narrow` says which: `touches`, a condition between `tested`
  and the rows of the model `news`; or nothing but `kept`, where such a night changes nothing.
#}
{% test unique_together(model, columns, narrow=none) %}
    {%- set key = columns | join(', ') %}
    select
        {{ key }},
        count(*) as rows_found
    from {{ model }}
    where hash({{ key }}) in (
        select hash({{ key }}) as digest
        from {{ model }}
        {% if narrow %}
        where
            (select not tonight.is_narrow from {{ source('raw', 'tonight') }} as tonight)
            {% if narrow != 'kept' %}
            or hash({{ key }}) in (
                select hash({{ key }})
                from {{ model }} as tested
                semi join {{ ref(narrow['news']) }} as news on {{ narrow['touches'] }}
            )
            {% endif %}
        {% endif %}
        group by digest
        having count(*) > 1
    )
    group by {{ range(1, columns | length + 1) | join(', ') }}
    having count(*) > 1
{% endtest %}
