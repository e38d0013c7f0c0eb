-- The newest year with an index, not after the chosen month or event; of the chosen pillar alone.
with until as (
    select
        least(
            cast(left($month, 4) as integer),
            (select year(event_date) from dim_event where event_id = $event)
        ) as year
),

chosen as (
    select max(equity.year) as year
    from mart_equity as equity
    cross join until
    where equity.year <= coalesce(until.year, equity.year)
)

select
    equity.measure,
    equity.year,
    equity.regions,
    equity.poor_covered_pct,
    equity.concentration_index,
    equity.elsewhere_pct
from mart_equity as equity
inner join chosen on equity.year = chosen.year
where $pillar is null or equity.measure = lower($pillar) || '_people'
order by equity.measure <> 'people', equity.measure = 'paid_idr', equity.measure
