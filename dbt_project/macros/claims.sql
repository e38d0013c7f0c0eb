{#
  Formulas of claims as SQL. A formula (docs/claims.md) is numbers, the claim's named figures, + - * /, parentheses and
  rank(…); nothing else can stand in it, so that adding a claim is adding rows to the seeds.
#}

{# Stops the build with the claim, its formula and what to do. #}
{% macro claim_refused(claim_id, formula, problem) -%}
    {{ exceptions.raise_compiler_error(
        "seeds/claims.csv, claim " ~ claim_id ~ ", formula \"" ~ formula ~ "\": " ~ problem ~ ". See docs/claims.md."
    ) }}
{%- endmacro %}

{#
  The SQL of one formula over the columns of int_claim_terms as one map, `terms`. `kinds`: the claim's figures, each with
  its kind. `peers` is what tells the regions of one ranking. A figure of kind bps is asked at a period (poor.base).
#}
{% macro claim_formula(claim_id, formula, kinds, peers) -%}
    {%- set tokens = modules.re.findall('[A-Za-z_][A-Za-z0-9_.]*|[0-9]+(?:[.][0-9]+)?|[^ ]', formula) -%}
    {%- set state = namespace(sql=[], shape=[], depth=0, ranked=none, rank_next=false) -%}
    {%- for token in tokens -%}
        {%- set figure, _, at = token.partition('.') -%}
        {%- if state.rank_next and token != '(' -%}
            {{ claim_refused(claim_id, formula, "rank must be followed by a parenthesis") }}
        {%- elif token == 'rank' -%}
            {%- if state.ranked is not none -%} {{ claim_refused(claim_id, formula, "rank cannot stand in a rank") }} {%- endif -%}
            {%- set state.rank_next = true -%}
        {%- elif token == '(' -%}
            {%- set state.depth = state.depth + 1 -%}
            {%- if state.rank_next -%}
                {%- set state.ranked = state.depth -%}
                {%- set state.rank_next = false -%}
                {%- set state.sql = state.sql + ['rank() over (partition by ' ~ peers ~ ' order by try('] -%}
            {%- else -%}
                {%- set state.sql = state.sql + ['('] -%}
            {%- endif -%}
            {%- set state.shape = state.shape + ['('] -%}
        {%- elif token == ')' -%}
            {%- set state.sql = state.sql + [') desc nulls last)' if state.ranked == state.depth else ')'] -%}
            {%- if state.ranked == state.depth -%} {%- set state.ranked = none -%} {%- endif -%}
            {%- set state.depth = state.depth - 1 -%}
            {%- set state.shape = state.shape + [')'] -%}
        {%- elif token in '+-*/' -%}
            {%- set state.sql = state.sql + [' ' ~ token ~ ' '] -%}
            {%- set state.shape = state.shape + [token] -%}
        {%- elif token[0] in '0123456789' -%}
            {%- set state.sql = state.sql + [token] -%}
            {%- set state.shape = state.shape + ['n'] -%}
        {%- elif figure in kinds -%}
            {%- if kinds[figure] == 'bps' and at not in ('base', 'end') -%}
                {{ claim_refused(claim_id, formula, figure ~ " is a published figure: write " ~ figure ~ ".base or " ~ figure ~ ".end") }}
            {%- elif kinds[figure] != 'bps' and '.' in token -%}
                {{ claim_refused(claim_id, formula, figure ~ " has no period: write " ~ figure ~ " alone") }}
            {%- endif -%}
            {%- set state.sql = state.sql + ["terms['" ~ token ~ "']"] -%}
            {%- set state.shape = state.shape + ['n'] -%}
        {%- else -%}
            {{ claim_refused(
                claim_id, formula, "nothing is called " ~ token ~ "; its figures in seeds/claim_figures.csv are "
                ~ (kinds | list | join(", ") or "none")
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- set grammar = namespace(shape=modules.re.sub('^-|(?<=[(])-', '', state.shape | join)) -%}
    {%- for _ in tokens -%}
        {%- set grammar.shape = modules.re.sub('n[-+*/]n|[(]n[)]', 'n', grammar.shape) -%}
    {%- endfor -%}
    {%- if 'terms[' not in state.sql | join -%} {{ claim_refused(claim_id, formula, "it names no figure") }} {%- endif -%}
    {%- if grammar.shape != 'n' or state.rank_next -%}
        {{ claim_refused(claim_id, formula, "it is not arithmetic: an operator, a number or a parenthesis is missing or too many") }}
    {%- endif -%}
    {#- TRY cannot hold a window; what a rank orders by is tried by itself. -#}
    {%- set sql = state.sql | join -%}
    {{- ('try_cast(' ~ sql ~ ' as decimal(18, 4))') if ' over (' in sql else ('try(cast(' ~ sql ~ ' as decimal(18, 4)))') -}}
{%- endmacro %}

{#
  The formula of each claim as one SQL expression over `claim_id` and `terms`, as the seeds state them tonight. NULL where
  a formula has no value: a division by zero, or more digits than DECIMAL(18, 4) holds.
#}
{% macro claim_value(peers) -%}
    {%- set claims, figures = ref('claims'), ref('claim_figures') -%}
    {%- if execute and load_relation(claims) and load_relation(figures) -%}
        {%- set kinds = {} -%}
        {%- for claim_id, figure, kind in run_query("select claim_id, figure, kind from " ~ figures ~ " order by all").rows -%}
            {%- do kinds.setdefault(claim_id, {}).update({figure: kind}) -%}
        {%- endfor -%}
        case claim_id
        {%- for claim_id, formula in run_query("select claim_id, formula from " ~ claims ~ " order by all").rows %}
            when '{{ claim_id }}'
                then {{ claim_formula(claim_id, (formula or '') | string, kinds.get(claim_id, {}), peers) }}
        {%- endfor %}
        end
    {%- else -%}
        cast(null as decimal(18, 4))
    {%- endif -%}
{%- endmacro %}

{# A figure without the zeros that DECIMAL adds, with the decimal mark of its readers: 4572,73 in Indonesian. #}
{% macro plain_number(value, language) -%}
    {%- set plain = "rtrim(rtrim(cast(" ~ value ~ " as varchar), '0'), '.')" -%}
    {{- "replace(" ~ plain ~ ", '.', ',')" if language == 'id' else plain -}}
{%- endmacro %}

{# How many of the people have another value than the claim says of each: `told` takes both counts. #}
{% macro people_otherwise(value, told) -%}
    format('{{ told }}', count(*) filter (where {{ value }} <> published_value), count(*))
{%- endmacro %}

{# What recomputing says of a claim. #}
{% macro claim_verdict(recomputed, published, tolerance) -%}
    case
        when {{ recomputed }} is null then 'NOT_VERIFIABLE'
        when abs({{ recomputed }} - {{ published }}) <= {{ tolerance }} then 'CONFIRMED'
        else 'DIFFERS'
    end
{%- endmacro %}
