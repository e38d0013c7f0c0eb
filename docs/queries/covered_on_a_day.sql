-- Apakah orang ini terlindungi BPJS Ketenagakerjaan pada 14 Mei 2023, dan siapa yang tidak?
-- Was this person covered on 14 May 2023, and who was not?
--
-- Ganti tanggalnya; isi participant_id bila hanya satu orang yang ditanyakan (NULL: semua orang). Perlindungan berlaku sebulan
-- penuh: bulan yang lunas melindungi setiap harinya, bulan yang kosong tidak melindungi satu hari pun.
-- Change the day; give a participant_id to ask about one person (NULL: everybody). Cover holds for the calendar month: a month
-- that is paid covers each of its days, a gap covers none.
with asked as (
    select
        date '2023-05-14' as day,
        cast(null as varchar) as participant_id
)

select
    cover.participant_id,
    cover.pillar_code,
    region.region_name,
    cover.answer,
    cover.program,
    cover.paid_on
from asked
cross join covered_on(asked.day) as cover
inner join dim_region as region on cover.region_code = region.region_code
where asked.participant_id is null or cover.participant_id = asked.participant_id
order by cover.answer, cover.region_code, cover.participant_id;
