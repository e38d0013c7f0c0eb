/*
 Which person each node is. Nodes that are joined, whoever says so, form a group; the group is the person.
 A verdict that parts a pair outweighs what Pilar itself would join: in a group that would still hold such a pair, only
 what stewards joined stays joined, and if even that holds it, nothing in the group does: the verdicts contradict each
 other. Only the few linked nodes are walked; all others are their own person.
*/
with recursive links as (
    select
        node_id_a,
        node_id_b,
        coalesce(verdict = 'same_person', false) as is_stewards
    from {{ ref('int_person_pairs') }}
    where is_joined
    union all
    select
        node_id as node_id_a,
        told_node_id as node_id_b,
        false as is_stewards
    from {{ ref('int_person_nodes') }}
    where told_node_id is not null
),

parted as (
    select
        node_id_a,
        node_id_b
    from {{ ref('int_person_pairs') }}
    where verdict = 'different_person'
),

{{ groups_of('links', 'joined') }},

torn as (
    select distinct a.group_id
    from parted
    inner join joined as a on parted.node_id_a = a.node_id
    inner join joined as b on parted.node_id_b = b.node_id and a.group_id = b.group_id
),

firm_links as (
    select links.*
    from links
    inner join joined on links.node_id_a = joined.node_id
    where links.is_stewards or joined.group_id not in (select torn.group_id from torn)
),

{{ groups_of('firm_links', 'firm') }},

-- By the smallest node of the whole group, as nothing in it stays joined.
contradicted as (
    select distinct whole.group_id
    from parted
    inner join firm as a on parted.node_id_a = a.node_id
    inner join firm as b on parted.node_id_b = b.node_id and a.group_id = b.group_id
    inner join joined as whole on parted.node_id_a = whole.node_id
),

grouped as (
    select
        node.node_key,
        node.node_id,
        node.nik,
        node.is_accepted,
        contradicted.group_id as contradiction_id,
        case when contradicted.group_id is null then coalesce(firm.group_id, node.node_id) else node.node_id end as group_id
    from {{ ref('int_person_nodes') }} as node
    left join joined on node.node_id = joined.node_id
    left join contradicted on joined.group_id = contradicted.group_id
    left join firm on node.node_id = firm.node_id
)

select
    node_key,
    node_id,
    first_value(node_id) over (partition by group_id order by not is_accepted, nik is null, node_key) as participant_id,
    count(*) over (partition by group_id) as nodes_in_group,
    contradiction_id
from grouped
