with delivered as (
    select
        feed,
        submitter,
        -- Moments are UTC; the month is that of Asia/Jakarta, seven hours ahead all year.
        strftime(delivered_at + interval 7 hours, '%Y-%m') as month,
        count(*) as files,
        count(*) filter (where state = 'rejected') as files_rejected,
        cast(sum(rows_read) as bigint) as rows_read,
        cast(sum(rows_accepted) as bigint) as rows_accepted,
        cast(sum(rows_quarantined) as bigint) as rows_quarantined,
        cast(sum(rows_superseded) as bigint) as rows_superseded
    from file_ledger
    where state <> 'duplicate'
    group by feed, submitter, strftime(delivered_at + interval 7 hours, '%Y-%m')
),

rated as (
    select
        *,
        -- Rows that a later file replaced say nothing about what stands.
        cast(100.0 * rows_accepted / nullif(rows_accepted + rows_quarantined, 0) as decimal(5, 2)) as accepted_pct
    from delivered
)

select
    *,
    cast(accepted_pct - lag(accepted_pct) over (partition by feed, submitter order by month) as decimal(5, 2))
        as change_pct_points
from rated
