/*
 Rules that break between the statements of a transfer, between transfers and promises, and between our own tables. They never
 quarantine. A finding about a transfer's life is named by its reference, one about our tables by what does not close.
*/
with lives as (
    select
        file_sha256,
        sheet,
        source_row,
        {{ publishable_reference('reference_no') }} as subject,
        unnest(statement_rules) as rule_code
    from {{ ref('int_disbursement_lines') }}
    where len(statement_rules) > 0
),

transfers as (
    select
        file_sha256,
        sheet,
        source_row,
        cast(null as varchar) as subject,
        unnest(transfer_rules) as rule_code
    from {{ ref('int_transfers') }}
    where len(transfer_rules) > 0
),

unequal as (
    select
        event_id,
        benefit_code,
        coalesce(participant_id, account_key) as payee_key,
        case outcome when 'OVERPAID' then 'PAYMENT_DOUBLE' else 'PAYMENT_PARTIAL' end as rule_code
    from {{ ref('mart_disbursement_reconciliation') }}
    where outcome in ('OVERPAID', 'UNDERPAID')
),

-- What was paid too much or too little is told at the last payment that arrived.
payments as (
    select
        arg_max(transfer.file_sha256, transfer.attempt_no) as file_sha256,
        arg_max(transfer.sheet, transfer.attempt_no) as sheet,
        arg_max(transfer.source_row, transfer.attempt_no) as source_row,
        cast(null as varchar) as subject,
        unequal.rule_code
    from unequal
    inner join {{ ref('int_transfers') }} as transfer
        on
            unequal.event_id = transfer.event_id
            and unequal.benefit_code = transfer.benefit_code
            and unequal.payee_key = transfer.payee_key
            and transfer.status = 'SUKSES'
    group by unequal.event_id, unequal.benefit_code, unequal.payee_key, unequal.rule_code
),

-- A sheet of control lines and no rows cannot quarantine anything; the finding stands at the control line.
empty_sheets as (
    select
        file_sha256,
        sheet,
        source_row,
        cast(null as varchar) as subject,
        'CONTROL_TOTAL_DIFFERS' as rule_code
    from {{ ref('int_sheet_controls') }}
    where is_contradicted and rows_count = 0
),

newest_file as (
    select arg_max(file_sha256, (delivered_at, file_name, file_sha256)) as file_sha256
    from {{ source('raw', 'deliveries') }}
    where feed = 'disbursements' and state = 'read'
),

own_faults as (
    select
        coalesce(control.raw_sha256, newest_file.file_sha256) as file_sha256,
        cast(null as varchar) as sheet,
        cast(null as integer) as source_row,
        control.level || ' ' || control.what as subject,
        'MONEY_CONTROL_DIFFERS' as rule_code
    from {{ ref('int_money_control') }} as control
    cross join newest_file
    where control.cause = 'PILAR'
)

{% for topic in ['lives', 'transfers', 'payments', 'empty_sheets', 'own_faults'] %}
select
    'disbursements' as feed,
    *
from {{ topic }}
{{ "union all" if not loop.last }}
{% endfor %}
