-- Bagaimana kelima Bakorwil dibandingkan: kemiskinan, pilar, dan uangnya?
-- How do the five coordination offices compare: poverty, pillars and money?
--
-- Anggota menurut tahunnya. Jumlah hanya mencakup anggota yang datanya ada (of_members); persentase hanya ada bila semua anggota lengkap.
-- Members are those of the year. A sum is of the members with figures (of_members); a rate only stands where all members have theirs.
select
    bakorwil,
    year,
    members,
    poverty_rate_pct::decimal(9, 2) as poverty_rate_pct,
    poor_people_thousand::decimal(9, 2) as poor_thousand,
    people,
    members_with_people as of_members,
    pillars_per_1000_poor::decimal(9, 2) as pillars_per_1000_poor,
    paid_idr,
    unpaid_idr,
    districts,
    districts_without_tksk
from mart_bakorwil_profile
qualify year = max(case when poverty_rate_pct is not null then year end) over ()
order by poverty_rate_pct desc, bakorwil;
