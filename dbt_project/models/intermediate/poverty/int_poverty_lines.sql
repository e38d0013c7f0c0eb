/*
 Published figures with the rules they break and the state of their row. Every file adds: a different figure for the same
 cell is another vintage, and nothing supersedes but what heals. A figure in quarantine is healed by a later file that
 states its cell in a way that holds, or by the next delivery under its file's name, which states it anew or no more.
*/
with found as (
    select
        place_key,
        rule_code
    from {{ ref('int_poverty_odd_figures') }}
    union all
    select
        place_key,
        rule_code
    from {{ ref('int_poverty_wrong_sums') }}
    union all
    select
        place_key,
        'POVERTY_FIGURES_SHIFTED' as rule_code
    from {{ ref('int_poverty_shifted') }}
    where is_shifted
),

found_of_place as (
    select
        place_key,
        list(distinct rule_code order by rule_code) as rules
    from found
    group by place_key
),

twice as (
    select
        place_key,
        min(value) over same_cell = max(value) over same_cell and row_number() over (same_cell order by source_row, source_column) > 1 as is_duplicate
    from {{ ref('int_poverty_cells') }}
    where cell is not null
    window same_cell as (partition by table_key, cell)
),

lines as (
    select
        cells.file_sha256,
        cells.sheet,
        cells.source_row,
        cells.source_column,
        cells.table_title,
        cells.region_label,
        cells.region_code,
        cells.area_type,
        cells.period,
        cells.indicator,
        cells.value_text,
        cells.value,
        cells.unit,
        cells.table_period,
        cells.released_on,
        cells.stated_date,
        cells.row_fingerprint,
        cells.cell,
        -- What has no cell goes with its file.
        case when cells.cell is not null then cells.place_key end as slice_key,
        list_concat(
            cells.broken_rules, coalesce(found_of_place.rules, []), {{ rules_broken({'POVERTY_DUPLICATE_ROW': 'twice.is_duplicate'}) }}
        ) as broken_rules
    from {{ ref('int_poverty_cells') }} as cells
    left join twice on cells.place_key = twice.place_key
    left join found_of_place on cells.place_key = found_of_place.place_key
),

states as (
    {{ row_states('lines', 'placed.source_column') }}
),

right_files as (
    select distinct
        cell,
        file_sha256,
        file_name,
        delivered_at
    from states
    where row_state = 'accepted'
),

same_names as (
    select
        file_name,
        file_sha256,
        delivered_at
    from {{ source('raw', 'deliveries') }}
    where feed = 'poverty' and state = 'read'
),

healing as (
    select
        wrong.file_sha256,
        wrong.sheet,
        wrong.source_row,
        wrong.source_column,
        file.file_sha256 as healed_by,
        file.delivered_at,
        file.file_name
    from states as wrong
    inner join right_files as file on wrong.cell = file.cell
    where wrong.row_state = 'quarantined' and (file.delivered_at, file.file_name) > (wrong.delivered_at, wrong.file_name)
    union all
    select
        wrong.file_sha256,
        wrong.sheet,
        wrong.source_row,
        wrong.source_column,
        file.file_sha256 as healed_by,
        file.delivered_at,
        file.file_name
    from states as wrong
    inner join same_names as file on wrong.file_name = file.file_name
    where wrong.row_state = 'quarantined' and file.delivered_at > wrong.delivered_at
),

healed as (
    select
        file_sha256,
        sheet,
        source_row,
        source_column,
        arg_min(healed_by, (delivered_at, file_name, healed_by)) as healed_by
    from healing
    group by all
)

select
    states.* replace (
        states.is_superseded or healed.healed_by is not null as is_superseded,
        coalesce(healed.healed_by, states.newest_sha256) as newest_sha256,
        case when healed.healed_by is not null then 'superseded' else states.row_state end as row_state
    )
from states
left join healed
    on
        states.file_sha256 = healed.file_sha256
        and states.sheet = healed.sheet
        and states.source_row = healed.source_row
        and states.source_column = healed.source_column
