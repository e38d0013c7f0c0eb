/*
 Accepted premiums, one row a person and month: by NIK, else by member number if one person alone has it. Strangers keep a
 pseudonym.
*/
with people as (
    select
        nik,
        any_value(participant_id) as participant_id
    from {{ ref('int_roster_lines') }}
    where nik is not null and participant_id is not null and len(quarantine_rules) = 0
    group by nik
),

members as (
    select
        line.bpjs_no,
        line.participant_id,
        bool_or(edition.known_to is null) as is_in_force
    from {{ ref('int_roster_lines') }} as line
    left join {{ ref('int_roster_editions') }} as edition on line.slice_key = edition.slice_key and line.file_sha256 = edition.file_sha256
    where len(line.bpjs_no) = 11 and line.participant_id is not null and len(line.quarantine_rules) = 0
    group by line.bpjs_no, line.participant_id
),

-- Rosters in force before those that were corrected: a number that stood beside the wrong person is the right one's. A number
-- that two people have is nobody's, also when one of them has left a standing roster since.
sole_members as (
    select
        bpjs_no,
        participant_id
    from members
    qualify
        is_in_force and count(*) filter (where is_in_force) over (partition by bpjs_no) = 1
        or count(*) over (partition by bpjs_no) = 1
),

-- What else rosters know of them: whether they have a NIK, and every name that they and their accounts go by.
known as (
    select
        participant_id,
        bool_or(nik is not null) as has_nik,
        list_distinct(flatten(list([name_key, account_name_key]))) as name_keys
    from {{ ref('int_roster_lines') }}
    where len(quarantine_rules) = 0 and participant_id in (select sole_members.participant_id from sole_members)
    group by participant_id
),

-- A waiver may let a row in that names no month or nobody; it covers nothing all the same.
accepted as (
    select *
    from {{ ref('int_premium_lines') }}
    where row_state = 'accepted' and coverage_starts_on is not null and coalesce(nik, bpjs_no) is not null
),

-- Names beside a number and a NIK of nobody on the rosters.
strangers as (
    select distinct
        line.name,
        {{ name_key('line.name') }} as name_key
    from accepted as line
    anti join people on line.nik = people.nik
    where line.nik is not null and line.bpjs_no is not null
),

-- A NIK of nobody on the rosters speaks against the person who has the number, unless the name is theirs.
owned as (
    select
        line.*,
        coalesce(
            people.participant_id,
            case
                when line.nik is null or not known.has_nik or list_contains(known.name_keys, stranger.name_key) then member.participant_id
            end
        ) as participant_id,
        coalesce('nik ' || line.nik, 'kpj ' || line.bpjs_no) as member_text
    from accepted as line
    left join people on line.nik = people.nik
    left join sole_members as member on line.bpjs_no = member.bpjs_no
    left join known on member.participant_id = known.participant_id
    left join strangers as stranger on line.name = stranger.name
),

keyed as (
    select
        *,
        case when participant_id is null then {{ pseudonym('m', 'member_text') }} end as member_key
    from owned
),

months as (
    select
        participant_id,
        member_key,
        coalesce(participant_id, member_key) as insured_key,
        coverage_starts_on,
        string_agg(program, '+') as programs,
        string_agg(program, '+') filter (where status = 'LUNAS') as paid_programs,
        coalesce(bool_or(program is null) filter (where status = 'LUNAS'), false) as has_unnamed_payment,
        cast(coalesce(sum(amount_idr) filter (where status = 'LUNAS'), 0) as decimal(18, 2)) as paid_idr,
        cast(coalesce(sum(amount_idr), 0) as decimal(18, 2)) as amount_idr,
        case when bool_or(status = 'LUNAS') then 'LUNAS' else 'TUNGGAK' end as status,
        count(*) filter (where status = 'LUNAS') as payments,
        min(paid_on) as paid_on,
        count(*) as rows_found,
        arg_min({ file_sha256: file_sha256, sheet: sheet, source_row: source_row }, (delivered_at, file_name, source_row)) as first_row
    from keyed
    group by participant_id, member_key, coverage_starts_on
),

named as (
    select
        * exclude (programs, paid_programs, has_unnamed_payment, rows_found, first_row),
        first_row.file_sha256,
        first_row.sheet,
        first_row.source_row,
        -- Nearly every month is one row, whose programme is a code already.
        case when rows_found = 1 then programs else {{ program_code('programs') }} end as program,
        -- JKK in one row and JKM in another pay a month once.
        case
            when payments > 1
                then has_unnamed_payment or len(string_split(paid_programs, '+')) > len(list_distinct(string_split(paid_programs, '+')))
            else false
        end as is_paid_twice
    from months
)

select
    named.*,
    rate.rate_idr
from named
left join {{ ref('int_premium_rates') }} as rate on named.program = rate.program and named.coverage_starts_on = rate.coverage_starts_on
