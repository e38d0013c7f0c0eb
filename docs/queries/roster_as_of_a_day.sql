-- Siapa ada di daftar pada 20 November 2023: menurut yang diketahui sekarang, atau menurut yang diketahui waktu itu?
-- Who stood on the rosters on 20 November 2023: as it is known today, or as it was known then?
--
-- Ganti harinya. known_at NULL: menurut berkas sampai hari ini. Untuk "menurut yang diketahui waktu itu", isi waktunya (UTC),
-- misalnya timestamp '2023-11-21 00:00:00'; berkas yang disimpan sesudahnya tidak dihitung.
-- Change the day. known_at NULL: by the files of today. For "as known then" give a moment (UTC), such as
-- timestamp '2023-11-21 00:00:00'; files that were saved later do not count.
with asked as (
    select
        date '2023-11-20' as day,
        cast(null as timestamp) as known_at
),

known as (
    select stated.*
    from fct_roster_membership as stated
    cross join asked
    where
        stated.effective_on <= asked.day
        and stated.pillar_code is not null
        and stated.region_code is not null
        and case
            when asked.known_at is null then stated.is_in_force
            else stated.known_from <= asked.known_at and (stated.known_to is null or stated.known_to > asked.known_at)
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
order by ranked.region_code, ranked.pillar_code, ranked.participant_id;
