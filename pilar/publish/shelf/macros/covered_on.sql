with this_month as (
    select
        participant_id,
        status,
        program,
        paid_on
    from fct_premium_month
    where coverage_month = strftime(cast(as_of_day as date), '%Y-%m') and participant_id is not null
),

in_gap as (
    select participant_id
    from mart_premium_coverage
    where list_contains(gap_months, strftime(cast(as_of_day as date), '%Y-%m'))
)

select
    person.participant_id,
    person.pillar_code,
    person.region_code,
    coalesce(this_month.status = 'LUNAS', false) as is_covered,
    case
        when this_month.status = 'LUNAS' then 'YA: iuran bulan itu lunas / yes: the month is paid'
        when in_gap.participant_id is null then 'TIDAK: tidak dijanjikan / no: not promised'
        when this_month.status = 'TUNGGAK' then 'TIDAK: menunggak / no: in arrears'
        else 'TIDAK: belum dibayar / no: unpaid'
    end as answer,
    this_month.program,
    this_month.paid_on
from dim_participant as person
left join this_month on person.participant_id = this_month.participant_id
left join in_gap on person.participant_id = in_gap.participant_id
where person.is_current
