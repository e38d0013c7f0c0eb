-- Apakah pilar sosial dan uangnya berada di tempat penduduk miskin berada?
-- Are the social pillars and their money where the poor are?
--
-- Indeks negatif: setiap orang miskin di daerah yang lebih miskin mendapat lebih banyak; positif: lebih sedikit. elsewhere_pct: bagian yang
-- harus pindah daerah agar setiap orang miskin mendapat sama banyak. Hanya kabupaten/kota yang datanya ada (regions, poor_covered_pct).
-- Negative index: in poorer kab/kota there is more for each poor person; positive: less. elsewhere_pct: what would have to move for each poor
-- person to have as much. Only kab/kota with figures count (regions, poor_covered_pct).
select
    year,
    measure,
    regions,
    poor_covered_pct,
    concentration_index::decimal(5, 3) as concentration_index,
    elsewhere_pct,
    case
        when concentration_index is null then 'tidak dapat dihitung / cannot be reckoned'
        when abs(concentration_index) < 0.01 then 'merata / even'
        when concentration_index < 0 then 'lebih banyak di daerah miskin / more where it is poor'
        else 'lebih sedikit di daerah miskin / less where it is poor'
    end as reading
from mart_equity
qualify year = max(year) over ()
order by measure;
