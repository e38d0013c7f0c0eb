-- One verdict of a steward, typed. Decisions are only ever added.
with source as (
    {{ new_rows('decisions') }}
),

typed as (
    select
        file_sha256,
        sheet,
        source_row,
        lower(trim(finding_key)) as finding_key,
        lower(trim(verdict)) as verdict,
        reason,
        trim(decided_by) as decided_by,
        {{ parse_date('expires_on') }} as expires_on
    from source
)

select
    *,
    {{ rules_broken({
        'DECISION_INCOMPLETE': 'finding_key is null or reason is null or decided_by is null',
        'DECISION_VERDICT_UNKNOWN': "verdict is null or verdict not in ('waive', 'corrected', 'same_person', 'different_person')"
    }) }} as broken_rules
from typed
