/*
 What rosters ever said about people: one row a roster row that no rule quarantines, superseded ones too, and one a person
 whom the next standing or monthly roster of a region and pillar leaves out (is_absence). Each with the time in which
 Pilar's files said so; known_to is NULL while they still do.
*/
with present as (
    select
        line.participant_id,
        line.pillar_code,
        line.region_code,
        line.district_code,
        line.status,
        line.sex,
        cast(year(line.birth_date) as integer) as birth_year,
        line.roster_scope,
        line.slice_key,
        line.effective_on,
        line.delivered_at,
        -- A waived row without region or pillar has no slice; it goes with its file.
        case when line.slice_key is null and line.row_state = 'superseded' then line.delivered_at else edition.known_to end as known_to,
        line.file_name,
        line.submitter,
        line.file_sha256,
        line.sheet,
        line.source_row
    from {{ ref('int_roster_lines') }} as line
    left join {{ ref('int_roster_editions') }} as edition on line.slice_key = edition.slice_key and line.file_sha256 = edition.file_sha256
    where line.participant_id is not null and len(line.quarantine_rules) = 0
),

-- Days on which a series (standing or monthly rosters of one region and pillar) speaks, and since when it is known to.
days as (
    select
        kind,
        region_code,
        pillar_code,
        effective_on,
        min(delivered_at) as first_known,
        row_number() over (partition by kind, region_code, pillar_code order by effective_on) as nth
    from {{ ref('int_roster_editions') }}
    where kind in ('standing', 'month')
    group by kind, region_code, pillar_code, effective_on
),

editions as (
    select
        edition.*,
        days.nth
    from {{ ref('int_roster_editions') }} as edition
    inner join days
        on
            edition.kind = days.kind
            and edition.region_code = days.region_code
            and edition.pillar_code = days.pillar_code
            and edition.effective_on = days.effective_on
),

-- Which edition was the next of which, and while what was known. A standing roster follows the last of the day before.
next_standing as (
    select
        earlier.slice_key as earlier_slice_key,
        earlier.file_sha256 as earlier_sha256,
        later.slice_key,
        later.file_sha256,
        later.delivered_at as known_from,
        later.known_to
    from editions as later
    inner join editions as earlier
        on
            later.kind = earlier.kind
            and later.region_code = earlier.region_code
            and later.pillar_code = earlier.pillar_code
            and later.nth = earlier.nth + 1
    where later.kind = 'standing' and earlier.known_to is null
),

-- A month follows any earlier one until one between the two becomes known, which may be late.
next_month as (
    select
        earlier.slice_key as earlier_slice_key,
        earlier.file_sha256 as earlier_sha256,
        later.slice_key,
        later.file_sha256,
        greatest(earlier.delivered_at, later.delivered_at) as known_from,
        least(earlier.known_to, later.known_to, min(between_them.first_known)) as known_to
    from editions as later
    inner join editions as earlier
        on
            later.kind = earlier.kind
            and later.region_code = earlier.region_code
            and later.pillar_code = earlier.pillar_code
            and later.nth > earlier.nth
    left join days as between_them
        on
            later.kind = between_them.kind
            and later.region_code = between_them.region_code
            and later.pillar_code = between_them.pillar_code
            and later.nth > between_them.nth
            and earlier.nth < between_them.nth
    where later.kind = 'month'
    group by
        earlier.slice_key, earlier.file_sha256, earlier.delivered_at, earlier.known_to,
        later.slice_key, later.file_sha256, later.delivered_at, later.known_to
),

followed as (
    select * from next_standing
    where known_to is null or known_from < known_to
    union all
    select * from next_month
    where known_to is null or known_from < known_to
),

named as (
    select distinct
        slice_key,
        file_sha256,
        participant_id
    from present
),

left_out as (
    select distinct
        followed.slice_key,
        followed.file_sha256,
        followed.known_from,
        followed.known_to,
        present.participant_id
    from followed
    inner join present on followed.earlier_slice_key = present.slice_key and followed.earlier_sha256 = present.file_sha256
    left join named
        on
            followed.slice_key = named.slice_key
            and followed.file_sha256 = named.file_sha256
            and present.participant_id = named.participant_id
    where named.participant_id is null
),

-- A quarantined row still shows that somebody stands there: nobody leaves because their NIK was damaged on the way.
traced as (
    select distinct
        participant_id,
        unnest({{ person_traces('line') }}) as trace
    from {{ ref('int_roster_lines') }} as line
    where len(quarantine_rules) = 0 and participant_id in (select left_out.participant_id from left_out)
),

broken as (
    select distinct
        file_sha256,
        unnest({{ person_traces('line') }}) as trace
    from {{ ref('int_roster_lines') }} as line
    where len(quarantine_rules) > 0 and file_sha256 in (select left_out.file_sha256 from left_out)
),

seen_broken as (
    select distinct
        broken.file_sha256,
        traced.participant_id
    from traced
    inner join broken on traced.trace = broken.trace
),

absent as (
    select
        left_out.participant_id,
        edition.pillar_code,
        edition.region_code,
        edition.roster_scope,
        left_out.slice_key,
        edition.effective_on,
        edition.delivered_at,
        left_out.known_from,
        left_out.known_to,
        edition.file_name,
        edition.submitter,
        left_out.file_sha256
    from left_out
    inner join {{ ref('int_roster_editions') }} as edition
        on left_out.slice_key = edition.slice_key and left_out.file_sha256 = edition.file_sha256
    left join seen_broken on left_out.file_sha256 = seen_broken.file_sha256 and left_out.participant_id = seen_broken.participant_id
    where seen_broken.participant_id is null
)

select
    participant_id,
    pillar_code,
    region_code,
    district_code,
    status,
    sex,
    birth_year,
    roster_scope,
    slice_key,
    false as is_absence,
    effective_on,
    delivered_at,
    delivered_at as known_from,
    known_to,
    file_name,
    submitter,
    file_sha256,
    sheet,
    source_row
from present
union all
select
    participant_id,
    pillar_code,
    region_code,
    cast(null as varchar) as district_code,
    'KELUAR' as status,
    cast(null as varchar) as sex,
    cast(null as integer) as birth_year,
    roster_scope,
    slice_key,
    true as is_absence,
    effective_on,
    delivered_at,
    known_from,
    known_to,
    file_name,
    submitter,
    file_sha256,
    cast(null as varchar) as sheet,
    cast(null as integer) as source_row
from absent
