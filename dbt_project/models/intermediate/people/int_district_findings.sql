/*
 Districts with two TKSK, or with none. A quarantined row of a TKSK still fills its district; a TKSK whose district is
 missing or misspelt may fill any, so that while there is one no district of that roster is called empty.
*/
with tksk as (
    select
        *,
        row_number() over (
            partition by roster_scope, district_code, participant_id
            order by delivered_at, file_name, file_sha256, sheet, source_row
        ) as nth_row
    from {{ ref('int_roster_lines') }}
    where pillar_code = 'TKSK' and region_code is not null and row_state <> 'superseded' and status = 'AKTIF'
),

-- Told once, at the last of the people who hold it; the subject names all of them, in whatever order their rows stand.
shared as (
    select
        roster_scope,
        district_code,
        list(participant_id order by participant_id) as participant_ids,
        arg_max(file_sha256, (delivered_at, file_name, file_sha256, sheet, source_row)) as file_sha256,
        arg_max(sheet, (delivered_at, file_name, file_sha256, sheet, source_row)) as sheet,
        arg_max(source_row, (delivered_at, file_name, file_sha256, sheet, source_row)) as source_row
    from tksk
    where row_state = 'accepted' and participant_id is not null and district_code is not null and nth_row = 1
    group by roster_scope, district_code
    having count(*) > 1
),

-- What is so today is in the newest roster of the region: of the latest day, then of the latest delivery.
rosters as (
    select
        edition.region_code,
        arg_max(edition.slice_key, (edition.effective_on, edition.delivered_at, edition.file_name, edition.file_sha256)) as slice_key,
        arg_max(edition.file_sha256, (edition.effective_on, edition.delivered_at, edition.file_name, edition.file_sha256)) as file_sha256
    from {{ ref('int_roster_editions') }} as edition
    where
        edition.pillar_code = 'TKSK'
        and edition.file_sha256 = edition.newest_sha256
        and edition.slice_key in (
            select line.slice_key from {{ ref('int_roster_lines') }} as line
            where line.pillar_code = 'TKSK' and line.row_state = 'accepted'
        )
    group by edition.region_code
),

filled as (
    select
        rosters.region_code,
        bool_or(tksk.district_code is null) as has_unplaced,
        list(tksk.district_code) filter (where tksk.district_code is not null) as district_codes
    from rosters
    left join tksk on rosters.slice_key = tksk.slice_key
    group by rosters.region_code
)

select
    'rosters' as feed,
    file_sha256,
    sheet,
    source_row,
    concat_ws(' | ', district_code, {{ publishable_reference('roster_scope') }}, array_to_string(participant_ids, ' | ')) as subject,
    'TKSK_DISTRICT_TWO' as rule_code
from shared
union all
select
    'rosters' as feed,
    rosters.file_sha256,
    cast(null as varchar) as sheet,
    cast(null as integer) as source_row,
    district.kemendagri_code as subject,
    'TKSK_DISTRICT_NONE' as rule_code
from rosters
inner join filled on rosters.region_code = filled.region_code
inner join {{ ref('districts') }} as district on rosters.region_code = district.region_code
where not filled.has_unplaced and not list_contains(filled.district_codes, district.kemendagri_code)
