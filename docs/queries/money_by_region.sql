-- Berapa rupiah dijanjikan, dibayar, dan belum dibayar di setiap kabupaten/kota dan bakorwil, dan apakah jumlahnya cocok?
-- How much was promised, paid and left unpaid in each kab/kota and bakorwil, and does it add up?
--
-- Baris tanpa kabupaten/kota menjumlahkan satu bakorwil, baris terakhir semuanya; «-» adalah rekening yang bukan milik siapa pun di
-- daftar. Dijanjikan - belum dibayar + lebih bayar = dibayar.
-- A row without a kab/kota is the sum of a bakorwil, the last one of everything; «-» are accounts of nobody on the rosters.
-- Promised - unpaid + paid beyond = paid.
select
    case when grouping(bakorwil) = 1 then 'JUMLAH / SUM' else coalesce(bakorwil, '-') end as bakorwil,
    case when grouping(region_name) = 0 then coalesce(region_name, '-') end as region_name,
    sum(payees) as payees,
    sum(entitled_idr) as entitled_idr,
    sum(paid_idr) as paid_idr,
    sum(unpaid_idr) as unpaid_idr,
    sum(paid_beyond_idr) as paid_beyond_idr,
    sum(entitled_idr) - sum(unpaid_idr) + sum(paid_beyond_idr) = sum(paid_idr) as adds_up
from view_money_by_region
group by rollup (bakorwil, region_name)
order by grouping(bakorwil), bakorwil = '-', bakorwil, grouping(region_name), region_name;
