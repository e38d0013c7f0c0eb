-- Rules that break between rows, files and feeds. They never quarantine: the row is right, the world is not.
with roster as (
    select
        *,
        row_number() over (partition by roster_scope, participant_id, region_code, pillar_code order by delivered_at, file_name, source_row) as nth,
        min(pillar_code) over same_person <> max(pillar_code) over same_person as has_two_pillars,
        min(region_code) over same_person <> max(region_code) over same_person as has_two_regions
    from {{ ref('int_roster_lines') }}
    where row_state = 'accepted' and participant_id is not null
    window same_person as (partition by roster_scope, participant_id)
),

shared_accounts as (
    select account_no
    from {{ ref('int_account_owners') }}
    where is_current
    group by account_no
    having count(*) > 1
),

transfers as (
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
),

premiums as (
    select
        month.*,
        expected.participant_id is not null as is_expected
    from {{ ref('int_premium_months') }} as month
    left join {{ ref('int_cover_expected') }} as expected
        on month.participant_id = expected.participant_id and month.coverage_starts_on = expected.coverage_starts_on
),

figures as (
    select
        *,
        count(distinct file_sha256) over same_cell as files,
        max(value) over same_cell - min(value) over same_cell as spread
    from {{ ref('int_poverty_lines') }}
    where row_state = 'accepted'
    window same_cell as (partition by cell)
),

found as (
    select
        'rosters' as feed,
        file_sha256,
        sheet,
        source_row,
        cast(null as varchar) as source_column,
        unnest({{ rules_broken({
            'PERSON_DUPLICATE': 'nth > 1',
            'PERSON_TWO_PILLARS': 'has_two_pillars',
            'PERSON_TWO_REGIONS': 'has_two_regions',
            'ACCOUNT_SHARED': 'account_no in (select shared_accounts.account_no from shared_accounts)'
        }) }}) as rule_code
    from roster
    union all
    select
        'disbursements' as feed,
        file_sha256,
        sheet,
        source_row,
        cast(null as varchar) as source_column,
        unnest({{ rules_broken({
            'TRANSFER_EVENT_UNKNOWN': 'not is_event_known',
            'TRANSFER_ACCOUNT_UNKNOWN': 'participant_id is null',
            'TRANSFER_NOT_ENTITLED': 'participant_id is not null and is_event_known and not is_entitled',
            'RETRY_UNKNOWN': 'retry_of is not null and not is_original_known',
            'TRANSFER_REASON_UNKNOWN': 'reason_code is not null and not is_reason_known'
        }) }}) as rule_code
    from transfers
    union all
    select
        'premiums' as feed,
        file_sha256,
        sheet,
        source_row,
        cast(null as varchar) as source_column,
        unnest({{ rules_broken({
            'PREMIUM_PERSON_UNKNOWN': 'participant_id is null',
            'PREMIUM_PAID_TWICE': 'payments > 1',
            'PREMIUM_NOT_ENTITLED': 'participant_id is not null and payments > 0 and not is_expected'
        }) }}) as rule_code
    from premiums
    union all
    -- Rounding to a hundredth, or to a rupiah, is no revision.
    select
        'poverty' as feed,
        file_sha256,
        sheet,
        source_row,
        source_column,
        'POVERTY_REVISED' as rule_code
    from figures
    where files > 1 and spread > case indicator when 'poverty_line_idr' then 1 else 0.011 end
    union all
    select
        'decisions' as feed,
        file_sha256,
        sheet,
        source_row,
        cast(null as varchar) as source_column,
        'DECISION_FINDING_UNKNOWN' as rule_code
    from {{ ref('int_decision_lines') }}
    where
        row_state = 'accepted'
        and finding_key not in (select {{ finding_key('rule_code', source_column='source_column') }} from {{ ref('int_row_findings') }})
)

select * from found
