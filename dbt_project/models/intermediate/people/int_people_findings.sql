-- Rules that break between the rows of rosters. They never quarantine: the row is right, the world is not.
with roster as (
    select
        *,
        row_number() over (partition by roster_scope, participant_id, region_code, pillar_code order by delivered_at, file_name, source_row) as nth,
        min(pillar_code) over same_person <> max(pillar_code) over same_person as has_two_pillars,
        min(region_code) over same_person <> max(region_code) over same_person as has_two_regions
    from {{ ref('int_roster_lines') }}
    where row_state = 'accepted' and participant_id is not null
    window same_person as (partition by roster_scope, participant_id)
),

shared_accounts as (
    select account_no
    from {{ ref('int_account_owners') }}
    where is_current
    group by account_no
    having count(*) > 1
)

select
    'rosters' as feed,
    file_sha256,
    sheet,
    source_row,
    cast(null as varchar) as subject,
    unnest({{ rules_broken({
        'PERSON_DUPLICATE': 'nth > 1',
        'PERSON_TWO_PILLARS': 'has_two_pillars',
        'PERSON_TWO_REGIONS': 'has_two_regions',
        'ACCOUNT_SHARED': 'account_no in (select shared_accounts.account_no from shared_accounts)'
    }) }}) as rule_code
from roster
