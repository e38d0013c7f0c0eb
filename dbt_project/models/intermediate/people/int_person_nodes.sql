/*
 One row a node: a valid NIK, or an account, birth date and name without one, with every value that rows of it ever
 stated. Superseded rows count, so that values only ever come and a pair once seen is seen again; quarantined rows do not.
*/
with stated as (
    select
        node_key,
        account_node_key,
        nik,
        name_key,
        birth_date,
        ltrim(account_no, '0') as account,
        -- +62 812…, 0812… and 812… are one telephone.
        regexp_replace(phone, '^(62|0)+', '') as phone,
        bpjs_no,
        sex,
        region_code,
        row_state
    from {{ ref('int_roster_states') }}
    where node_key is not null and len(quarantine_rules) = 0
),

nodes as (
    select
        node_key,
        any_value(nik) as nik,
        bool_or(row_state = 'accepted') as is_accepted,
        {{ values_of('name_key') }} as name_keys,
        {{ values_of('birth_date') }} as birth_dates,
        {{ values_of('account') }} as accounts,
        {{ values_of('phone') }} as phones,
        {{ values_of('bpjs_no') }} as bpjs_nos,
        {{ values_of('sex') }} as sexes,
        {{ values_of('region_code') }} as region_codes
    from stated
    group by node_key
),

-- Without NIK, but one NIK alone stands with the same account, birth date and name: that is who it is.
told_by_account as (
    select
        nodes.node_key,
        any_value(stated.node_key) as nik_node_key
    from nodes
    inner join stated on nodes.node_key = stated.account_node_key
    where nodes.nik is null and stated.nik is not null
    group by nodes.node_key
    having count(distinct stated.nik) = 1
)

select
    nodes.*,
    {{ pseudonym('p', 'nodes.node_key') }} as node_id,
    {{ pseudonym('p', 'told_by_account.nik_node_key') }} as told_node_id
from nodes
left join told_by_account on nodes.node_key = told_by_account.node_key
