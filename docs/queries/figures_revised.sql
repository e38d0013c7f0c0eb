-- Angka kemiskinan mana yang direvisi BPS, dari berapa menjadi berapa, dan berapa yang tetap?
-- Which poverty figures did BPS revise, from what to what, and how many stand as first published?
--
-- Angka lain untuk sel yang sama adalah «vintage» baru; keduanya disimpan. Baris pertama tiap indikator menghitung yang tetap.
-- A different figure for the same cell is a new «vintage»; both are kept. The first line of each indicator counts what stands.
with cells as (
    select
        region_code,
        area_type,
        period,
        indicator,
        max(vintage) as vintages,
        min_by(value, vintage) as first_value,
        max_by(value, vintage) as latest_value
    from fct_poverty
    group by region_code, area_type, period, indicator
),

lines as (
    select
        indicator,
        period,
        0 as place,
        'tetap / as first published' as what,
        count(*) filter (where vintages = 1) as cells,
        null as first_value,
        null as latest_value
    from cells
    group by indicator, period
    union all
    select
        cells.indicator,
        cells.period,
        1 as place,
        region.region_name || ' (' || cells.area_type || ')' as what,
        1 as cells,
        cells.first_value,
        cells.latest_value
    from cells
    inner join dim_region as region on cells.region_code = region.region_code
    where cells.vintages > 1
)

select
    indicator,
    period,
    what,
    cells,
    first_value,
    latest_value,
    latest_value - first_value as difference
from lines
order by indicator, period, place, what;
