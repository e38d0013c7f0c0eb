-- East Java's kab/kota by year: who serves there, who is poor, what was paid, and how it stands beside the others.
with years as (
    select distinct cast(left(period, 4) as integer) as year
    from {{ ref('fct_poverty') }}
    where region_code like '35%'
    union
    select distinct cast(year(event_date) as integer) as year
    from {{ ref('dim_event') }}
    where event_date is not null
),

kabkota as (
    select *
    from {{ ref('dim_region') }}
    where region_level = 'kabkota' and parent_code = '3500'
),

-- The office of the year is that of its last day.
offices as (
    select
        years.year,
        member.region_code,
        member.bakorwil
    from {{ ref('bakorwil_members') }} as member
    inner join years
        on
            member.valid_from <= make_date(years.year, 12, 31)
            and (member.valid_to is null or member.valid_to > make_date(years.year, 12, 31))
),

stated as (
    select
        years.year,
        person.region_code,
        person.pillar_code,
        person.district_code,
        person.status = 'AKTIF' and (person.valid_to is null or year(person.valid_to) > years.year) as serves
    from {{ ref('dim_participant') }} as person
    inner join years on year(person.valid_from) <= years.year
),

-- A pillar of which no roster ever came is unknown; one whose people have all left has nobody. A person has one version on
-- the last day of a year, so that rows that serve are people.
people as (
    select
        year,
        region_code,
        count(*) filter (where serves) as people,
        {%- for pillar in ['PKH', 'TAGANA', 'TKSK'] %}
        case
            when bool_or(pillar_code = '{{ pillar }}')
                then count(*) filter (where serves and pillar_code = '{{ pillar }}')
        end as {{ pillar | lower }}_people,
        {%- endfor %}
        count(distinct district_code) filter (where serves and pillar_code = 'TKSK') as districts_with_tksk,
        count(*) filter (where serves and pillar_code = 'TKSK' and district_code is null) as tksk_unplaced
    from stated
    group by year, region_code
),

districts as (
    select
        region_code,
        count(*) as districts
    from {{ ref('districts') }}
    group by region_code
),

latest as (
    select
        region_code,
        period,
        cast(left(period, 4) as integer) as year,
        indicator,
        value
    from {{ ref('fct_poverty') }}
    where is_latest and area_type = 'total'
),

published as (
    select
        region_code,
        year,
        period,
        max(value) filter (where indicator = 'poor_people_thousand') as poor_people_thousand,
        max(value) filter (where indicator = 'poverty_rate_pct') as poverty_rate_pct,
        max(value) filter (where indicator = 'poverty_line_idr') as poverty_line_idr,
        max(value) filter (where indicator = 'depth_index_p1') as depth_index_p1,
        max(value) filter (where indicator = 'severity_index_p2') as severity_index_p2
    from latest
    where indicator in ('poor_people_thousand', 'poverty_rate_pct', 'poverty_line_idr', 'depth_index_p1', 'severity_index_p2')
    group by region_code, year, period
),

-- One reference month speaks for a year: March, else September, else the month that the table does not tell.
figures as (
    select *
    from published
    qualify
        row_number() over (
            partition by region_code, year
            order by
                poverty_rate_pct is null and poor_people_thousand is null,
                case right(period, 3) when '-03' then 1 when '-09' then 2 else 3 end,
                period desc
        ) = 1
),

-- Population is that of the middle of a year.
populations as (
    select
        region_code,
        year,
        arg_max(value, period) as population_thousand
    from latest
    where indicator = 'population_thousand'
    group by region_code, year
),

money as (
    select
        reconciliation.region_code,
        cast(year(event.event_date) as integer) as year,
        sum(reconciliation.entitled_idr) as entitled_idr,
        sum(reconciliation.paid_idr) as paid_idr,
        sum(greatest(reconciliation.entitled_idr - reconciliation.paid_idr, 0)) as unpaid_idr
    from {{ ref('mart_disbursement_reconciliation') }} as reconciliation
    inner join {{ ref('dim_event') }} as event on reconciliation.event_id = event.event_id
    where event.event_date is not null
    group by reconciliation.region_code, year
),

profiles as (
    select
        kabkota.region_code,
        kabkota.region_name,
        offices.bakorwil,
        years.year,
        people.people,
        people.pkh_people,
        people.tagana_people,
        people.tksk_people,
        figures.period as poverty_period,
        figures.poor_people_thousand,
        figures.poverty_rate_pct,
        figures.poverty_line_idr,
        figures.depth_index_p1,
        figures.severity_index_p2,
        populations.population_thousand,
        money.entitled_idr,
        money.paid_idr,
        money.unpaid_idr,
        districts.districts,
        case when people.tksk_people is not null then districts.districts - people.districts_with_tksk end as districts_without_tksk,
        case when people.tksk_people is not null then people.tksk_unplaced end as tksk_unplaced_people
    from kabkota
    cross join years
    inner join districts on kabkota.region_code = districts.region_code
    left join offices on kabkota.region_code = offices.region_code and years.year = offices.year
    left join people on kabkota.region_code = people.region_code and years.year = people.year
    left join figures on kabkota.region_code = figures.region_code and years.year = figures.year
    left join populations on kabkota.region_code = populations.region_code and years.year = populations.year
    left join money on kabkota.region_code = money.region_code and years.year = money.year
),

-- Ranks and slopes hold within one reference month.
ranked as (
    select
        *,
        case when poverty_rate_pct is not null then rank() over (same_month order by poverty_rate_pct desc nulls last) end as rate_rank,
        case when poor_people_thousand is not null then rank() over (same_month order by poor_people_thousand desc nulls last) end as poor_rank,
        case when poverty_rate_pct is not null then count(poverty_rate_pct) over same_month end as regions_ranked,
        case
            when len(poverty_period) = 7 and count(poverty_rate_pct) over five_years = 5
                then regr_slope(poverty_rate_pct, year) over five_years
        end as rate_trend_points
    from profiles
    window
        same_month as (partition by year, poverty_period),
        five_years as (partition by region_code, right(poverty_period, 3) order by year range between 4 preceding and current row)
)

select
    ranked.region_code,
    ranked.region_name,
    ranked.bakorwil,
    ranked.year,
    cast(ranked.people as integer) as people,
    cast(ranked.pkh_people as integer) as pkh_people,
    cast(ranked.tagana_people as integer) as tagana_people,
    cast(ranked.tksk_people as integer) as tksk_people,
    ranked.poverty_period,
    cast(ranked.poor_people_thousand as decimal(18, 4)) as poor_people_thousand,
    cast(ranked.poverty_rate_pct as decimal(18, 4)) as poverty_rate_pct,
    cast(ranked.poverty_line_idr as decimal(18, 4)) as poverty_line_idr,
    cast(ranked.depth_index_p1 as decimal(18, 4)) as depth_index_p1,
    cast(ranked.severity_index_p2 as decimal(18, 4)) as severity_index_p2,
    cast(ranked.population_thousand as decimal(18, 4)) as population_thousand,
    cast(round(ranked.people / ranked.poor_people_thousand, 4) as decimal(18, 4)) as pillars_per_1000_poor,
    cast(ranked.rate_rank as integer) as rate_rank,
    cast(ranked.poor_rank as integer) as poor_rank,
    cast(ranked.regions_ranked as integer) as regions_ranked,
    case
        when ranked.poverty_period is not null and before.poverty_period is not null
            then {{ months_comparable('ranked.poverty_period', 'before.poverty_period') }}
    end as is_comparable,
    cast(case when is_comparable then ranked.poverty_rate_pct - before.poverty_rate_pct end as decimal(18, 4)) as rate_change_points,
    cast(case when is_comparable then ranked.poor_people_thousand - before.poor_people_thousand end as decimal(18, 4)) as poor_change_thousand,
    cast(
        case when is_comparable and ranked.regions_ranked = before.regions_ranked then ranked.rate_rank - before.rate_rank end as integer
    ) as ranks_gained,
    cast(round(ranked.rate_trend_points, 4) as decimal(18, 4)) as rate_trend_points,
    cast(ranked.entitled_idr as decimal(18, 2)) as entitled_idr,
    cast(ranked.paid_idr as decimal(18, 2)) as paid_idr,
    cast(ranked.unpaid_idr as decimal(18, 2)) as unpaid_idr,
    cast(ranked.districts as integer) as districts,
    cast(ranked.districts_without_tksk as integer) as districts_without_tksk,
    cast(ranked.tksk_unplaced_people as integer) as tksk_unplaced_people
from ranked
left join ranked as before on ranked.region_code = before.region_code and ranked.year = before.year + 1
