/*
 The coordination offices by year, from the kab/kota that belonged to them in that year. A sum is of the members that have
 the figure, with their number beside it; a ratio is of all members or of none, because it would not show what it lacks.
*/
with totals as (
    select
        bakorwil,
        year,
        count(*) as members,
        count(people) as members_with_people,
        count(pkh_people) as members_with_pkh,
        count(tagana_people) as members_with_tagana,
        count(tksk_people) as members_with_tksk,
        count(poor_people_thousand / nullif(poverty_rate_pct, 0)) as members_with_poverty,
        count(paid_idr) as members_with_money,
        case when min(poverty_period) = max(poverty_period) then max(poverty_period) end as poverty_period,
        sum(people) as people,
        sum(pkh_people) as pkh_people,
        sum(tagana_people) as tagana_people,
        sum(tksk_people) as tksk_people,
        sum(poor_people_thousand) as poor_people_thousand,
        -- People over rate: the population that BPS reckoned the rate with.
        sum(100 * poor_people_thousand / nullif(poverty_rate_pct, 0)) as implied_population_thousand,
        sum(entitled_idr) as entitled_idr,
        sum(paid_idr) as paid_idr,
        sum(unpaid_idr) as unpaid_idr,
        sum(districts) as districts,
        sum(districts_without_tksk) as districts_without_tksk
    from {{ ref('mart_region_profile') }}
    where bakorwil is not null
    group by bakorwil, year
),

whole as (
    select
        *,
        case when members_with_poverty = members and poverty_period is not null then implied_population_thousand end as whole_population
    from totals
)

select
    bakorwil,
    year,
    cast(members as integer) as members,
    cast(members_with_people as integer) as members_with_people,
    cast(members_with_pkh as integer) as members_with_pkh,
    cast(members_with_tagana as integer) as members_with_tagana,
    cast(members_with_tksk as integer) as members_with_tksk,
    cast(members_with_poverty as integer) as members_with_poverty,
    cast(members_with_money as integer) as members_with_money,
    cast(people as integer) as people,
    cast(pkh_people as integer) as pkh_people,
    cast(tagana_people as integer) as tagana_people,
    cast(tksk_people as integer) as tksk_people,
    poverty_period,
    cast(poor_people_thousand as decimal(18, 4)) as poor_people_thousand,
    cast(round(implied_population_thousand, 4) as decimal(18, 4)) as implied_population_thousand,
    cast(round(100 * poor_people_thousand / whole_population, 4) as decimal(18, 4)) as poverty_rate_pct,
    cast(
        round(case when whole_population is not null and members_with_people = members then people / poor_people_thousand end, 4)
        as decimal(18, 4)
    ) as pillars_per_1000_poor,
    cast(entitled_idr as decimal(18, 2)) as entitled_idr,
    cast(paid_idr as decimal(18, 2)) as paid_idr,
    cast(unpaid_idr as decimal(18, 2)) as unpaid_idr,
    cast(districts as integer) as districts,
    cast(districts_without_tksk as integer) as districts_without_tksk
from whole
