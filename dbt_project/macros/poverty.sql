{#
  Whether two periods may be compared over time: both name their month and it is the same one. March and September differ
  by season; a bare year (2013) does not say its month, which changed from table to table before 2015.
#}
{% macro months_comparable(period_a, period_b) -%}
    coalesce(len({{ period_a }}) = 7 and len({{ period_b }}) = 7 and right({{ period_a }}, 2) = right({{ period_b }}, 2), false)
{%- endmacro %}
