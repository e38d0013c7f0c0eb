-- Accepted premiums, one row a person and month: by NIK, else by member number. Strangers keep a pseudonym.
with people as (
    select
        nik,
        any_value(participant_id) as participant_id
    from {{ ref('int_roster_lines') }}
    where nik is not null and len(quarantine_rules) = 0
    group by nik
),

members as (
    select
        bpjs_no,
        min(participant_id) as participant_id
    from {{ ref('int_roster_lines') }}
    where len(bpjs_no) = 11 and participant_id is not null and len(quarantine_rules) = 0
    group by bpjs_no
    having count(distinct participant_id) = 1
),

owned as (
    select
        line.*,
        coalesce(people.participant_id, members.participant_id) as participant_id,
        coalesce('nik ' || line.nik, 'kpj ' || line.bpjs_no) as member_text
    from {{ ref('int_premium_lines') }} as line
    left join people on line.nik = people.nik
    left join members on line.bpjs_no = members.bpjs_no
    where line.row_state = 'accepted'
),

keyed as (
    select
        *,
        case when participant_id is null then {{ pseudonym('m', 'member_text') }} end as member_key
    from owned
)

select
    participant_id,
    member_key,
    coalesce(participant_id, member_key) as insured_key,
    coverage_starts_on,
    string_agg(distinct program, ', ' order by program) as program,
    cast(coalesce(sum(amount_idr) filter (where status = 'LUNAS'), 0) as decimal(18, 2)) as paid_idr,
    cast(sum(amount_idr) as decimal(18, 2)) as amount_idr,
    case when bool_or(status = 'LUNAS') then 'LUNAS' else 'TUNGGAK' end as status,
    count(*) filter (where status = 'LUNAS') as payments,
    min(paid_on) as paid_on,
    arg_min(file_sha256, (delivered_at, file_name, source_row)) as file_sha256,
    arg_min(sheet, (delivered_at, file_name, source_row)) as sheet,
    arg_min(source_row, (delivered_at, file_name, source_row)) as source_row
from keyed
group by participant_id, member_key, coverage_starts_on
