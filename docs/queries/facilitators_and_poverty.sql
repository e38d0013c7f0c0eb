-- Apakah kabupaten/kota yang lebih miskin mempunyai pilar sosial lebih banyak untuk setiap 1.000 orang miskin?
-- Do poorer kab/kota have more people of the pillars for each 1,000 poor?
--
-- Tahun terakhir yang angkanya terbit. rank_by_rate 1: termiskin. rank_by_pillars 1: paling sedikit pilar untuk setiap 1.000 orang miskin.
-- The newest year with figures. rank_by_rate 1: poorest. rank_by_pillars 1: fewest people of the pillars for each 1,000 poor.
select
    region_name,
    year,
    poverty_rate_pct::decimal(9, 2) as poverty_rate_pct,
    poor_people_thousand::decimal(9, 2) as poor_thousand,
    pkh_people,
    people as all_people,
    (pkh_people / poor_people_thousand)::decimal(9, 2) as pkh_per_1000_poor,
    pillars_per_1000_poor::decimal(9, 2) as pillars_per_1000_poor,
    rank() over (order by poverty_rate_pct desc) as rank_by_rate,
    rank() over (order by pillars_per_1000_poor) as rank_by_pillars
from view_region_profile_latest
where people > 0
order by poverty_rate_pct desc, region_code;
