with before as (
    select * from roster_as_of(from_day, known_at := from_known_at)
    where status <> 'KELUAR'
),

after as (
    select * from roster_as_of(to_day, known_at := to_known_at)
    where status <> 'KELUAR'
)

select
    coalesce(before.participant_id, after.participant_id) as participant_id,
    case
        when before.participant_id is null then 'CAME'
        when after.participant_id is null then 'LEFT'
        when before.region_code <> after.region_code then 'MOVED'
        when before.pillar_code <> after.pillar_code then 'PILLAR'
        else 'STATUS'
    end as change,
    before.pillar_code as from_pillar_code,
    after.pillar_code as to_pillar_code,
    before.region_code as from_region_code,
    after.region_code as to_region_code,
    before.status as from_status,
    after.status as to_status
from before
full outer join after on before.participant_id = after.participant_id
where
    before.participant_id is null
    or after.participant_id is null
    or (before.region_code, before.pillar_code, before.status) <> (after.region_code, after.pillar_code, after.status)
