{{ config(
    materialized='incremental',
    incremental_strategy='renew',
    on_schema_change='fail',
    meta={
        'news': 'int_disbursement_news',
        'on': 'renewed.file_sha256 = news.file_sha256 and renewed.sheet = news.sheet and renewed.source_row = news.source_row'
    }
) }}
-- depends_on: {{ ref('int_disbursement_news') }}
/*
 Rows of bank files that are not plain, with their state and their place in the life of the transfer they speak of. A batch is
 superseded by its later file; a reference in several accepted rows counts once, by the newest. Rows of a sheet that its
 control lines contradict are quarantined. All other rows are accepted, break no rule and are the only word on their
 transfer; of ten million they are nearly all, so they are not written again: `int_disbursement_lines` shows both.
*/
with {% if not is_incremental() %}told_slices as (
    select distinct
        batch as slice_key,
        file_sha256
    from {{ ref('stg_disbursements') }}
),

slices_told_again as (
    select slice_key
    from told_slices
    group by slice_key
    having count(*) > 1
),

-- A digest stands for the reference; two that share one are told apart below.
references_told_again as (
    select hash(reference_no) as digest
    from {{ ref('stg_disbursements') }}
    group by digest
    having count(*) > 1
),

{% endif %}
lines as (
    select
        line.* exclude (broken_rules),
        line.batch as slice_key,
        case when control.is_contradicted then list_append(line.broken_rules, 'CONTROL_TOTAL_DIFFERS') else line.broken_rules end as broken_rules
    from {{ ref('stg_disbursements') }} as line
    left join {{ ref('int_sheet_controls') }} as control on line.file_sha256 = control.file_sha256 and line.sheet = control.sheet
    {% if is_incremental() %}
    semi join {{ ref('int_disbursement_news') }} as news
        on line.file_sha256 = news.file_sha256 and line.sheet = news.sheet and line.source_row = news.source_row and news.is_restated
    {% else %}
    -- What may be no plain row.
    where
        len(line.broken_rules) > 0
        or control.is_contradicted
        or line.batch in (select slices_told_again.slice_key from slices_told_again)
        or hash(line.reference_no) in (select references_told_again.digest from references_told_again)
    {% endif %}
),

restated as (
    {{ row_states('lines', slices=none if is_incremental() else 'told_slices') }}
),

-- No verdict can make a transfer of a row that lacks what a transfer is.
countable as (
    select
        *,
        reference_no is not null and coalesce(amount_idr > 0, false) and status is not null
        and benefit_code is not null and account_no is not null and instructed_on is not null as is_countable
    from restated
),

states as (
    select
        * exclude (row_state, quarantine_rules, waived_rules, is_countable),
        case when is_countable then quarantine_rules else list_concat(quarantine_rules, waived_rules) end as quarantine_rules,
        case when is_countable then waived_rules else [] end as waived_rules,
        case when row_state = 'accepted' and not is_countable then 'quarantined' else row_state end as slice_state
    from countable
    {% if is_incremental() %}
    -- Rows of other batches about the same transfers: what their own batch says of them has not changed.
    union all by name
    select
        line.* exclude (is_superseded, row_state, broken_rules, statement_no, is_latest_statement, goes_backward, statement_rules),
        line.slice_state = 'superseded' as is_superseded,
        list_filter(line.broken_rules, lambda code: code <> 'REFERENCE_REPEATED') as broken_rules
    from ({{ disbursement_lines(
        this,
        only='semi join ' ~ ref('int_disbursement_news') ~ ' as news on line.file_sha256 = news.file_sha256'
            ~ ' and line.sheet = news.sheet and line.source_row = news.source_row and not news.is_restated'
    ) }}) as line
    {% endif %}
),

-- Most transfers are spoken of once. Only the others need an order.
repeated as (
    select reference_no
    from states
    where reference_no is not null
    group by reference_no
    having count(*) > 1
),

statements as (
    select
        states.file_sha256,
        states.sheet,
        states.source_row,
        row_number() over life as statement_no,
        row_number() over newest_first as nth_from_last,
        row_number() over (partition by states.reference_no, states.slice_state order by {{ statement_order('states', 'desc') }}) as nth_of_state,
        count(*) filter (where states.slice_state = 'accepted') over (partition by states.reference_no) as accepted_rows,
        count(*) filter (where states.slice_state <> 'superseded') over (partition by states.reference_no) as living_rows,
        len(states.quarantine_rules) = 0 as is_sound,
        row_number() over (
            partition by states.reference_no, len(states.quarantine_rules) = 0 order by {{ statement_order('states', 'desc') }}
        ) as nth_of_sound,
        lag(states.status) over sound_life as status_before,
        lag(states.amount_idr) over sound_life as amount_before,
        states.status,
        states.amount_idr,
        states.reference_no
    from states
    inner join repeated on states.reference_no = repeated.reference_no
    window
        life as (partition by states.reference_no order by {{ statement_order('states') }}),
        newest_first as (partition by states.reference_no order by {{ statement_order('states', 'desc') }}),
        sound_life as (partition by states.reference_no, len(states.quarantine_rules) = 0 order by {{ statement_order('states') }})
),

changes as (
    select
        *,
        is_sound and status <> status_before
        and not (status_before = 'PROSES' or (status_before = 'SUKSES' and status = 'RETUR')) as goes_backward,
        is_sound and amount_idr <> amount_before as changes_amount
    from statements
),

lives as (
    select
        *,
        bool_or(goes_backward) over (partition by reference_no) as has_gone_backward,
        bool_or(changes_amount) over (partition by reference_no) as has_changed_amount
    from changes
),

judged as (
    select
        states.* exclude (is_superseded, broken_rules),
        states.is_superseded or coalesce(states.slice_state = 'accepted' and life.nth_of_state > 1, false) as is_superseded,
        case when states.slice_state = 'accepted' and life.nth_of_state > 1 then 'superseded' else states.slice_state end as row_state,
        case
            when states.slice_state = 'accepted' and life.nth_of_state = 1 and life.accepted_rows > 1
                then list_append(states.broken_rules, 'REFERENCE_REPEATED')
            else states.broken_rules
        end as broken_rules,
        cast(case when states.reference_no is not null then coalesce(life.statement_no, 1) end as integer) as statement_no,
        states.reference_no is not null and coalesce(life.nth_from_last = 1, true) as is_latest_statement,
        coalesce(life.goes_backward, false) as goes_backward,
        -- What is wrong with the life of the transfer is told where it counts: at its accepted row, or at the last one it had.
        {{ rules_broken({
            'TRANSFER_STATUS_BACKWARD': "states.slice_state = 'accepted' and life.nth_of_state = 1 and life.has_gone_backward",
            'TRANSFER_AMOUNT_CHANGED': "states.slice_state = 'accepted' and life.nth_of_state = 1 and life.has_changed_amount",
            'TRANSFER_WITHDRAWN': "states.reference_no is not null and states.slice_state = 'superseded' and len(states.quarantine_rules) = 0 and coalesce(life.living_rows = 0 and life.nth_of_sound = 1, life.reference_no is null)",
        }) }} as statement_rules
    from states
    left join lives as life
        on
            states.file_sha256 = life.file_sha256
            and states.sheet = life.sheet
            and states.source_row = life.source_row
)

select *
from judged
where
    row_state <> 'accepted' or len(broken_rules) > 0 or len(statement_rules) > 0
    or coalesce(statement_no, 0) <> 1 or not is_latest_statement
