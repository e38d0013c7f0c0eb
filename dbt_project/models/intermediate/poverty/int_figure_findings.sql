-- Rules that break between publications. Rounding to a hundredth, or to a rupiah, is no revision.
with figures as (
    select
        *,
        count(distinct file_sha256) over same_cell as files,
        max(value) over same_cell - min(value) over same_cell as spread
    from {{ ref('int_poverty_lines') }}
    where row_state = 'accepted'
    window same_cell as (partition by cell)
)

select
    'poverty' as feed,
    file_sha256,
    sheet,
    source_row,
    source_column,
    cast(null as varchar) as subject,
    'POVERTY_REVISED' as rule_code
from figures
where files > 1 and spread > case indicator when 'poverty_line_idr' then 1 else 0.011 end
