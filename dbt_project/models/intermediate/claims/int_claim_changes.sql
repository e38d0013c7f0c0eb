/*
 When the answer to a claim on published figures changed, as the figures were known, and which statement changed it: one whose
 cell had another value the moment before, of the claim's own region if there is one.
*/
with answers as (
    select
        answer.claim_id,
        answer.known_at,
        answer.recomputed_value,
        answer.verdict,
        lag(answer.recomputed_value) over in_time as value_before,
        lag(answer.verdict) over in_time as verdict_before
    from {{ ref('int_claim_answers') }} as answer
    inner join {{ ref('claims') }} as claim
        on
            answer.claim_id = claim.claim_id
            and coalesce(answer.base_period, '') = coalesce(claim.base_period, '')
            and coalesce(answer.end_period, '') = coalesce(claim.end_period, '')
    where answer.known_at < 'infinity'
    window in_time as (partition by answer.claim_id order by answer.known_at)
),

changes as (
    select
        *,
        lead(known_at) over (partition by claim_id order by known_at) as known_until
    from answers
    where verdict_before is null or verdict_before <> verdict or coalesce(value_before, -1) <> coalesce(recomputed_value, -1)
),

cells as (
    select
        *,
        lag(value) over (partition by claim_id, base_period, end_period, region_code, term order by known_at) as value_before
    from {{ ref('int_claim_terms') }}
    where known_at < 'infinity' and kind = 'bps'
),

causes as (
    select
        cells.claim_id,
        cells.known_at,
        arg_min(
            struct_pack(
                file_sha256 := statement.file_sha256, file_name := statement.file_name, sheet := statement.sheet,
                source_row := statement.source_row, source_column := statement.source_column
            ),
            (cells.region_code <> claim.region_code, cells.region_code, cells.term, statement.file_name, statement.file_sha256, statement.source_row)
        ) as cause
    from cells
    inner join {{ ref('claims') }} as claim on cells.claim_id = claim.claim_id
    inner join {{ ref('int_poverty_lines') }} as statement
        on
            cells.stated_region = statement.region_code
            and cells.area_type = statement.area_type
            and cells.indicator = statement.indicator
            and cells.period = statement.period
            and cells.value = statement.value
            and cells.known_at = statement.delivered_at
    where statement.row_state = 'accepted' and (cells.value_before is null or cells.value_before <> cells.value)
    group by cells.claim_id, cells.known_at
)

select
    changes.claim_id,
    changes.known_at as known_from,
    changes.known_until,
    changes.recomputed_value,
    changes.verdict,
    changes.value_before,
    changes.verdict_before,
    causes.cause.file_sha256,
    causes.cause.file_name,
    causes.cause.sheet,
    causes.cause.source_row,
    causes.cause.source_column
from changes
inner join causes on changes.claim_id = causes.claim_id and changes.known_at = causes.known_at
