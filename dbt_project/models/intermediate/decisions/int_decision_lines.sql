-- Each verdict ever delivered with the state of its row: accepted or quarantined, never superseded.
with lines as (
    select
        *,
        concat_ws(' ', file_sha256, sheet, source_row) as slice_key
    from {{ ref('stg_decisions') }}
),

states as (
    {{ row_states('lines') }}
)

select * from states
