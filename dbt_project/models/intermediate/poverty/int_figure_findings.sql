-- Rules that break between publications, of figures that count. What is below an indicator's `revised_beyond` is rounding.
with figures as (
    select
        line.*,
        known.revised_beyond,
        count(distinct line.file_sha256) over same_cell as files,
        max(line.value) over same_cell - min(line.value) over same_cell as spread
    from {{ ref('int_poverty_lines') }} as line
    left join {{ ref('indicators') }} as known on line.indicator = known.indicator
    where line.row_state = 'accepted'
    window same_cell as (partition by line.cell)
),

found as (
    select
        'POVERTY_REVISED' as rule_code,
        file_sha256,
        sheet,
        source_row,
        source_column
    from figures
    where files > 1 and spread > coalesce(revised_beyond, 0)
    union all
    select
        rule_code,
        file_sha256,
        sheet,
        source_row,
        source_column
    from {{ ref('int_poverty_jumps') }}
    union all
    -- A table that differs from earlier ones, or from what two others agree on, in a third of what can be compared.
    select
        'POVERTY_TABLE_CONTRADICTS' as rule_code,
        file_sha256,
        sheet,
        null as source_row,
        null as source_column
    from {{ ref('int_poverty_shifted') }}
    group by file_sha256, sheet
    having
        count(*) filter (where not is_confirmed and (is_later or titles_against >= 2)) >= 10
        and count(*) filter (where not is_confirmed and (is_later or titles_against >= 2)) >= 0.3 * count(*)
)

select
    'poverty' as feed,
    file_sha256,
    sheet,
    source_row,
    source_column,
    cast(null as varchar) as subject,
    rule_code
from found
