/*
 People whom a roster in force leaves out (PERSON_ABSENT): they have left by their history, or stood in an earlier file of
 the slice. One row a person and slice, at the file that holds the slice now. Who stands in another roster of the same
 event or month, or in another standing one, is not missing; neither is who stands in any row of that file.
*/
with slices as (
    select
        slice_key,
        any_value(roster_scope) as roster_scope,
        any_value(newest_sha256) as newest_sha256
    from {{ ref('int_roster_editions') }}
    group by slice_key
),

missed as (
    select
        participant_id,
        slice_key
    from {{ ref('int_roster_history') }}
    where status = 'KELUAR'
    union
    select
        participant_id,
        slice_key
    from {{ ref('int_roster_statements') }}
    where not is_absence and known_to is not null and slice_key is not null
),

people as (
    select
        participant_id,
        roster_scope,
        file_sha256,
        row_state,
        {{ person_traces('line') }} as traces
    from {{ ref('int_roster_lines') }} as line
    where
        len(quarantine_rules) = 0
        and participant_id in (select missed.participant_id from missed)
),

candidates as (
    select
        missed.participant_id,
        missed.slice_key,
        slices.newest_sha256
    from missed
    inner join slices on missed.slice_key = slices.slice_key
    left join people
        on
            missed.participant_id = people.participant_id
            and (slices.newest_sha256 = people.file_sha256 or (slices.roster_scope = people.roster_scope and people.row_state = 'accepted'))
    group by missed.participant_id, missed.slice_key, slices.newest_sha256
    having count(people.participant_id) = 0
),

broken as (
    select
        file_sha256,
        unnest({{ person_traces('line') }}) as trace
    from {{ ref('int_roster_lines') }} as line
    where len(quarantine_rules) > 0 and file_sha256 in (select candidates.newest_sha256 from candidates)
),

traced as (
    select distinct
        participant_id,
        unnest(traces) as trace
    from people
),

seen_broken as (
    select distinct
        traced.participant_id,
        broken.file_sha256
    from traced
    inner join broken on traced.trace = broken.trace
)

select
    'rosters' as feed,
    candidates.newest_sha256 as file_sha256,
    cast(null as varchar) as sheet,
    cast(null as integer) as source_row,
    candidates.participant_id || ' | ' || {{ publishable_reference('candidates.slice_key') }} as subject,
    'PERSON_ABSENT' as rule_code
from candidates
left join seen_broken on candidates.participant_id = seen_broken.participant_id and candidates.newest_sha256 = seen_broken.file_sha256
where seen_broken.participant_id is null
