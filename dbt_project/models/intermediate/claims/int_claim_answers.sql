/*
 Each claim recomputed in each scenario. The formula is worked out for every region of the scenario, for a rank needs the others;
 the answer is the claim's own region's. A formula with a figure of the press is worked out, and proves nothing.
*/
{% set languages = {
    'id': {'rank': 'peringkat di antara {} wilayah', 'few': ' (diperlukan {})', 'none': 'belum ada: ', 'press': 'hanya angka pers: '},
    'en': {'rank': 'rank among {} regions', 'few': ' ({} needed)', 'none': 'missing: ', 'press': 'press figures only: '}
} %}
with worked as (
    select
        claim_id,
        base_period,
        end_period,
        known_at,
        region_code,
        map_from_entries(list(row(term, value) order by term)) as terms,
        {% for language in ['id', 'en'] %}
        string_agg(
            what_{{ language }} || ': ' || {{ plain_number('value', language) }} || coalesce(' (' || note_{{ language }} || ')', ''), '; ' order by term
        ) as said_{{ language }},
        string_agg(what_{{ language }}, '; ' order by term) filter (where value is null) as wanted_{{ language }},
        {% endfor %}
        bool_and(value is not null) as is_complete,
        bool_or(kind = 'press') as is_press
    from {{ ref('int_claim_terms') }}
    group by claim_id, base_period, end_period, known_at, region_code
),

reckoned as (
    select
        * exclude (terms),
        {{ claim_value(peers='claim_id, base_period, end_period, known_at') }} as formula_value,
        cast(count(*) filter (where is_complete) over (partition by claim_id, base_period, end_period, known_at) as integer) as regions_ranked
    from worked
),

answered as (
    select
        reckoned.*,
        claim.published_value,
        claim.tolerance,
        claim.peers_needed,
        case when claim.peers is not null then reckoned.regions_ranked end as peers_compared,
        case
            when reckoned.is_complete and not reckoned.is_press and reckoned.regions_ranked >= coalesce(claim.peers_needed, 1)
                then reckoned.formula_value
        end as recomputed_value
    from reckoned
    inner join {{ ref('claims') }} as claim
        on reckoned.claim_id = claim.claim_id and coalesce(reckoned.region_code, '') = coalesce(claim.region_code, '')
)

select
    claim_id,
    base_period,
    end_period,
    known_at,
    recomputed_value,
    peers_compared,
    {% for language, words in languages.items() %}
    concat_ws(
        '; ',
        case when is_press then '{{ words.press }}' || {{ plain_number('formula_value', language) }} end,
        said_{{ language }},
        format('{{ words.rank }}', peers_compared)
        || case when peers_compared < peers_needed then format('{{ words.few }}', peers_needed) else '' end,
        '{{ words.none }}' || wanted_{{ language }}
    ) as basis_{{ language }},
    {% endfor %}
    {{ claim_verdict('recomputed_value', 'published_value', 'tolerance') }} as verdict
from answered
