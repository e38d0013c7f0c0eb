-- Rules that break between transfers, and between transfers and what was promised. They never quarantine.
with transfers as (
    select
        line.*,
        entitlement.participant_id is not null as is_entitled,
        original.reference_no is not null as is_original_known,
        reason.reason_code is not null as is_reason_known
    from {{ ref('int_transfers') }} as line
    left join {{ ref('int_entitlements') }} as entitlement
        on
            line.participant_id = entitlement.participant_id
            and line.event_id = entitlement.event_id
            and line.benefit_code = entitlement.benefit_code
    left join {{ ref('int_transfers') }} as original on line.retry_of = original.reference_no
    left join {{ ref('bank_reasons') }} as reason on line.reason_code = reason.reason_code
)

select
    'disbursements' as feed,
    file_sha256,
    sheet,
    source_row,
    cast(null as varchar) as subject,
    unnest({{ rules_broken({
        'TRANSFER_EVENT_UNKNOWN': 'not is_event_known',
        'TRANSFER_ACCOUNT_UNKNOWN': 'participant_id is null',
        'TRANSFER_NOT_ENTITLED': 'participant_id is not null and is_event_known and not is_entitled',
        'RETRY_UNKNOWN': 'retry_of is not null and not is_original_known',
        'TRANSFER_REASON_UNKNOWN': 'reason_code is not null and not is_reason_known'
    }) }}) as rule_code
from transfers
