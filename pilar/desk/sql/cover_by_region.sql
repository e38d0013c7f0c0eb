-- Promised months of premium, paid and missing, by kab/kota.
with promised as (
    select
        participant_id,
        coverage_month,
        true as is_covered
    from fct_premium_month
    where status = 'LUNAS' and is_entitled
    union all
    select
        participant_id,
        unnest(gap_months) as coverage_month,
        false as is_covered
    from mart_premium_coverage
),

people as (
    select distinct
        participant_id,
        pillar_code,
        region_code
    from mart_premium_coverage
)

select
    person.region_code,
    region.region_name,
    count(distinct promised.participant_id) as people,
    count(distinct promised.participant_id) filter (where not promised.is_covered) as people_with_gap,
    count(*) as months_expected,
    count(*) filter (where promised.is_covered) as months_covered,
    count(*) filter (where not promised.is_covered) as months_missing
from promised
inner join people as person on promised.participant_id = person.participant_id
left join dim_region as region on person.region_code = region.region_code
where
    ($month is null or promised.coverage_month = $month)
    and ($pillar is null or person.pillar_code = $pillar)
    and (
        $event is null
        or (promised.participant_id, promised.coverage_month) in (
            select
                participant_id,
                strftime(unnest(generate_series(starts_on, starts_on + to_months(months - 1), to_months(1))), '%Y-%m')
            from fct_entitlement
            where event_id = $event and months is not null
        )
    )
group by person.region_code, region.region_name
order by person.region_code nulls last
