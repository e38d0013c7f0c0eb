-- Cover that was promised and cover that was paid, by person and year, with the months that are missing.
with paid as (
    select
        participant_id,
        coverage_starts_on
    from {{ ref('int_premium_months') }}
    where status = 'LUNAS' and participant_id is not null
),

months as (
    select
        coalesce(expected.participant_id, paid.participant_id) as participant_id,
        coalesce(expected.coverage_starts_on, paid.coverage_starts_on) as coverage_starts_on,
        expected.participant_id is not null as is_expected,
        paid.participant_id is not null as is_covered
    from {{ ref('int_cover_expected') }} as expected
    full outer join paid
        on expected.participant_id = paid.participant_id and expected.coverage_starts_on = paid.coverage_starts_on
),

years as (
    select
        participant_id,
        cast(year(coverage_starts_on) as integer) as year,
        cast(count(*) filter (where is_expected) as integer) as months_expected,
        cast(count(*) filter (where is_expected and is_covered) as integer) as months_covered,
        cast(count(*) filter (where is_covered and not is_expected) as integer) as months_not_entitled,
        coalesce(
            list({{ month_text('coverage_starts_on') }} order by coverage_starts_on) filter (where is_expected and not is_covered), []
        ) as gap_months
    from months
    group by participant_id, year
)

select
    years.participant_id,
    person.pillar_code,
    person.region_code,
    years.year,
    years.months_expected,
    years.months_covered,
    years.months_not_entitled,
    years.gap_months,
    case
        when years.months_expected = 0 then 'NOT_ENTITLED'
        when years.months_covered = years.months_expected then 'COVERED'
        when years.months_covered = 0 then 'UNCOVERED'
        else 'GAP'
    end as outcome
from years
left join {{ ref('dim_participant') }} as person on years.participant_id = person.participant_id and person.is_current
