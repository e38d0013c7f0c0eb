-- Rules that break between premiums and what was promised. They never quarantine.
with premiums as (
    select
        month.*,
        expected.participant_id is not null as is_expected
    from {{ ref('int_premium_months') }} as month
    left join {{ ref('int_cover_expected') }} as expected
        on month.participant_id = expected.participant_id and month.coverage_starts_on = expected.coverage_starts_on
)

select
    'premiums' as feed,
    file_sha256,
    sheet,
    source_row,
    cast(null as varchar) as subject,
    unnest({{ rules_broken({
        'PREMIUM_PERSON_UNKNOWN': 'participant_id is null',
        'PREMIUM_PAID_TWICE': 'is_paid_twice',
        'PREMIUM_NOT_ENTITLED': 'participant_id is not null and payments > 0 and not is_expected'
    }) }}) as rule_code
from premiums
