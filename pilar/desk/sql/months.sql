select strftime(event_date, '%Y-%m') as month
from dim_event
where event_date is not null
union
select coverage_month from fct_premium_month
union
select unnest(gap_months) from mart_premium_coverage
order by month desc
