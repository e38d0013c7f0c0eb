-- Kabupaten/kota mana yang persentase penduduk miskinnya paling banyak berubah, dan bagaimana peringkatnya?
-- In which kab/kota did the poverty rate change most, and what is its place?
--
-- Tahun terakhir yang bulan acuannya sama dengan tahun sebelumnya. rate_rank 1: persentase tertinggi; ranks_gained positif: menjauh dari situ.
-- The newest year whose reference month is that of the year before. rate_rank 1: the highest rate; positive ranks_gained: further from it.
select
    region_name,
    year,
    poverty_period,
    poverty_rate_pct::decimal(9, 2) as poverty_rate_pct,
    rate_change_points::decimal(9, 2) as rate_change_points,
    poor_change_thousand::decimal(9, 2) as poor_change_thousand,
    rate_rank,
    ranks_gained,
    regions_ranked
from mart_region_profile
where rate_change_points is not null
qualify year = max(year) over ()
order by rate_change_points, region_name;
