-- Siapa yang keluar, masuk, atau pindah di antara dua keadaan daftar?
-- Who left, came or moved between two states of the rosters?
--
-- Ganti kedua harinya, atau waktu pengetahuannya (UTC; NULL: menurut berkas sampai hari ini). Di sini: apa yang diubah oleh berkas yang
-- disimpan sesudah 15 November 2023 pada daftar tanggal 20 November.
-- Change the two days, or the moments of knowledge (UTC; NULL: by the files of today). Here: what the files saved after 15 November 2023
-- changed in the roster of the 20th.
with changed as (
    select *
    from
        roster_changes(
            date '2023-11-20', date '2023-11-20', from_known_at := timestamp '2023-11-15 00:00:00', to_known_at := null
        )
)

select
    changed.change,
    count(*) as people,
    changed.from_pillar_code,
    left_region.region_name as from_region,
    changed.to_pillar_code,
    came_region.region_name as to_region
from changed
left join dim_region as left_region on changed.from_region_code = left_region.region_code
left join dim_region as came_region on changed.to_region_code = came_region.region_code
group by all
order by all;
