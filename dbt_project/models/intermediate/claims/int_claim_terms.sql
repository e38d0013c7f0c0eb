-- The figures that each formula names with their value: published ones by scenario and region as known then, others as of tonight.
{% set languages = {
    'id': {'people': 'orang', 'amount': 'rupiah per orang', 'months': 'bulan lunas per orang', 'districts': 'kecamatan', 'press': 'pers'},
    'en': {'people': 'people', 'amount': 'rupiah each', 'months': 'months paid each', 'districts': 'districts', 'press': 'press'}
} %}
with tokens as (
    select distinct
        claim_id,
        unnest(regexp_extract_all(formula, '[A-Za-z_][A-Za-z0-9_.]*')) as term
    from {{ ref('claims') }}
),

named as (
    select
        tokens.term,
        split_part(tokens.term, '.', 2) as moment,
        figure.*
    from tokens
    inner join {{ ref('claim_figures') }} as figure
        on tokens.claim_id = figure.claim_id and split_part(tokens.term, '.', 1) = figure.figure
),

asked as (
    select
        scenario.claim_id,
        scenario.base_period,
        scenario.end_period,
        scenario.known_at,
        scenario.region_code,
        named.term,
        named.figure,
        named.kind,
        named.indicator,
        named.area_type,
        concat_ws(' ', named.pillar_code, named.benefit_code, named.event_id, case named.kind when 'press' then named.figure end) as about,
        coalesce(named.region_code, scenario.region_code) as stated_region,
        case named.moment when 'base' then scenario.base_period when 'end' then scenario.end_period end as period
    from {{ ref('int_claim_scenarios') }} as scenario
    inner join named on scenario.claim_id = named.claim_id
),

valued as (
    select
        asked.claim_id,
        asked.base_period,
        asked.end_period,
        asked.known_at,
        asked.region_code,
        asked.term,
        asked.kind,
        any_value(asked.indicator) as indicator,
        any_value(asked.area_type) as area_type,
        any_value(asked.about) as about,
        any_value(asked.stated_region) as stated_region,
        any_value(asked.period) as period,
        coalesce(any_value(evidence.value), arg_max(vintage.value, vintage.vintage)) as value,
        any_value(evidence.note) as note,
        any_value(evidence.note_en) as note_en
    from asked
    left join {{ ref('int_poverty_vintages') }} as vintage
        on
            asked.kind = 'bps'
            and asked.stated_region = vintage.region_code
            and asked.area_type = vintage.area_type
            and asked.indicator = vintage.indicator
            and asked.period = vintage.period
            and asked.known_at >= vintage.known_from
    left join {{ ref('int_claim_evidence') }} as evidence on asked.claim_id = evidence.claim_id and asked.figure = evidence.figure
    group by asked.claim_id, asked.base_period, asked.end_period, asked.known_at, asked.region_code, asked.term, asked.kind
)

select
    valued.claim_id,
    valued.base_period,
    valued.end_period,
    valued.known_at,
    valued.region_code,
    valued.term,
    valued.kind,
    valued.stated_region,
    valued.area_type,
    valued.indicator,
    valued.period,
    {% for language, words in languages.items() %}
    case valued.kind
        when 'bps' then format('{}, {}, {}', indicator.name_{{ language }}, region.region_name, valued.period)
        {% for kind, word in words.items() %}
        when '{{ kind }}' then concat_ws(' ', '{{ word }}', valued.about)
        {% endfor %}
    end as what_{{ language }},
    {% endfor %}
    valued.value,
    valued.note as note_id,
    valued.note_en
from valued
left join {{ ref('indicators') }} as indicator on valued.indicator = indicator.indicator
left join {{ ref('regions') }} as region on valued.stated_region = region.region_code
