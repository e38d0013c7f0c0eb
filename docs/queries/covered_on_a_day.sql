-- Apakah orang ini terlindungi BPJS Ketenagakerjaan pada 14 Mei 2023, dan siapa yang tidak?
-- Was this person covered on 14 May 2023, and who was not?
--
-- Ganti tanggalnya; isi participant_id bila hanya satu orang yang ditanyakan (NULL: semua orang). Perlindungan berlaku sebulan
-- penuh: bulan yang lunas melindungi setiap harinya, bulan yang kosong tidak melindungi satu hari pun.
-- Change the day; give a participant_id to ask about one person (NULL: everybody). Cover holds for the calendar month: a month
-- that is paid covers each of its days, a gap covers none.
with asked as (
    select
        date '2023-05-14' as day,
        cast(null as varchar) as participant_id
),

this_month as (
    select
        premium.participant_id,
        premium.status,
        premium.program,
        premium.paid_on
    from fct_premium_month as premium
    inner join asked on premium.coverage_month = strftime(asked.day, '%Y-%m')
    where premium.participant_id is not null
),

in_gap as (
    select coverage.participant_id
    from mart_premium_coverage as coverage
    inner join asked on list_contains(coverage.gap_months, strftime(asked.day, '%Y-%m'))
)

select
    person.participant_id,
    person.pillar_code,
    region.region_name,
    case
        when this_month.status = 'LUNAS' then 'YA: iuran bulan itu lunas / yes: the month is paid'
        when in_gap.participant_id is null then 'TIDAK: tidak dijanjikan / no: not promised'
        when this_month.status = 'TUNGGAK' then 'TIDAK: menunggak / no: in arrears'
        else 'TIDAK: belum dibayar / no: unpaid'
    end as answer,
    this_month.program,
    this_month.paid_on
from dim_participant as person
cross join asked
inner join dim_region as region on person.region_code = region.region_code
left join this_month on person.participant_id = this_month.participant_id
left join in_gap on person.participant_id = in_gap.participant_id
where
    person.is_current
    and (asked.participant_id is null or person.participant_id = asked.participant_id)
order by answer, person.region_code, person.participant_id;
