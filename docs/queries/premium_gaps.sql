-- Untuk siapa iuran BPJS Ketenagakerjaan bulan ini atau bulan depan belum dibayar, dan di baris mana orangnya di daftar?
-- For whom is the premium of this month or the next not paid, and in which row of a roster do they stand?
--
-- Ganti bulannya (NULL: semua bulan yang kosong) dan kabupaten/kotanya (NULL: semua). Selama bulan itu kosong, kecelakaan pada
-- bulan itu tidak ditanggung. Nama orangnya tidak ada di sini; petugas menemukannya di berkasnya sendiri, pada lembar dan baris
-- yang disebut.
-- Change the month (NULL: every gap) and the kab/kota (NULL: all). While a month is missing, an accident of that month is not
-- covered. No names here: the steward finds the person in their own file, at the sheet and row that are named.
with asked as (
    select
        '2023-12' as coverage_month,
        cast(null as varchar) as region_code
)

select
    gap.coverage_month,
    gap.participant_id,
    gap.pillar_code,
    gap.region_name,
    gap.status,
    gap.monthly_idr,
    gap.file_name,
    gap.sheet,
    gap.source_row
from view_premium_gap_months as gap
cross join asked
where
    (asked.coverage_month is null or gap.coverage_month = asked.coverage_month)
    and (asked.region_code is null or gap.region_code = asked.region_code)
order by gap.coverage_month, gap.region_code, gap.participant_id;
