/*
 Where the money closes and where it does not: a bank file's sheet (control lines, rows, their states, the published fact), a
 batch, an event, a region, and all payees one by one. `cause` says who is at fault: the FILE contradicts itself, or PILAR does.
*/
with staged as (
    select
        file_sha256,
        sheet,
        coalesce({{ publishable_reference('batch') }}, '-') as batch,
        sum(amount_idr) as rows_idr,
        count(*) as rows_count,
        sum(amount_idr) filter (where row_state = 'accepted') as accepted_idr,
        sum(amount_idr) filter (where row_state = 'quarantined') as quarantined_idr,
        sum(amount_idr) filter (where row_state = 'superseded') as superseded_idr
    from {{ ref('int_disbursement_lines') }}
    group by file_sha256, sheet, batch
),

sent as (
    select
        file_sha256,
        sheet,
        batch,
        event_id,
        coalesce(region_code, '-') as region_code,
        sum(amount_idr) as sent_idr,
        count(*) as sent_count
    from {{ ref('fct_disbursement') }}
    group by file_sha256, sheet, batch, event_id, region_code
),

-- Both sides of each payee. A digest of its names stands for them: 64 bits are found faster than three texts.
payee_sides as not materialized (
    select
        hash(event_id, benefit_code, coalesce(participant_id, account_key)) as payee,
        amount_idr as sent_idr,
        0 as instructed_idr,
        0 as explained_idr,
        0 as payees
    from {{ ref('fct_disbursement') }}
    union all
    select
        hash(event_id, benefit_code, coalesce(participant_id, account_key)) as payee,
        0 as sent_idr,
        instructed_idr,
        paid_idr + failed_idr + returned_idr + pending_idr as explained_idr,
        1 as payees
    from {{ ref('mart_disbursement_reconciliation') }}
),

-- To add up every payee would take a table as large as the history. So heaps of them are weighed: differences, each times
-- both halves of its payee's digest (halves, so that no sum outgrows its type), add up to nothing where every payee's own
-- do, and else by chance in one case of 2 to the 64th.
heaps as (
    select
        payee % 1024 as heap,
        sum(sent_idr) as sent_idr,
        sum(instructed_idr) as instructed_idr,
        sum(payees) as payees,
        sum(cast(payee >> 32 as hugeint) * cast(100 * (sent_idr - instructed_idr) as bigint)) = 0
        and sum(cast(payee & 4294967295 as hugeint) * cast(100 * (sent_idr - instructed_idr) as bigint)) = 0
        and bool_and(instructed_idr = explained_idr) as closes
    from payee_sides
    group by heap
),

-- Where a heap does not close its payees are added up one by one.
payees as (
    select
        payee,
        sum(sent_idr) as sent_idr,
        sum(instructed_idr) as instructed_idr,
        sum(explained_idr) as explained_idr
    from payee_sides
    semi join heaps on payee_sides.payee % 1024 = heaps.heap and not heaps.closes
    group by payee
),

weighed_payees as (
    select
        true as closes,
        sent_idr,
        instructed_idr,
        payees
    from heaps
    where closes
    union all
    select
        sent_idr = instructed_idr and instructed_idr = explained_idr as closes,
        sent_idr,
        instructed_idr,
        1 as payees
    from payees
),

reconciled as (
    select
        event_id,
        coalesce(region_code, '-') as region_code,
        sum(instructed_idr) as instructed_idr
    from {{ ref('mart_disbursement_reconciliation') }}
    where attempts > 0
    group by event_id, region_code
),

{% for name, keys in {'file': 'file_sha256, sheet', 'batch': 'batch'}.items() %}
staged_by_{{ name }} as (
    select
        {{ keys }},
        sum(rows_idr) as rows_idr,
        sum(rows_count) as rows_count,
        sum(accepted_idr) as accepted_idr,
        sum(quarantined_idr) as quarantined_idr,
        sum(superseded_idr) as superseded_idr
    from staged
    group by {{ keys }}
),

{% endfor %}
{% for name, keys in {'file': 'file_sha256, sheet', 'batch': 'batch', 'event': 'event_id', 'region': 'region_code'}.items() %}
sent_by_{{ name }} as (
    select
        {{ keys }},
        sum(sent_idr) as sent_idr,
        sum(sent_count) as sent_count
    from sent
    group by {{ keys }}
),

{% endfor %}
{% for name, key in {'event': 'event_id', 'region': 'region_code'}.items() %}
reconciled_by_{{ name }} as (
    select
        {{ key }},
        sum(instructed_idr) as instructed_idr
    from reconciled
    group by {{ key }}
),

{% endfor %}
files as (
    select
        'file' as level,
        {{ publishable_file_name('delivery.file_name') }}
        || case when ends_with(delivery.file_name, control.sheet) then '' else ' › ' || {{ publishable_file_name('control.sheet') }} end
        || ' (' || left(control.file_sha256, 12) || ')' as what,
        control.file_sha256 as raw_sha256,
        control.stated_idr,
        control.stated_count,
        control.rows_idr,
        control.rows_count,
        staged.accepted_idr,
        staged.quarantined_idr,
        staged.superseded_idr,
        sent.sent_idr as mart_idr,
        coalesce(staged.rows_count, 0) <> control.rows_count as loses_rows,
        control.is_contradicted
    from {{ ref('int_sheet_controls') }} as control
    inner join {{ source('raw', 'deliveries') }} as delivery on control.file_sha256 = delivery.file_sha256 and delivery.feed = 'disbursements'
    left join staged_by_file as staged on control.file_sha256 = staged.file_sha256 and control.sheet = staged.sheet
    left join sent_by_file as sent on {{ publishable_hash('control.file_sha256') }} = sent.file_sha256 and control.sheet = sent.sheet
),

batches as (
    select
        'batch' as level,
        coalesce(staged.batch, sent.batch) as what,
        cast(null as varchar) as raw_sha256,
        cast(null as decimal(18, 2)) as stated_idr,
        cast(null as bigint) as stated_count,
        staged.rows_idr,
        staged.rows_count,
        staged.accepted_idr,
        staged.quarantined_idr,
        staged.superseded_idr,
        sent.sent_idr as mart_idr,
        false as loses_rows,
        false as is_contradicted
    from staged_by_batch as staged
    full outer join sent_by_batch as sent on staged.batch = sent.batch
),

{% for level, key in {'event': 'event_id', 'region': 'region_code'}.items() %}
{{ level }}s as (
    select
        '{{ level }}' as level,
        coalesce(sent.{{ key }}, reconciled.{{ key }}) as what,
        cast(null as varchar) as raw_sha256,
        cast(null as decimal(18, 2)) as stated_idr,
        cast(null as bigint) as stated_count,
        sent.sent_idr as rows_idr,
        sent.sent_count as rows_count,
        sent.sent_idr as accepted_idr,
        cast(null as decimal(18, 2)) as quarantined_idr,
        cast(null as decimal(18, 2)) as superseded_idr,
        reconciled.instructed_idr as mart_idr,
        false as loses_rows,
        false as is_contradicted
    from sent_by_{{ level }} as sent
    full outer join reconciled_by_{{ level }} as reconciled on sent.{{ key }} = reconciled.{{ key }}
),

{% endfor %}
persons as (
    select
        'person' as level,
        case when closes then 'menutup / close' else 'tidak menutup / do not close' end as what,
        cast(null as varchar) as raw_sha256,
        cast(null as decimal(18, 2)) as stated_idr,
        cast(null as bigint) as stated_count,
        sum(sent_idr) as rows_idr,
        sum(payees) as rows_count,
        sum(sent_idr) as accepted_idr,
        cast(null as decimal(18, 2)) as quarantined_idr,
        cast(null as decimal(18, 2)) as superseded_idr,
        sum(instructed_idr) as mart_idr,
        not closes as loses_rows,
        false as is_contradicted
    from weighed_payees
    group by closes
),

levels as (
    select * from files
    union all
    select * from batches
    union all
    select * from events
    union all
    select * from regions
    union all
    select * from persons
),

weighed as (
    select
        *,
        loses_rows
        or coalesce(accepted_idr, 0) <> coalesce(mart_idr, 0)
        or coalesce(rows_idr, 0) <> coalesce(accepted_idr, 0) + coalesce(quarantined_idr, 0) + coalesce(superseded_idr, 0) as is_our_fault
    from levels
)

select
    level,
    what,
    raw_sha256,
    stated_idr,
    stated_count,
    cast(coalesce(rows_idr, 0) as decimal(18, 2)) as rows_idr,
    cast(coalesce(rows_count, 0) as bigint) as rows_count,
    cast(coalesce(accepted_idr, 0) as decimal(18, 2)) as accepted_idr,
    cast(coalesce(quarantined_idr, 0) as decimal(18, 2)) as quarantined_idr,
    cast(coalesce(superseded_idr, 0) as decimal(18, 2)) as superseded_idr,
    cast(coalesce(mart_idr, 0) as decimal(18, 2)) as mart_idr,
    cast(
        case when is_contradicted and not is_our_fault then coalesce(stated_idr - rows_idr, 0) else coalesce(accepted_idr, 0) - coalesce(mart_idr, 0) end
        as decimal(18, 2)
    ) as difference_idr,
    case
        when is_our_fault or is_contradicted then 'DIFFERS'
        when level = 'file' and stated_idr is null and stated_count is null then 'NOT_STATED'
        else 'CLOSES'
    end as verdict,
    case when is_our_fault then 'PILAR' when is_contradicted then 'FILE' end as cause
from weighed
