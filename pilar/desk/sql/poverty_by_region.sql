-- The newest year with poverty rates, not after the chosen month or event; people of the chosen pillar.
with chosen as (
    select max(profile.year) as year
    from mart_region_profile as profile
    where
        profile.poverty_rate_pct is not null
        and ($month is null or profile.year <= cast(left($month, 4) as integer))
        and (
            $event is null
            or profile.year <= coalesce((select year(event_date) from dim_event where event_id = $event), profile.year)
        )
),

profiles as (
    select
        profile.*,
        case $pillar
            when 'PKH' then profile.pkh_people
            when 'TAGANA' then profile.tagana_people
            when 'TKSK' then profile.tksk_people
            else profile.people
        end as chosen_people
    from mart_region_profile as profile
    inner join chosen on profile.year = chosen.year
)

select
    region_code,
    region_name,
    year,
    poverty_rate_pct,
    rate_rank,
    rate_change_points,
    poor_people_thousand,
    chosen_people as people,
    cast(round(chosen_people / poor_people_thousand, 4) as decimal(18, 4)) as people_per_1000_poor,
    districts_without_tksk
from profiles
order by region_code
