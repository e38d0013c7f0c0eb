with gap as (
    select
        participant_id,
        pillar_code,
        region_code,
        unnest(gap_months) as coverage_month
    from mart_premium_coverage
),

-- The promise that covers the month; of several the dearest, which is what ought to be paid.
promised as (
    select
        gap.participant_id,
        gap.coverage_month,
        promise.amount_idr,
        promise.file_sha256,
        promise.sheet,
        promise.source_row
    from gap
    inner join fct_entitlement as promise
        on
            gap.participant_id = promise.participant_id
            and promise.months is not null
            and strptime(gap.coverage_month, '%Y-%m') >= promise.starts_on
            and strptime(gap.coverage_month, '%Y-%m') < promise.starts_on + to_months(promise.months)
    qualify
        row_number() over (
            partition by gap.participant_id, gap.coverage_month
            order by promise.amount_idr desc, promise.event_id, promise.file_sha256, promise.source_row
        ) = 1
)

select
    gap.participant_id,
    gap.pillar_code,
    gap.region_code,
    region.region_name,
    gap.coverage_month,
    premium.status,
    promised.amount_idr as monthly_idr,
    ledger.submitter,
    ledger.file_name,
    promised.sheet,
    promised.source_row
from gap
left join promised on gap.participant_id = promised.participant_id and gap.coverage_month = promised.coverage_month
left join fct_premium_month as premium
    on gap.participant_id = premium.participant_id and gap.coverage_month = premium.coverage_month
left join dim_region as region on gap.region_code = region.region_code
left join file_ledger as ledger
    on promised.file_sha256 = ledger.file_sha256 and ledger.feed = 'rosters' and ledger.state <> 'duplicate'
