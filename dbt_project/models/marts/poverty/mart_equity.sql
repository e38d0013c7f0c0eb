/*
 Whether pillars and their money are where the poor are: the concentration index of each measure, poor people as weights
 (O'Donnell, van Doorslaer, Wagstaff and Lindelow 2008, chapter 8), and the share that stands elsewhere than the poor do.
*/
with placed as (
    select
        *,
        -- Middle of the place that the kab/kota of this rate take among the poor, in thousands of them.
        sum(poor_people_thousand) over (partition by year, measure order by poverty_rate_pct desc)
        - sum(poor_people_thousand) over (partition by year, measure, poverty_rate_pct) / 2 as middle,
        sum(poor_people_thousand) over (partition by year, measure) as poor_in_all,
        nullif(sum(value) over (partition by year, measure), 0) as value_in_all
    from {{ ref('mart_equity_curve') }}
),

indexed as (
    select
        year,
        measure,
        count(*) as regions,
        sum(value) as value,
        sum(poor_people_thousand) as poor_people_thousand,
        -- 2/μ · cov(h, r) in shares: twice the sum of share × fractional rank, less 1.
        2 * sum((value / value_in_all) * (middle / poor_in_all)) - 1 as concentration_index,
        50 * sum(abs(value / value_in_all - poor_people_thousand / poor_in_all)) as elsewhere_pct
    from placed
    group by year, measure
),

everywhere as (
    select
        year,
        count(*) as regions_in_all,
        sum(poor_people_thousand) as poor_people_thousand
    from {{ ref('mart_region_profile') }}
    group by year
)

select
    indexed.year,
    indexed.measure,
    cast(indexed.regions as integer) as regions,
    cast(everywhere.regions_in_all as integer) as regions_in_all,
    cast(round(100 * indexed.poor_people_thousand / everywhere.poor_people_thousand, 2) as decimal(5, 2)) as poor_covered_pct,
    cast(indexed.value as decimal(18, 2)) as value,
    cast(round(case when indexed.regions > 1 then indexed.concentration_index end, 6) as decimal(9, 6)) as concentration_index,
    cast(round(case when indexed.regions > 1 then indexed.elsewhere_pct end, 2) as decimal(5, 2)) as elsewhere_pct
from indexed
inner join everywhere on indexed.year = everywhere.year
