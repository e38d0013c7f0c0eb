{#
  No 16-digit run may stand in a release. A hash may hold one by chance, so a hyphen breaks each run of 16; taking the
  hyphens out gives the hash back.
#}
{% macro publishable_hash(hash) -%}
    regexp_replace({{ hash }}, '(\d{15})(\d)', '\1-\2', 'g')
{%- endmacro %}

{#
  A reference as printed, with runs of 16 digits and more broken by hyphens. What has the shape of a NIK (province,
  possible day and month) stays as it is: if it is somebody's NIK, the release scan must see it and hold. Shorter ones hold no
  such run: for nearly all of them no pattern is looked for.
#}
{% macro publishable_reference(reference) -%}
    case
        when strlen({{ reference }}) < 16 then {{ reference }}
        when regexp_matches({{ reference }}, '(^|\D)[1-9]\d{5}([04][1-9]|[1256]\d|[37][01])(0[1-9]|1[0-2])\d{6}(\D|$)') then {{ reference }}
        else regexp_replace({{ reference }}, '(\d{15})(\d)', '\1-\2', 'g')
    end
{%- endmacro %}

{# A month as it is written everywhere in Pilar. #}
{% macro month_text(day) -%}
    strftime({{ day }}, '%Y-%m')
{%- endmacro %}

{# A file name with runs of ten digits and more masked: a name may carry a NIK or an account. #}
{% macro publishable_file_name(file_name) -%}
    regexp_replace({{ file_name }}, '\d{10,}', '#', 'g')
{%- endmacro %}
