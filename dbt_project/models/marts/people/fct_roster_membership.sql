-- Each statement about a person that a roster ever made, with the time in which Pilar's files said so.
select
    participant_id,
    pillar_code,
    region_code,
    district_code,
    status,
    {{ publishable_reference('roster_scope') }} as roster_scope,
    effective_on,
    known_from,
    known_to,
    known_to is null as is_in_force,
    coalesce(submitter, '-') as submitter,
    {{ publishable_hash('file_sha256') }} as file_sha256,
    sheet,
    source_row
from {{ ref('int_roster_statements') }}
