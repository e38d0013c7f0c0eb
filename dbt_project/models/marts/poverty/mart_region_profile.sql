-- East Java's kab/kota by year: who serves there, who is poor, what was paid.
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

serving as (
    select
        years.year,
        person.region_code,
        person.pillar_code,
        person.participant_id,
        person.district_code
    from {{ ref('dim_participant') }} as person
    inner join years
        on
            year(person.valid_from) <= years.year
            and (person.valid_to is null or year(person.valid_to) > years.year)
    where person.status = 'AKTIF'
),

people as (
    select
        year,
        region_code,
        count(distinct participant_id) as people,
        count(distinct participant_id) filter (where pillar_code = 'PKH') as pkh_people,
        count(distinct participant_id) filter (where pillar_code = 'TAGANA') as tagana_people,
        count(distinct participant_id) filter (where pillar_code = 'TKSK') as tksk_people,
        count(distinct district_code) filter (where pillar_code = 'TKSK') as districts_with_tksk
    from serving
    group by year, region_code
),

districts as (
    select
        region_code,
        count(*) as districts
    from {{ ref('districts') }}
    group by region_code
),

figures as (
    select
        region_code,
        cast(left(period, 4) as integer) as year,
        max(value) filter (where indicator = 'poor_people_thousand') as poor_people_thousand,
        max(value) filter (where indicator = 'poverty_rate_pct') as poverty_rate_pct,
        max(value) filter (where indicator = 'poverty_line_idr') as poverty_line_idr,
        max(value) filter (where indicator = 'depth_index_p1') as depth_index_p1,
        max(value) filter (where indicator = 'severity_index_p2') as severity_index_p2
    from {{ ref('fct_poverty') }}
    where is_latest and area_type = 'total' and period like '%-03'
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
)

select
    kabkota.region_code,
    kabkota.region_name,
    kabkota.bakorwil,
    years.year,
    cast(people.people as integer) as people,
    cast(people.pkh_people as integer) as pkh_people,
    cast(people.tagana_people as integer) as tagana_people,
    cast(people.tksk_people as integer) as tksk_people,
    cast(figures.poor_people_thousand as decimal(18, 4)) as poor_people_thousand,
    cast(figures.poverty_rate_pct as decimal(18, 4)) as poverty_rate_pct,
    cast(figures.poverty_line_idr as decimal(18, 4)) as poverty_line_idr,
    cast(figures.depth_index_p1 as decimal(18, 4)) as depth_index_p1,
    cast(figures.severity_index_p2 as decimal(18, 4)) as severity_index_p2,
    cast(round(people.people / figures.poor_people_thousand, 4) as decimal(18, 4)) as pillars_per_1000_poor,
    cast(money.entitled_idr as decimal(18, 2)) as entitled_idr,
    cast(money.paid_idr as decimal(18, 2)) as paid_idr,
    cast(money.unpaid_idr as decimal(18, 2)) as unpaid_idr,
    cast(districts.districts as integer) as districts,
    cast(districts.districts - people.districts_with_tksk as integer) as districts_without_tksk
from kabkota
cross join years
inner join districts on kabkota.region_code = districts.region_code
left join people on kabkota.region_code = people.region_code and years.year = people.year
left join figures on kabkota.region_code = figures.region_code and years.year = figures.year
left join money on kabkota.region_code = money.region_code and years.year = money.year
