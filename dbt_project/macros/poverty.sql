{#
  Whether two periods may be compared over time: both name their month and it is the same one. March and September differ
  by season; a bare year (2013) does not say its month, which changed from table to table before 2015.
#}
{% macro months_comparable(period_a, period_b) -%}
    coalesce(len({{ period_a }}) = 7 and len({{ period_b }}) = 7 and right({{ period_a }}, 2) = right({{ period_b }}, 2), false)
{%- endmacro %}

{# Provinces founded since 2012. A table may still count them under the province that they were part of. #}
{% macro young_provinces() -%} ['6500', '9200', '9500', '9600', '9700'] {%- endmacro %}

{# Rules about a figure alone that make it no evidence about others. #}
{% macro rules_of_unsound_figures() -%}
    [
        'POVERTY_VALUE_INVALID', 'POVERTY_REGION_UNKNOWN', 'POVERTY_ZERO_VALUE', 'POVERTY_RATE_RANGE', 'POVERTY_LINE_RANGE',
        'POVERTY_VALUE_RANGE'
    ]
{%- endmacro %}
