{#
  From text to types, each in one place. A text that cannot be read becomes NULL, never an error:
  an error would print the value.
#}

{# Upper-case letters and digits only: how names, codes and headers are compared. #}
{% macro match_key(text) -%}
    nullif(upper(regexp_replace({{ text }}, '[^A-Za-z0-9]', '', 'g')), '')
{%- endmacro %}

{#
  The same of what hardly repeats, a reference or a name: to look whether anything must go takes a quarter of the time.
  What repeats is quicker as a function alone, which DuckDB works out once for each different text of a Parquet page.
#}
{% macro match_key_of_many(text) -%}
    case
        when not regexp_matches({{ text }}, '[^A-Z0-9]') then nullif({{ text }}, '')
        when not regexp_matches({{ text }}, '[^A-Z0-9 ]') then nullif(replace({{ text }}, ' ', ''), '')
        else {{ match_key(text) }}
    end
{%- endmacro %}

{# Digits only; NULL when there are none. Most numbers have nothing else. #}
{% macro digits(text) -%}
    case
        when regexp_matches({{ text }}, '[^0-9]') then nullif(regexp_replace({{ text }}, '[^0-9]', '', 'g'), '')
        else nullif({{ text }}, '')
    end
{%- endmacro %}

{# Number of a month from an Indonesian or English name (`word` in lower case): its first three letters tell it. #}
{% macro month_number(word) -%}
    case left({{ word }}, 3)
        when 'jan' then '01' when 'feb' then '02' when 'peb' then '02' when 'mar' then '03' when 'apr' then '04'
        when 'mei' then '05' when 'may' then '05' when 'jun' then '06' when 'jul' then '07' when 'agu' then '08'
        when 'ags' then '08' when 'agt' then '08' when 'aug' then '08' when 'sep' then '09' when 'okt' then '10'
        when 'oct' then '10' when 'nop' then '11' when 'nov' then '11' when 'des' then '12' when 'dec' then '12'
    end
{%- endmacro %}

{#
  A day: ISO, dd/mm/yyyy, dd-mm-yy, with a time behind it, with a month's name, or an Excel serial. The two usual ways
  first, as functions of the text alone: DuckDB works those out once for each different text of a Parquet page.
#}
{% macro parse_date(text) -%}
    cast(coalesce(
        try_strptime(regexp_extract({{ text }}, '^\d\d/\d\d/\d{4}$'), '%d/%m/%Y'),
        try_strptime(regexp_extract({{ text }}, '^\d{4}-\d\d-\d\d$'), '%Y-%m-%d'),
        {{ parse_unusual_date(text) }}
    ) as date)
{%- endmacro %}

{% macro parse_unusual_date(text) -%}
    case
        when {{ text }} is null then null
        when regexp_full_match({{ text }}, '[1-6]\d{4}') then date '1899-12-30' + try_cast({{ text }} as integer)
        when regexp_matches({{ text }}, '[A-SU-Za-su-z]') then try_strptime(concat_ws(
            '-',
            regexp_extract({{ text }}, '(\d{1,2})\D+', 1),
            {{ month_number("regexp_extract(lower(" ~ text ~ "), '\\d\\W*([a-z]{3,})', 1)") }},
            regexp_extract({{ text }}, '(\d{4}|\d{2})\D*$', 1)
        ), ['%d-%m-%y', '%d-%m-%Y'])
        -- A year comes first only when it has four digits: `07-02-01` is a day of 2001, not of the year 7.
        when regexp_matches({{ text }}, '^\d{4}')
            then try_strptime(regexp_replace({{ text }}, '[ T]\d{1,2}:\d{2}.*$', ''), ['%Y-%m-%d', '%Y/%m/%d', '%Y%m%d'])
        else try_strptime(
            regexp_replace({{ text }}, '[ T]\d{1,2}:\d{2}.*$', ''),
            ['%d/%m/%y', '%d-%m-%y', '%d.%m.%y', '%d/%m/%Y', '%d-%m-%Y', '%d.%m.%Y']
        )
    end
{%- endmacro %}

{# A birth date whose year was written with two digits and landed in this century goes back one. #}
{% macro born_in_the_past(day) -%}
    cast(case when year({{ day }}) >= 2015 then {{ day }} - interval 100 year else {{ day }} end as date)
{%- endmacro %}

{# A month as its first day: 2023-01, 01/2023, 202301, Jan-23, Januari 2023, or any day of it. #}
{% macro parse_month(text) -%}
    cast(date_trunc('month', case
        when {{ text }} is null then null
        when regexp_full_match({{ text }}, '\d{4}[-/]\d{1,2}') then try_strptime(replace({{ text }}, '/', '-') || '-01', '%Y-%m-%d')
        when regexp_full_match({{ text }}, '\d{1,2}[-/]\d{4}') then try_strptime('01-' || replace({{ text }}, '/', '-'), '%d-%m-%Y')
        when regexp_full_match({{ text }}, '(19|20)\d{4}') then try_strptime({{ text }} || '01', '%Y%m%d')
        when regexp_full_match({{ text }}, '[A-Za-z.]+[ ,./-]*\d{2}(\d{2})?')
            then try_strptime(concat_ws(
                '-', '01', {{ month_number("regexp_extract(lower(" ~ text ~ "), '[a-z]{3,}')") }}, regexp_extract({{ text }}, '(\d{4}|\d{2})$', 1)
            ), ['%d-%m-%y', '%d-%m-%Y'])
        else {{ parse_date(text) }}
    end) as date)
{%- endmacro %}

{#
  Rupiah: `Rp 1.000.000,00`, `1,000,000.00`, `16.800`, `1000000`, `1.000.000,-`.
  One point or comma before exactly three digits parts thousands, unless the cell was a number to begin with.
#}
{% macro parse_rupiah(text, is_numeric) -%}
    {%- set bare = "regexp_replace(regexp_replace(" ~ text ~ ", '(?i)^\\s*(rp|idr)?[.\\s]*|\\s+', '', 'g'), '[,.]-+$', '')" -%}
    cast(try_cast(case
        when {{ is_numeric }} or regexp_full_match({{ text }}, '-?\d+') then {{ text }}
        when regexp_full_match({{ bare }}, '-?\d+') then {{ bare }}
        when regexp_full_match({{ bare }}, '-?\d{1,3}([.]\d{3})+(,\d+)?') then replace(replace({{ bare }}, '.', ''), ',', '.')
        when regexp_full_match({{ bare }}, '-?\d{1,3}(,\d{3})+([.]\d+)?') then replace({{ bare }}, ',', '')
        when regexp_full_match({{ bare }}, '-?\d+[.,]\d{1,2}') then replace({{ bare }}, ',', '.')
    end as decimal(17, 2)) as decimal(18, 2))
{%- endmacro %}

{# Whether the column arrived as a numeric cell of a spreadsheet. #}
{% macro was_numeric(column) -%}
    coalesce(list_contains(numeric_cells, '{{ column }}'), false)
{%- endmacro %}
