/*
 Pairs of nodes that may be one person, weighed. Compared are nodes that share an account, a telephone, a member number
 or a name, or a birth date and the beginning of a word of the name. A value that more nodes share than `crowd` tells
 nobody apart (the office's telephone) and neither makes pairs nor counts as agreement, so that the work grows with the
 people, not with their square.

 Kept are pairs from the lower threshold on, and those that a steward has decided on whatever they weigh. A verdict is
 found under the key of either rule, for the weights may change after it was given; the newest counts.
*/
{% set crowd = 20 %}
{% set fields = ['nik', 'name', 'birth_date', 'contact', 'bpjs_no', 'sex', 'region'] %}
with entries as (
    {% for kind, column in [('account', 'accounts'), ('phone', 'phones'), ('bpjs_no', 'bpjs_nos')] %}
    select
        node_id,
        '{{ kind }}' as kind,
        hash('{{ kind }}', stated.value) as block
    from {{ ref('int_person_nodes') }}, unnest({{ column }}) as stated (value)
    where len(stated.value) >= 6
    union all
    {% endfor %}
    select distinct
        node_id,
        'name' as kind,
        hash('name', {{ name_letters('stated.name_key') }}) as block
    from {{ ref('int_person_nodes') }}, unnest(name_keys) as stated (name_key)
    union all
    select distinct
        node_id,
        'birth_date' as kind,
        hash('birth_date', born.birth_date, left(stated.word, 3)) as block
    from
        {{ ref('int_person_nodes') }},
        unnest(birth_dates) as born (birth_date),
        unnest(string_split(array_to_string(name_keys, ' '), ' ')) as stated (word)
),

blocks as (
    select block
    from entries
    group by block
    having count(*) between 2 and {{ crowd }}
),

sharing as (
    select entries.*
    from entries
    semi join blocks on entries.block = blocks.block
),

candidates as (
    select
        earlier.node_id as node_id_a,
        later.node_id as node_id_b,
        bool_or(earlier.kind = 'account') as shares_account,
        bool_or(earlier.kind = 'phone') as shares_phone,
        bool_or(earlier.kind = 'bpjs_no') as shares_bpjs_no
    from sharing as earlier
    inner join sharing as later on earlier.block = later.block and earlier.node_id < later.node_id
    group by earlier.node_id, later.node_id
),

compared as (
    select
        pair.node_id_a,
        pair.node_id_b,
        {{ nik_level('a.nik', 'b.nik') }} as nik_level,
        {{ names_level('a.name_keys', 'b.name_keys') }} as name_level,
        {{ dates_level('a.birth_dates', 'b.birth_dates') }} as birth_date_level,
        case
            when pair.shares_account and pair.shares_phone then 'both'
            when pair.shares_account or pair.shares_phone then 'one'
            when (len(a.accounts) = 0 or len(b.accounts) = 0) and (len(a.phones) = 0 or len(b.phones) = 0) then 'missing'
            else 'differs'
        end as contact_level,
        case
            when pair.shares_bpjs_no then 'equal'
            when len(a.bpjs_nos) = 0 or len(b.bpjs_nos) = 0 then 'missing'
            else 'differs'
        end as bpjs_no_level,
        {{ sets_level('a.sexes', 'b.sexes') }} as sex_level,
        {{ sets_level('a.region_codes', 'b.region_codes') }} as region_level
    from candidates as pair
    inner join {{ ref('int_person_nodes') }} as a on pair.node_id_a = a.node_id
    inner join {{ ref('int_person_nodes') }} as b on pair.node_id_b = b.node_id
    where coalesce(a.told_node_id <> b.node_id, true) and coalesce(b.told_node_id <> a.node_id, true)
),

thresholds as (
    select
        max(weight) filter (where field = 'prior') as prior,
        max(weight) filter (where field = 'threshold' and level = 'upper') as upper_threshold,
        max(weight) filter (where field = 'threshold' and level = 'lower') as lower_threshold
    from {{ ref('identity_weights') }}
),

weighed as (
    select
        compared.*,
        thresholds.upper_threshold,
        thresholds.lower_threshold,
        cast(
            thresholds.prior
            {% for field in fields %}
            + coalesce({{ field }}_weight.weight, 0)
            {% endfor %}
            as decimal(6, 2)
        ) as match_weight
    from compared
    cross join thresholds
    {% for field in fields %}
    left join {{ ref('identity_weights') }} as {{ field }}_weight
        on {{ field }}_weight.field = '{{ field }}' and compared.{{ field }}_level = {{ field }}_weight.level
    {% endfor %}
),

verdicts as (
    select
        finding_key,
        verdict,
        verdict_no
    from {{ ref('int_verdicts') }}
    where verdict in ('same_person', 'different_person')
),

decided as (
    select
        pair.node_id_a,
        pair.node_id_b,
        arg_max(verdicts.verdict, verdicts.verdict_no) as verdict,
        max(verdicts.verdict_no) as verdict_no
    from (
        select
            node_id_a,
            node_id_b,
            unnest([
                {{ subject_key("'PERSON_NEAR_MATCH'", "concat_ws(' ', node_id_a, node_id_b)") }},
                {{ subject_key("'PERSON_MATCHED'", "concat_ws(' ', node_id_a, node_id_b)") }}
            ]) as finding_key
        from weighed
        where (select count(*) from verdicts) > 0
    ) as pair
    inner join verdicts on pair.finding_key = verdicts.finding_key
    group by pair.node_id_a, pair.node_id_b
),

concluded as (
    select
        weighed.* exclude (upper_threshold, lower_threshold),
        concat_ws(' ', weighed.node_id_a, weighed.node_id_b) as subject,
        case
            when weighed.match_weight >= weighed.upper_threshold then 'PERSON_MATCHED'
            when weighed.match_weight >= weighed.lower_threshold then 'PERSON_NEAR_MATCH'
        end as rule_code,
        decided.verdict,
        decided.verdict_no
    from weighed
    left join decided on weighed.node_id_a = decided.node_id_a and weighed.node_id_b = decided.node_id_b
    where weighed.match_weight >= weighed.lower_threshold or decided.verdict is not null
)

select
    *,
    cast(1 / (1 + pow(2, -match_weight)) as decimal(7, 6)) as match_probability,
    coalesce(verdict = 'same_person', rule_code = 'PERSON_MATCHED', false) as is_joined
from concluded
