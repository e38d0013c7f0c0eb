-- The 666 districts (kecamatan), by both codes, and how many TKSK serve in each today.
with serving as (
    select
        region_code,
        district_code,
        count(distinct participant_id) filter (where status = 'AKTIF') as people
    from {{ ref('dim_participant') }}
    where is_current and pillar_code = 'TKSK'
    group by region_code, district_code
),

-- Of a kab/kota that never sent a roster of TKSK nothing is known.
known as (
    select distinct region_code
    from {{ ref('dim_participant') }}
    where pillar_code = 'TKSK'
)

select
    district.kemendagri_code as district_code,
    district.bps_code,
    district.district_name,
    district.region_code,
    cast(case when known.region_code is not null then coalesce(serving.people, 0) end as integer) as tksk_people
from {{ ref('districts') }} as district
left join known on district.region_code = known.region_code
left join serving on district.region_code = serving.region_code and district.kemendagri_code = serving.district_code
