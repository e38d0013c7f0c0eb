/*
 Promises that nobody keeps, at the roster row that entitles: a person whom the bank was never told to pay though it paid
 others of the event, and months of cover that nobody paid though others' were. Before that a promise is only young.
*/
with logged as (
    select
        event_id,
        benefit_code
    from {{ ref('mart_disbursement_reconciliation') }}
    where attempts > 0
    group by event_id, benefit_code
),

never_told as (
    select
        payee.event_id,
        payee.benefit_code,
        payee.participant_id
    from {{ ref('mart_disbursement_reconciliation') }} as payee
    inner join logged on payee.event_id = logged.event_id and payee.benefit_code = logged.benefit_code
    where payee.attempts = 0 and payee.entitled_idr > 0
),

-- Transfers to an account of theirs in a file that is quarantined: the bank was told, though nobody knows what became of it.
quarantined as (
    select distinct
        event.event_id,
        line.benefit_code,
        owner.participant_id
    from {{ ref('int_disbursement_lines') }} as line
    inner join {{ ref('int_event_keys') }} as event on line.event_key = event.match_key
    inner join {{ ref('int_account_owners') }} as owner on line.account_no = owner.account_no
    where line.row_state = 'quarantined'
),

-- The roster row that entitles: the only one in which the person stands, or the one that was chosen.
not_instructed as (
    select
        coalesce(post.file_sha256, choice.file_sha256) as file_sha256,
        case when post.participant_id is null then choice.sheet else post.sheet end as sheet,
        coalesce(post.source_row, choice.source_row) as source_row,
        concat_ws(' | ', never_told.event_id, never_told.benefit_code, never_told.participant_id) as subject
    from never_told
    left join {{ ref('int_posts') }} as post on never_told.participant_id = post.participant_id and post.is_sole
    left join {{ ref('int_entitlement_choices') }} as choice
        on
            never_told.event_id = choice.event_id
            and never_told.benefit_code = choice.benefit_code
            and never_told.participant_id = choice.participant_id
    left join quarantined
        on
            never_told.event_id = quarantined.event_id
            and never_told.benefit_code = quarantined.benefit_code
            and never_told.participant_id = quarantined.participant_id
    where quarantined.participant_id is null
),

-- A month is due once premiums of it have been delivered for somebody.
due_months as (
    select distinct coverage_starts_on
    from {{ ref('int_premium_months') }}
),

paid_months as (
    select
        participant_id,
        coverage_starts_on
    from {{ ref('int_premium_months') }}
    where status = 'LUNAS' and participant_id is not null
),

gaps as (
    select
        expected.participant_id,
        cast(year(expected.coverage_starts_on) as integer) as year,
        min(expected.coverage_starts_on) as first_gap
    from {{ ref('int_cover_expected') }} as expected
    inner join due_months on expected.coverage_starts_on = due_months.coverage_starts_on
    left join paid_months
        on expected.participant_id = paid_months.participant_id and expected.coverage_starts_on = paid_months.coverage_starts_on
    where paid_months.participant_id is null
    group by expected.participant_id, year
),

promised_gaps as (
    select
        match.file_sha256,
        match.sheet,
        match.source_row,
        concat_ws(' | ', gaps.participant_id, gaps.year) as subject,
        row_number() over (
            partition by gaps.participant_id, gaps.year
            order by match.delivered_at desc, match.file_name desc, match.file_sha256 desc, match.sheet desc, match.source_row desc
        ) as nth
    from gaps
    inner join {{ ref('int_promise_matches') }} as match
        on
            gaps.participant_id = match.participant_id
            and gaps.first_gap >= match.starts_on
            and gaps.first_gap < match.starts_on + to_months(match.months)
    inner join {{ ref('benefits') }} as benefit on match.benefit_code = benefit.benefit_code
    where benefit.settled_by = 'premium'
)

select
    'rosters' as feed,
    file_sha256,
    sheet,
    source_row,
    subject,
    'ENTITLED_NOT_INSTRUCTED' as rule_code
from not_instructed
union all
select
    'rosters' as feed,
    file_sha256,
    sheet,
    source_row,
    subject,
    'PREMIUM_GAP' as rule_code
from promised_gaps
where nth = 1
