-- What a month costs: one row a programme and month of cover that premiums name, with the rate in force (premium_rates).
with months as (
    select distinct coverage_starts_on
    from {{ ref('stg_premiums') }}
    where coverage_starts_on is not null
)

select
    {{ program_code('rate.program') }} as program,
    months.coverage_starts_on,
    max(rate.amount_idr) as rate_idr
from {{ ref('premium_rates') }} as rate
inner join months
    on
        rate.valid_from <= months.coverage_starts_on
        and coalesce(rate.valid_to, date '9999-12-31') > months.coverage_starts_on
group by all
