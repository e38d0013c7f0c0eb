/*
 Transfer attempts with their state. A batch is superseded by its later file; the same reference in two files of
 different batches is settled by the later statement. Rows of a file whose control lines they contradict are quarantined.
*/
with stated as (
    select
        file_sha256,
        sheet,
        sum(try_cast({{ digits('value') }} as bigint)) filter (where name = 'transaction_count') as transactions,
        sum({{ parse_rupiah('value', 'false') }}) filter (where name = 'total_idr') as total_idr
    from {{ source('raw', 'controls') }}
    group by file_sha256, sheet
),

summed as (
    select
        file_sha256,
        sheet,
        count(*) as transactions,
        sum(amount_idr) as total_idr
    from {{ ref('stg_disbursements') }}
    group by file_sha256, sheet
),

contradicted as (
    select
        stated.file_sha256,
        stated.sheet
    from stated
    inner join summed on stated.file_sha256 = summed.file_sha256 and stated.sheet = summed.sheet
    where
        coalesce(stated.transactions, summed.transactions) <> summed.transactions
        or coalesce(stated.total_idr, summed.total_idr) is distinct from summed.total_idr
),

lines as (
    select
        line.* exclude (broken_rules),
        line.batch as slice_key,
        case when contradicted.file_sha256 is not null then list_append(line.broken_rules, 'CONTROL_TOTAL_DIFFERS') else line.broken_rules end as broken_rules
    from {{ ref('stg_disbursements') }} as line
    left join contradicted on line.file_sha256 = contradicted.file_sha256 and line.sheet = contradicted.sheet
),

states as (
    {{ row_states('lines') }}
),

repeated as (
    select reference_no
    from states
    where row_state = 'accepted'
    group by reference_no
    having count(*) > 1
),

statements as (
    select
        states.file_sha256,
        states.sheet,
        states.source_row,
        row_number() over (
            partition by states.reference_no
            order by states.delivered_at desc, states.file_name desc, states.source_row desc
        ) as age
    from states
    inner join repeated on states.reference_no = repeated.reference_no
    where states.row_state = 'accepted'
)

select
    states.* exclude (is_superseded, row_state, broken_rules),
    coalesce(states.is_superseded or statements.age > 1, states.is_superseded) as is_superseded,
    case when statements.age > 1 then 'superseded' else states.row_state end as row_state,
    case when statements.age = 1 then list_append(states.broken_rules, 'REFERENCE_REPEATED') else states.broken_rules end as broken_rules
from states
left join statements
    on
        states.file_sha256 = statements.file_sha256
        and states.sheet = statements.sheet
        and states.source_row = statements.source_row
