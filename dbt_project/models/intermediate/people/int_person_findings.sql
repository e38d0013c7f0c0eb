/*
 Pairs that are, or may be, one person, named by the two nodes, so that the finding outlives the files. It points to the
 newest row of the two, one of today's if there is one. Verdicts that contradict each other are found where the
 newest of them stands.
*/
with pairs as (
    select *
    from {{ ref('int_person_pairs') }}
    where rule_code is not null
),

places as (
    select
        pairs.subject,
        state.file_sha256,
        state.sheet,
        state.source_row
    from pairs, unnest([pairs.node_id_a, pairs.node_id_b]) as of_pair (node_id)
    inner join {{ ref('int_people') }} as person on of_pair.node_id = person.node_id
    inner join {{ ref('int_roster_states') }} as state on person.node_key = state.node_key
    where len(state.quarantine_rules) = 0
    qualify row_number() over (
        partition by pairs.subject
        order by
            state.row_state = 'accepted' desc, state.delivered_at desc, state.file_name desc, state.file_sha256 desc,
            state.sheet desc, state.source_row desc
    ) = 1
),

contradictions as (
    select max(pair.verdict_no) as verdict_no
    from {{ ref('int_person_pairs') }} as pair
    inner join {{ ref('int_people') }} as a on pair.node_id_a = a.node_id
    inner join {{ ref('int_people') }} as b on pair.node_id_b = b.node_id and a.contradiction_id = b.contradiction_id
    where pair.verdict is not null
    group by a.contradiction_id
)

select
    'rosters' as feed,
    places.file_sha256,
    places.sheet,
    places.source_row,
    pairs.subject,
    pairs.rule_code
from pairs
inner join places on pairs.subject = places.subject
union all
select
    'decisions' as feed,
    verdict.file_sha256,
    verdict.sheet,
    verdict.source_row,
    cast(null as varchar) as subject,
    'DECISION_CONTRADICTED' as rule_code
from contradictions
inner join {{ ref('int_verdicts') }} as verdict on contradictions.verdict_no = verdict.verdict_no
