-- Bagaimana mutu kiriman setiap pengirim dari bulan ke bulan?
-- How good are each submitter's deliveries, month after month?
--
-- Bulan menurut waktu berkas disimpan. accepted_pct tidak menghitung baris yang diganti kiriman kemudian.
-- Months by when the files were saved. accepted_pct leaves out rows that a later delivery replaced.
select
    feed,
    submitter,
    month,
    files,
    files_rejected,
    rows_read,
    rows_quarantined,
    accepted_pct,
    change_pct_points
from view_quality_by_submitter
order by feed, submitter, month;
