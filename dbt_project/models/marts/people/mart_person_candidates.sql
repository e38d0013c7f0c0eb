-- Pairs of nodes that are or may be one person, with what agrees and what became of them; no value of either.
select
    {{ subject_key('pair.rule_code', 'pair.subject') }} as finding_key,
    pair.node_id_a,
    pair.node_id_b,
    a.participant_id as participant_id_a,
    b.participant_id as participant_id_b,
    pair.match_weight,
    pair.match_probability,
    pair.nik_level as identity_no_level,
    pair.name_level,
    pair.birth_date_level as born_on_level,
    pair.contact_level,
    pair.bpjs_no_level as member_no_level,
    pair.sex_level,
    pair.region_level,
    coalesce(pair.verdict, case when pair.rule_code = 'PERSON_MATCHED' then 'matched' else 'asked' end) as decided
from {{ ref('int_person_pairs') }} as pair
inner join {{ ref('int_people') }} as a on pair.node_id_a = a.node_id
inner join {{ ref('int_people') }} as b on pair.node_id_b = b.node_id
where pair.rule_code is not null
