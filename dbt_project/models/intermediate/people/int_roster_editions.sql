/*
 Who said what, since when: one row a slice of rosters and file that holds it. A roster of an event or a month that is sent
 again corrects the one before (known_to); a standing roster does so on its own day only, afterwards it follows it.
*/
with holdings as (
    select
        slice_key,
        split_part(roster_scope, ' ', 1) as kind,
        roster_scope,
        region_code,
        pillar_code,
        file_sha256,
        any_value(newest_sha256) as newest_sha256,
        any_value(file_name) as file_name,
        any_value(submitter) as submitter,
        any_value(delivered_at) as delivered_at,
        min(effective_on) as effective_on
    from {{ ref('int_roster_lines') }}
    where slice_key is not null
    group by slice_key, roster_scope, region_code, pillar_code, file_sha256
)

select
    *,
    lead(delivered_at) over (
        partition by slice_key, case when kind = 'standing' then effective_on end
        order by delivered_at, file_name, file_sha256
    ) as known_to
from holdings
