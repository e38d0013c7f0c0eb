/*
 What is so from which day on, as it is known today: one row a person and day on which a roster says something. Of rows of
 one day the newest delivery counts. Whom the next roster leaves out has left (KELUAR), if the last that was said places the
 person in that very region and pillar, and nothing is said from that day.
*/
with in_force as (
    select *
    from {{ ref('int_roster_statements') }}
    where known_to is null and pillar_code is not null and region_code is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by participant_id, effective_on
            order by delivered_at desc, file_name desc, file_sha256 desc, sheet desc, source_row desc
        ) as age
    from in_force
    where not is_absence
),

present as (
    select *
    from ranked
    where age = 1
),

-- The last that was said up to the day on which somebody is left out.
left_out as (
    select
        absent.participant_id,
        absent.pillar_code,
        absent.region_code,
        present.district_code,
        absent.status,
        present.sex,
        present.birth_year,
        absent.roster_scope,
        absent.slice_key,
        absent.effective_on,
        absent.file_sha256,
        row_number() over (partition by absent.participant_id, absent.effective_on order by absent.slice_key) as nth
    from in_force as absent
    asof join present on absent.participant_id = present.participant_id and absent.effective_on >= present.effective_on
    where
        absent.is_absence
        and absent.effective_on > present.effective_on
        and absent.region_code = present.region_code
        and absent.pillar_code = present.pillar_code
)

select
    participant_id,
    pillar_code,
    region_code,
    district_code,
    status,
    sex,
    birth_year,
    roster_scope,
    slice_key,
    effective_on,
    file_sha256
from present
union all
select
    participant_id,
    pillar_code,
    region_code,
    district_code,
    status,
    sex,
    birth_year,
    roster_scope,
    slice_key,
    effective_on,
    file_sha256
from left_out
where nth = 1
