/*
 Rules that break between the rows of rosters in force. They never quarantine: the row is right, the world is not. At once
 means: in rosters of one event, of one month, or among standing ones; who is no longer active has no second post.
*/
with roster as (
    select
        *,
        -- A spreadsheet that took the account for a number lost its leading zeros: the same account all the same.
        nullif(ltrim(account_no, '0'), '') as account,
        row_number() over (partition by roster_scope, participant_id, region_code, pillar_code order by delivered_at, file_name, source_row) as nth,
        min(pillar_code) over same_post <> max(pillar_code) over same_post as has_two_pillars,
        min(region_code) over same_post <> max(region_code) over same_post as has_two_regions
    from {{ ref('int_roster_lines') }}
    where row_state = 'accepted' and participant_id is not null
    window same_post as (partition by roster_scope, participant_id, status = 'AKTIF')
),

shared_accounts as (
    select account
    from roster
    where account is not null
    group by account
    having count(distinct participant_id) > 1
),

row_rules as (
    select
        file_sha256,
        sheet,
        source_row,
        unnest({{ rules_broken({
            'PERSON_DUPLICATE': 'nth > 1',
            'PERSON_TWO_PILLARS': "status = 'AKTIF' and has_two_pillars",
            'PERSON_TWO_REGIONS': "status = 'AKTIF' and has_two_regions",
            'ACCOUNT_SHARED': 'account in (select shared_accounts.account from shared_accounts)'
        }) }}) as rule_code
    from roster
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
