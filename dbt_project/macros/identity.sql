{#
  Keyed pseudonyms. HMAC-SHA256 in SQL: the two pads are session variables that the dbt plugin binds, so the key
  stands in no statement, log or compiled file. Letters only, so that no pseudonym can look like a number.
#}
{% macro letters_of(hex, length) -%}
    translate(left({{ hex }}, {{ length }}), '0123456789', 'ghijklmnop')
{%- endmacro %}

{% macro pseudonym(prefix, text) -%}
    case
        when {{ text }} is not null
            then '{{ prefix }}_' || coalesce(
                {{ letters_of("sha256(getvariable('pii_opad') || unhex(sha256(getvariable('pii_ipad') || encode(" ~ text ~ "))))", 24) }},
                error('no pseudonym key is bound to this session')
            )
    end
{%- endmacro %}

{# The name without titles, as letters: `Drs. H. MOH. ALI, S.Sos.` → `MOHALI`. Compares holders, never shown. #}
{% macro name_key(name) -%}
    nullif(regexp_replace(regexp_replace(
        upper(regexp_replace({{ name }}, ',.*$', '')),
        '\b(DRS|DRA|DR|IR|H|HJ|KH|PROF|R|RR)\b\.?', '', 'g'), '[^A-Z]', '', 'g'), '')
{%- endmacro %}
