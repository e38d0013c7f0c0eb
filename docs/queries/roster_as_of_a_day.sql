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
)

select
    roster.participant_id,
    roster.pillar_code,
    roster.region_code,
    roster.district_code,
    roster.status,
    roster.said_on,
    roster.roster_scope,
    roster.file_sha256,
    roster.sheet,
    roster.source_row
from asked
cross join roster_as_of(asked.day, known_at := asked.known_at) as roster
order by roster.region_code, roster.pillar_code, roster.participant_id;
