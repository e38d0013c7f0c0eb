-- Days, with the names stewards use.
select
    cast(day as date) as date_day,
    cast(year(day) as integer) as year_number,
    cast(month(day) as integer) as month_number,
    {{ month_text('day') }} as month,
    ['Januari', 'Februari', 'Maret', 'April', 'Mei', 'Juni', 'Juli', 'Agustus', 'September', 'Oktober', 'November', 'Desember'][month(day)] as month_name_id,
    ['Senin', 'Selasa', 'Rabu', 'Kamis', 'Jumat', 'Sabtu', 'Minggu'][isodow(day)] as day_name_id
from unnest(generate_series(timestamp '2015-01-01', timestamp '2030-12-31', interval 1 day)) as calendar (day)
