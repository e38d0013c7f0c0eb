/*
 Member-months with their state. A file supersedes the months in it, within its region if it gives one. Each row is held
 to the rate of its own programme: two programmes may be paid in two rows. Arrears that state no amount break no rate, and a
 row without a programme may have any programme's.
*/
with rates_of_month as (
    select
        coverage_starts_on,
        list(rate_idr) as rates_idr
    from {{ ref('int_premium_rates') }}
    group by coverage_starts_on
),

programs as (
    select distinct {{ program_code('program') }} as program
    from {{ ref('premium_rates') }}
),

placed as (
    select
        line.*,
        coalesce(line.region_code, sender.region_code) as file_region_code,
        case
            when line.coverage_starts_on is not null
                then concat_ws(' | ', {{ month_text('line.coverage_starts_on') }}, coalesce(line.region_code, sender.region_code))
        end as slice_key,
        programs.program is not null as is_program_known,
        case when line.program is null then rates_of_month.rates_idr when rate.rate_idr is not null then [rate.rate_idr] end as rates_idr
    from {{ ref('stg_premiums') }} as line
    inner join {{ source('raw', 'deliveries') }} as delivery on line.file_sha256 = delivery.file_sha256
    left join {{ source('raw', 'region_aliases') }} as sender on {{ match_key('delivery.submitter') }} = sender.alias_key
    left join programs on line.program = programs.program
    left join rates_of_month on line.coverage_starts_on = rates_of_month.coverage_starts_on
    left join {{ ref('int_premium_rates') }} as rate
        on line.program = rate.program and line.coverage_starts_on = rate.coverage_starts_on
),

lines as (
    select
        * exclude (broken_rules, is_program_known, rates_idr),
        list_concat(broken_rules, {{ rules_broken({
            'PREMIUM_PROGRAM_UNKNOWN': 'program is not null and not is_program_known',
            'PREMIUM_RATE_DIFFERS': "amount_idr >= 0 and not (status = 'TUNGGAK' and amount_idr = 0) and not list_contains(rates_idr, amount_idr)"
        }) }}) as broken_rules
    from placed
),

states as (
    {{ row_states('lines') }}
)

select * from states
