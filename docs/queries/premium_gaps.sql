-- Iuran BPJS Ketenagakerjaan bulan apa yang belum dibayar, untuk baris mana di daftar?
-- Which months of cover are unpaid, and for which row of a roster?
--
-- Nama orangnya tidak ada di sini; petugas menemukannya di berkasnya sendiri, pada lembar dan baris yang disebut. Selama bulan itu
-- kosong, kecelakaan pada bulan itu tidak ditanggung.
-- No names here: the steward finds the person in their own file, at the sheet and row that are named. While a month is missing,
-- an accident of that month is not covered.
select
    coverage.participant_id,
    coverage.pillar_code,
    region.region_name,
    coverage.year,
    coverage.gap_months,
    coverage.months_expected - coverage.months_covered as months_missing,
    ledger.file_name,
    promised.sheet,
    promised.source_row
from mart_premium_coverage as coverage
left join dim_region as region on coverage.region_code = region.region_code
left join fct_entitlement as promised
    on
        coverage.participant_id = promised.participant_id
        and promised.months is not null
        and promised.starts_on <= make_date(coverage.year, 12, 31)
        and promised.starts_on + to_months(promised.months) > make_date(coverage.year, 1, 1)
left join file_ledger as ledger on promised.file_sha256 = ledger.file_sha256 and ledger.feed = 'rosters' and ledger.state <> 'duplicate'
where len(coverage.gap_months) > 0
order by months_missing desc, coverage.region_code, coverage.participant_id;
