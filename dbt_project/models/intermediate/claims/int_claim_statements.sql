/*
 What publications state of the figures that claims ask for, each statement with the moment from which Pilar had it: enough to
 say what was known at any time. Quarantined figures were never known.
*/
with asked as (
    select distinct
        indicator,
        area_type
    from {{ ref('claim_figures') }}
    where kind = 'bps'
)

select
    line.region_code,
    line.area_type,
    line.period,
    line.indicator,
    line.value,
    line.delivered_at,
    line.file_name,
    line.file_sha256,
    line.sheet,
    line.source_row,
    line.source_column,
    -- Which of several statements of a cell counts: the newest release, as in fct_poverty.
    struct_pack(
        release_order := coalesce(
            line.released_on,
            last_day(cast(try_strptime(rpad(line.table_period, 7, '-12') || '-01', '%Y-%m-%d') as date)),
            cast(line.delivered_at as date)
        ),
        delivered_at := line.delivered_at, file_name := line.file_name, file_sha256 := line.file_sha256,
        source_row := line.source_row, source_column := line.source_column
    ) as standing
from {{ ref('int_poverty_lines') }} as line
inner join asked on line.indicator = asked.indicator and line.area_type = asked.area_type
where line.row_state = 'accepted'
