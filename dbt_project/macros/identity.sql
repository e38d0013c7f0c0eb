{#
  Who is who: pseudonyms, names as they are compared, and what ties people together.

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

{# An expression that needs `value` more than once, worked out once: `in_terms_of(value, 'word', 'word || word')`. #}
{% macro in_terms_of(value, name, expression) -%}
    list_transform([{{ value }}], lambda {{ name }}: {{ expression }})[1]
{%- endmacro %}

{# Words before a name that are no part of it. #}
{% macro titles_before() -%}
    DRS|DRA|DRG|DR|IR|PROF|HJ?|HAJI|HAJJ?AH|K[. ]*H|KYAI|KIAI|NYAI|RADEN|R[AR]?|NY|TN|SDRI?|BPK|BAPAK|IBU|UST(?:AD[ZH]?)?
{%- endmacro %}

{# Degrees behind a name that no comma parts from it, as words: `S.Pd.I` is `S PD I`, or `SPDI`. #}
{% macro titles_behind() -%}
    S ?(?:SOS(?: ?I)?|PD(?: ?I)?|H(?: ?I)?|E(?: ?I)?|AG|KOM(?: ?I)?|I ?KOM|IP|I P|T|ST|TP|TR ?SOS|KM|KEP|KEB|PSI|AP|HUT|PT|FARM|SY|GZ|STP|SI)|M ?(?:SI|PD(?: ?I)?|M|H|AP|SOS|KOM|KES|AG|KM|PSI|IP|KN)|A ?(?:MD(?: ?(?:KEB|KEP|KOM))?|MA ?PD)|NERS|BA
{%- endmacro %}

{#
  A name as it is compared, never shown: words in capitals parted by one blank, without titles, in one spelling.
  `Drs. H. Moch. Soeharto, S.Sos.` → `MUHAMAD SUHARTO`; NULL when no letter is left. In this order:
  1. titles before go; a comma ends the name; apostrophes go, all else that is no letter parts words; degrees behind go;
  2. one form for Muhammad (a lone M only as the first of several words), Ahmad, Abdul and Siti with their abbreviations;
  3. the spelling before 1972: oe, dj, tj, sj, hj, lj; nj at the beginning of a word; of j for y only what no modern
     name has (Surja, Widjaja, Jusuf, Junus), as Joko and Aji keep theirs;
  4. doubled letters stand once.
#}
{% macro name_key(name) -%}
    {%- set bare = "regexp_replace(regexp_replace(upper(strip_accents(" ~ name ~ ")), '^[^A-Z]*(?:(?:" ~ titles_before() ~ ")[., ]+)+([A-Z])', '\\1'), ',.*$', '')" -%}
    {%- set parted = in_terms_of("translate(" ~ bare ~ ", '`´‘’''', '')", 'spelt', letters_and_blanks('spelt')) -%}
    {%- set named = "regexp_replace(trim(" ~ parted ~ "), '( +(?:" ~ titles_behind() ~ "))+$', '')" -%}
    {%- set usual = in_terms_of("list_filter(string_split(" ~ named ~ ", ' '), lambda word: word <> '')", 'words', usual_words('words')) -%}
    {%- set modern = in_terms_of(usual, 'spelt', modern_spelling('spelt')) -%}
    case
        when not regexp_matches(upper({{ name }}), '{{ may_change() }}') then upper({{ name }})
        else nullif({{ in_terms_of(modern, 'spelt', single_letters('spelt')) }}, '')
    end
{%- endmacro %}

{# What a name in capitals holds if any step may change it: most names go through none of them. #}
{% macro may_change() -%}
    [^A-Z ]|^$|^ | $|  |^(?:{{ titles_before() }}) | (?:{{ titles_behind() }})$|\b(?:{{ muhamads() }}|{{ ahmads() }}|{{ abduls() }}|MD?|ACH|AKH|AH|STI?)\b|{{ old_spellings() }}|{{ doubled_letters() }}
{%- endmacro %}

{# Its steps, each cheap for the many names that it does not touch. #}
{% macro letters_and_blanks(text) -%}
    case when regexp_matches({{ text }}, '[^A-Z ]') then regexp_replace({{ text }}, '[^A-Z]+', ' ', 'g') else {{ text }} end
{%- endmacro %}

{% macro muhamads() -%}
    MUHAMMAD|MUHAMAD|MUHAMMED|MUHAMED|MUCHAMMAD|MUCHAMAD|MUKHAMMAD|MUKHAMAD|MOHAMMAD|MOHAMAD|MOHAMMED|MOHAMED|MOCHAMMAD|MOCHAMAD|MOKHAMMAD|MOKHAMAD|MUH|MUHD|MUCH|MUKH|MOH|MOHD|MOCH|MOKH|MHD
{%- endmacro %}

{% macro ahmads() -%} ACHMAD|AHMAD|AKHMAD|AHMMAD|ACHMED|AHMED|AKHMED {%- endmacro %}

{% macro abduls() -%} ABD|ABDUL|ABDOEL|ABDOL|ABDEL|ABDU|ABDUR|ABDUS|ABDUN {%- endmacro %}

{% macro usual_words(words) -%}
    array_to_string(list_transform(list_zip({{ words }}, range(1, len({{ words }}) + 1)), lambda word: case
        when
            word[1] in ('{{ muhamads() | replace("|", "', '") }}')
            or (word[1] in ('M', 'MD') and word[2] = 1 and len({{ words }}) > 1)
            then 'MUHAMAD'
        when
            word[1] in ('{{ ahmads() | replace("|", "', '") }}')
            or (word[1] in ('ACH', 'AKH', 'AH') and len({{ words }}) > 1)
            then 'AHMAD'
        when word[1] in ('{{ abduls() | replace("|", "', '") }}') and word[2] < len({{ words }}) then 'ABDUL'
        when word[1] in ('ST', 'STI') and word[2] = 1 and len({{ words }}) > 1 then 'SITI'
        else word[1]
    end), ' ')
{%- endmacro %}

{% macro old_spellings() -%} OE|DJ|TJ|SJ|HJ|LJ|\bNJ|SURJ|JAJA|\bJUSUF|\bJUNUS|\bJAHJ {%- endmacro %}

{% macro doubled_letters() -%} AA|BB|CC|DD|EE|FF|GG|HH|II|KK|LL|MM|NN|OO|PP|RR|SS|TT|UU|WW|YY|ZZ {%- endmacro %}

{% macro modern_spelling(text) -%}
    {%- set spelt = namespace(sql=text) -%}
    {%- for old, new in [
        ('OE', 'U'), ('DJ', 'J'), ('TJ', 'C'), ('SJ', 'SY'), ('HJ', 'HY'), ('LJ', 'LY'), ('SURJ', 'SURY'), ('JAJA', 'JAYA'),
        ('JUSUF', 'YUSUF'), ('JUNUS', 'YUNUS'), ('JAHY', 'YAHY'),
    ] -%}
        {%- set spelt.sql = "replace(" ~ spelt.sql ~ ", '" ~ old ~ "', '" ~ new ~ "')" -%}
    {%- endfor -%}
    case
        when regexp_matches({{ text }}, '{{ old_spellings() }}') then regexp_replace({{ spelt.sql }}, '\bNJ', 'NY', 'g')
        else {{ text }}
    end
{%- endmacro %}

{% macro single_letters(text) -%}
    case
        when regexp_matches({{ text }}, '{{ doubled_letters() }}') then array_to_string(list_transform(
            list_filter(range(1, len({{ text }}) + 1), lambda place: place = 1 or {{ text }}[place] <> {{ text }}[place - 1]),
            lambda place: {{ text }}[place]
        ), '')
        else {{ text }}
    end
{%- endmacro %}

{# The same without blanks: `NUR AINI` and `NURAINI` are one name. #}
{% macro name_letters(key) -%}
    replace({{ key }}, ' ', '')
{%- endmacro %}

{#
  How two names (as `name_key` gives them) agree: 3 equal, 2 one shortened, 1 similar, 0 they differ; NULL when one is missing.
  * equal: the same letters, or the same words in another order;
  * shortened: word for word one is the beginning of the other (`MUHAMAD F` for `MUHAMAD FAUZI`) and a word of three
    letters or more is the same; or the name ends where a form did: at least two words of eight letters, or twelve, are there;
  * similar: one letter wrong, missing, too many, or swapped with its neighbour; or Jaro-Winkler of the letters at least
    0.96. Of names of eight letters and more with one slip, 95 in 100 are similar; of strangers who share the first word
    1 in 100, and of other strangers 1 in 10 000. A bound of 0.94 alone finds 90 in 100 and takes three times the
    strangers (people of bench/identity_people.py).
#}
{% macro name_agreement(a, b) -%}
    case
        when {{ a }} is null or {{ b }} is null then null
        when {{ name_letters(a) }} = {{ name_letters(b) }} or list_sort(string_split({{ a }}, ' ')) = list_sort(string_split({{ b }}, ' ')) then 3
        when {{ is_shortened(a, b) }} or {{ is_shortened(b, a) }} then 2
        when jaro_winkler_similarity({{ name_letters(a) }}, {{ name_letters(b) }}) >= 0.96 then 1
        -- The dear comparison only for names that are near enough to be one slip apart.
        when
            jaro_winkler_similarity({{ name_letters(a) }}, {{ name_letters(b) }}) >= 0.8
            and damerau_levenshtein({{ name_letters(a) }}, {{ name_letters(b) }}) = 1
            then 1
        else 0
    end
{%- endmacro %}

{% macro is_shortened(short, long) -%}
    (
        (
            starts_with({{ name_letters(long) }}, {{ name_letters(short) }})
            and (len({{ name_letters(short) }}) >= 12 or (contains({{ short }}, ' ') and len({{ name_letters(short) }}) >= 8))
        )
        or (
            len(string_split({{ short }}, ' ')) = len(string_split({{ long }}, ' '))
            and list_bool_and(list_transform(
                list_zip(string_split({{ short }}, ' '), string_split({{ long }}, ' ')), lambda pair: starts_with(pair[2], pair[1])
            ))
            and list_bool_or(list_transform(
                list_zip(string_split({{ short }}, ' '), string_split({{ long }}, ' ')), lambda pair: pair[1] = pair[2] and len(pair[1]) >= 3
            ))
        )
    )
{%- endmacro %}

{# Whether two names may be one person's. Never NULL: a missing name agrees with none. #}
{% macro names_agree(a, b) -%}
    coalesce({{ name_agreement(a, b) }} > 0, false)
{%- endmacro %}

{#
  How two NIKs agree: `typo`, `sibling`, `differs` or `missing`; two nodes never have the same one. A typing error is one
  wrong digit, two neighbours or two others swapped, or day and month swapped (a woman's day is 40 more). Where the
  serial alone, or the sex in the day alone, is off by one digit it is `sibling`: so twins' NIKs differ.
#}
{% macro nik_level(a, b) -%}
    case
        when {{ a }} is null or {{ b }} is null then 'missing'
        when hamming({{ a }}, {{ b }}) > 4 then 'differs'
        when left({{ a }}, 12) = left({{ b }}, 12) then case when {{ is_one_slip(a, b) }} then 'sibling' else 'differs' end
        when
            hamming({{ a }}, {{ b }}) = 1
            and abs(cast(substr({{ a }}, 7, 2) as integer) - cast(substr({{ b }}, 7, 2) as integer)) = 40
            then 'sibling'
        when {{ is_one_slip(a, b) }} then 'typo'
        when
            left({{ a }}, 6) = left({{ b }}, 6)
            and right({{ a }}, 6) = right({{ b }}, 6)
            and cast(substr({{ a }}, 7, 2) as integer) % 40 = cast(substr({{ b }}, 9, 2) as integer)
            and cast(substr({{ a }}, 9, 2) as integer) = cast(substr({{ b }}, 7, 2) as integer) % 40
            then 'typo'
        else 'differs'
    end
{%- endmacro %}

{# Whether two texts of equal length differ by one character, or by two that changed places. #}
{% macro is_one_slip(a, b) -%}
    (
        hamming({{ a }}, {{ b }}) = 1
        or (hamming({{ a }}, {{ b }}) = 2 and list_sort(string_split({{ a }}, '')) = list_sort(string_split({{ b }}, '')))
    )
{%- endmacro %}

{# The best agreement of any name of one with any of the other. #}
{% macro names_level(a, b) -%}
    case list_max(list_transform({{ a }}, lambda one: list_max(list_transform({{ b }}, lambda two: {{ name_agreement('one', 'two') }}))))
        when 3 then 'equal'
        when 2 then 'shortened'
        when 1 then 'similar'
        when 0 then 'differs'
        else 'missing'
    end
{%- endmacro %}

{# Two sets of dates: `similar` when a pair of them is a slip, or day and month changed places. #}
{% macro dates_level(a, b) -%}
    case
        when len({{ a }}) = 0 or len({{ b }}) = 0 then 'missing'
        when list_has_any({{ a }}, {{ b }}) then 'equal'
        when list_bool_or(list_transform({{ a }}, lambda one: list_bool_or(list_transform({{ b }}, lambda two:
            {{ is_one_slip("strftime(one, '%d%m%Y')", "strftime(two, '%d%m%Y')") }}
            or strftime(one, '%d%m%Y') = strftime(two, '%m%d%Y')
        )))) then 'similar'
        else 'differs'
    end
{%- endmacro %}

{# Two sets of values: equal as soon as they share one. #}
{% macro sets_level(a, b) -%}
    case
        when len({{ a }}) = 0 or len({{ b }}) = 0 then 'missing'
        when list_has_any({{ a }}, {{ b }}) then 'equal'
        else 'differs'
    end
{%- endmacro %}

{#
  CTE `name` (node_id, group_id): nodes that the CTE `links` (node_id_a, node_id_b) joins, directly or through others, by
  the smallest of them. Stands in a `with recursive`; nodes without a link are not in it.
#}
{% macro groups_of(links, name) -%}
    {{ name }}_ends as (
        select
            node_id_a as node_id,
            node_id_b as other_id
        from {{ links }}
        union all
        select
            node_id_b as node_id,
            node_id_a as other_id
        from {{ links }}
    ),

    {{ name }}_reached as (
        select
            node_id,
            other_id
        from {{ name }}_ends
        union
        select
            reached.node_id,
            ends.other_id
        from {{ name }}_reached as reached
        inner join {{ name }}_ends as ends on reached.other_id = ends.node_id
    ),

    {{ name }} as (
        select
            node_id,
            least(node_id, min(other_id)) as group_id
        from {{ name }}_reached
        group by node_id
    )
{%- endmacro %}

{# Every value of a column in a group, once, in order; an empty list when there is none. #}
{% macro values_of(column) -%}
    coalesce(list_sort(list(distinct {{ column }}) filter (where {{ column }} is not null)), [])
{%- endmacro %}
