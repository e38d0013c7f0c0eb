/*
 Published figures with the rules that only show when figures stand beside each other. Every file adds: nothing
 supersedes, a different figure for the same cell is another vintage.
*/
with cells as (
    select
        *,
        concat_ws(' ', region_code, area_type, period, indicator) as cell
    from {{ ref('stg_poverty') }}
),

in_table as (
    select
        cells.file_sha256,
        cells.sheet,
        cells.source_row,
        cells.source_column,
        count(*) over same_cell as same_cell,
        count(distinct cells.value) over same_cell as cell_values,
        row_number() over (same_cell order by cells.source_row, cells.source_column) as nth
    from cells
    where cells.region_code is not null
    window same_cell as (partition by cells.file_sha256, cells.sheet, cells.cell)
),

lines as (
    select
        cells.* exclude (broken_rules),
        concat_ws(' ', cells.file_sha256, cells.sheet, cells.source_row, cells.source_column) as slice_key,
        list_concat(cells.broken_rules, list_filter([
            case when in_table.cell_values > 1 then 'POVERTY_CONFLICT_IN_TABLE' end,
            case when in_table.cell_values = 1 and in_table.nth > 1 then 'POVERTY_DUPLICATE_ROW' end
        ], lambda code: code is not null)) as broken_rules
    from cells
    left join in_table
        on
            cells.file_sha256 = in_table.file_sha256
            and cells.sheet is not distinct from in_table.sheet
            and cells.source_row = in_table.source_row
            and cells.source_column is not distinct from in_table.source_column
),

states as (
    {{ row_states('lines', 'placed.source_column') }}
)

select * from states
