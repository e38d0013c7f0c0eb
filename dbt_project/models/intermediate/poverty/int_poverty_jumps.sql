/*
 Newest figures that move as no figure of their kind does: against the year before, their own history and the other members
 of their parent; and counts that do not fit rate and population. Warnings: such things happen (the pandemic in Jakarta).
 Thresholds and what they were measured on: docs/poverty-figures.md. Totals only: areas are drawn anew every few years.
*/
with latest as (
    select
        vintage.*,
        region.parent_code,
        known.least,
        cast(left(vintage.period, 4) as integer) as year
    from {{ ref('int_poverty_vintages') }} as vintage
    inner join {{ ref('regions') }} as region on vintage.region_code = region.region_code
    inner join {{ ref('indicators') }} as known on vintage.indicator = known.indicator
    where vintage.is_latest and vintage.area_type = 'total' and vintage.value > 0
),

changes as (
    select
        latest.cell,
        latest.region_code,
        latest.parent_code,
        latest.period,
        latest.indicator,
        ln(cast(latest.value as double) / cast(before.value as double)) as change
    from latest
    inner join latest as before
        on
            latest.region_code = before.region_code
            and latest.indicator = before.indicator
            and latest.year = before.year + 1
            and {{ months_comparable('latest.period', 'before.period') }}
    -- Indices that may be 0 come down to a few hundredths: there a rounding is a jump.
    where latest.least > 0
),

against_siblings as (
    select
        *,
        change - median(change) over siblings as deviation,
        count(*) over siblings as siblings
    from changes
    window siblings as (partition by parent_code, indicator, period)
),

against_history as (
    select
        *,
        median(abs(deviation)) over (partition by parent_code, indicator, period) as spread_of_siblings,
        median(abs(deviation)) over (partition by region_code, indicator) as usual_deviation,
        count(*) over (partition by region_code, indicator) as years
    from against_siblings
),

jumps as (
    select cell
    from against_history
    where
        siblings >= 8
        and years >= 5
        and abs(deviation) > 0.1
        and abs(deviation) > 5 * 1.4826 * spread_of_siblings
        and abs(deviation) > 8 * usual_deviation
),

-- People / rate is the population by the survey's weights, which a census may have left behind: so the wider bound for a
-- population that was told.
populations as (
    select
        people.cell,
        people.region_code,
        people.period,
        people.year,
        100 * people.value / rate.value as population,
        told.value as population_told
    from latest as people
    inner join latest as rate
        on people.region_code = rate.region_code and people.period = rate.period and rate.indicator = 'poverty_rate_pct'
    left join latest as told
        on people.region_code = told.region_code and people.year = told.year and told.indicator = 'population_thousand'
    where people.indicator = 'poor_people_thousand' and len(people.period) = 7
),

neighbours as (
    select
        *,
        lag(population) over one_region as population_before,
        lag(year) over one_region as year_before
    from populations
    window one_region as (partition by region_code order by period)
),

unfit as (
    select cell
    from neighbours
    where
        abs(population - population_told) > 0.2 * population_told
        or (abs(population - population_before) > 0.1 * population_before and year - year_before <= 2)
),

found as (
    select
        'POVERTY_JUMP' as rule_code,
        cell
    from jumps
    union all
    select
        'POVERTY_POPULATION_DIFFERS' as rule_code,
        cell
    from unfit
)

select
    found.rule_code,
    latest.file_sha256,
    latest.sheet,
    latest.source_row,
    latest.source_column
from found
inner join latest on found.cell = latest.cell
