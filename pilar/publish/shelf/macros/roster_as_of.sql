with known as (
    select *
    from fct_roster_membership
    where
        effective_on <= cast(as_of_day as date)
        and pillar_code is not null
        and region_code is not null
        and case
            when known_at is null then is_in_force
            else known_from <= cast(known_at as timestamp) and (known_to is null or known_to > cast(known_at as timestamp))
        end
),

-- What a roster last said of each person ...
ranked as (
    select
        *,
        row_number() over (
            partition by participant_id
            order by effective_on desc, known_from desc, file_sha256 desc, sheet desc, source_row desc
        ) as age
    from known
    where status <> 'KELUAR'
),

-- ... and whether the next one of that region and pillar left them out since.
left_out as (
    select
        participant_id,
        pillar_code,
        region_code,
        max(effective_on) as left_on
    from known
    where status = 'KELUAR'
    group by participant_id, pillar_code, region_code
)

select
    ranked.participant_id,
    ranked.pillar_code,
    ranked.region_code,
    ranked.district_code,
    case when left_out.left_on is null then ranked.status else 'KELUAR' end as status,
    ranked.effective_on as said_on,
    ranked.roster_scope,
    ranked.file_sha256,
    ranked.sheet,
    ranked.source_row
from ranked
left join left_out
    on
        ranked.participant_id = left_out.participant_id
        and ranked.pillar_code = left_out.pillar_code
        and ranked.region_code = left_out.region_code
        and ranked.effective_on < left_out.left_on
where ranked.age = 1
