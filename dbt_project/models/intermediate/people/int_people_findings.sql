/*
 Rules that break between the rows of rosters in force. They never quarantine: the row is right, the world is not. At once
 means: in rosters of one event, of one month, or among standing ones; who is no longer active has no second post.
*/
with roster as (
    select
        participant_id,
        roster_scope,
        region_code,
        pillar_code,
        status,
        -- A spreadsheet that took the account for a number lost its leading zeros: the same account all the same.
        nullif(ltrim(account_no, '0'), '') as account,
        delivered_at,
        file_name,
        file_sha256,
        sheet,
        source_row
    from {{ ref('int_roster_lines') }}
    where row_state = 'accepted' and participant_id is not null
),

-- Aggregates find the few people concerned; only their rows are looked at one by one.
posts as (
    select
        roster_scope,
        participant_id,
        min(pillar_code) filter (where status = 'AKTIF') <> max(pillar_code) filter (where status = 'AKTIF') as has_two_pillars,
        min(region_code) filter (where status = 'AKTIF') <> max(region_code) filter (where status = 'AKTIF') as has_two_regions
    from roster
    group by roster_scope, participant_id
    having count(*) > 1
),

posted as (
    select
        roster.*,
        posts.has_two_pillars,
        posts.has_two_regions,
        row_number() over (
            partition by roster.roster_scope, roster.participant_id, roster.region_code, roster.pillar_code
            order by roster.delivered_at, roster.file_name, roster.file_sha256, roster.sheet, roster.source_row
        ) as nth
    from roster
    inner join posts on roster.roster_scope = posts.roster_scope and roster.participant_id = posts.participant_id
),

shared_accounts as (
    select account
    from roster
    where account is not null
    group by account
    having min(participant_id) <> max(participant_id)
),

row_rules as (
    select
        file_sha256,
        sheet,
        source_row,
        unnest({{ rules_broken({
            'PERSON_DUPLICATE': 'nth > 1',
            'PERSON_TWO_PILLARS': "status = 'AKTIF' and has_two_pillars",
            'PERSON_TWO_REGIONS': "status = 'AKTIF' and has_two_regions"
        }) }}) as rule_code
    from posted
    union all
    select
        roster.file_sha256,
        roster.sheet,
        roster.source_row,
        'ACCOUNT_SHARED' as rule_code
    from roster
    inner join shared_accounts on roster.account = shared_accounts.account
),

two_accounts as (
    select participant_id
    from roster
    where account is not null
    group by participant_id
    having min(account) <> max(account)
),

-- At the newest row that gives one. The subject holds the accounts, so that a third one asks again.
account_rows as (
    select
        roster.participant_id,
        list(distinct {{ pseudonym('a', "'account ' || roster.account") }}) as account_keys,
        arg_max(roster.file_sha256, (roster.delivered_at, roster.file_name, roster.file_sha256, roster.sheet, roster.source_row)) as file_sha256,
        arg_max(roster.sheet, (roster.delivered_at, roster.file_name, roster.file_sha256, roster.sheet, roster.source_row)) as sheet,
        arg_max(roster.source_row, (roster.delivered_at, roster.file_name, roster.file_sha256, roster.sheet, roster.source_row)) as source_row
    from roster
    inner join two_accounts on roster.participant_id = two_accounts.participant_id
    where roster.account is not null
    group by roster.participant_id
)

select
    'rosters' as feed,
    file_sha256,
    sheet,
    source_row,
    cast(null as varchar) as subject,
    rule_code
from row_rules
union all
select
    'rosters' as feed,
    file_sha256,
    sheet,
    source_row,
    participant_id || ' | ' || array_to_string(list_sort(account_keys), ' | ') as subject,
    'PERSON_TWO_ACCOUNTS' as rule_code
from account_rows
