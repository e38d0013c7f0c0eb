{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
/*
 What the control lines of a bank file's sheet say beside what its rows add up to. Blocks with control lines of their own
 add up; a line that is printed twice, above and below, counts once. A line that cannot be read states nothing.
*/
with read_lines as (
    select
        file_sha256,
        sheet,
        source_row,
        case
            when name = 'transaction_count' then cast({{ parse_rupiah("regexp_replace(value, '[^0-9.,-]', '', 'g')", 'false') }} as bigint)
        end as stated_count,
        case when name = 'total_idr' then {{ parse_rupiah('value', 'false') }} end as stated_idr
    from {{ source('raw', 'controls') }}
    {% if is_incremental() %} where file_sha256 in (select news.file_sha256 from {{ source('raw', 'news') }} as news) {% endif %}
),

stated as (
    select
        file_sha256,
        sheet,
        min(source_row) as source_row,
        cast(sum(stated_count) as bigint) as sum_count,
        case when min(stated_count) = max(stated_count) then min(stated_count) end as same_count,
        sum(stated_idr) as sum_idr,
        case when min(stated_idr) = max(stated_idr) then min(stated_idr) end as same_idr
    from read_lines
    group by file_sha256, sheet
),

summed as (
    select
        file_sha256,
        sheet,
        count(*) as rows_count,
        sum(amount_idr) as rows_idr
    from {{ ref('stg_disbursements') }}
    {% if is_incremental() %} where file_sha256 in (select news.file_sha256 from {{ source('raw', 'news') }} as news) {% endif %}
    group by file_sha256, sheet
),

compared as (
    select
        coalesce(summed.file_sha256, stated.file_sha256) as file_sha256,
        coalesce(summed.sheet, stated.sheet) as sheet,
        stated.source_row,
        case when stated.same_count = summed.rows_count then stated.same_count else stated.sum_count end as stated_count,
        case when stated.same_idr = summed.rows_idr then stated.same_idr else stated.sum_idr end as stated_idr,
        coalesce(summed.rows_count, 0) as rows_count,
        coalesce(summed.rows_idr, 0) as rows_idr
    from summed
    full outer join stated on summed.file_sha256 = stated.file_sha256 and summed.sheet = stated.sheet
    where summed.file_sha256 is not null or stated.sum_count is not null or stated.sum_idr is not null
)

select
    file_sha256,
    sheet,
    source_row,
    stated_count,
    cast(stated_idr as decimal(18, 2)) as stated_idr,
    rows_count,
    cast(rows_idr as decimal(18, 2)) as rows_idr,
    coalesce(stated_count <> rows_count, false) or coalesce(stated_idr <> rows_idr, false) as is_contradicted
from compared
