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
        {{ parse_date('expires_on') }} as expires_on,
        nullif(trim(expires_on), '') as expires_text,
        {{ row_fingerprint(['finding_key', 'verdict', 'reason', 'decided_by'], {'expires_on': parse_date('expires_on')}) }} as row_fingerprint
    from source
)

select
    * exclude (expires_text),
    {{ rules_broken({
        'DECISION_INCOMPLETE': 'finding_key is null or reason is null or decided_by is null',
        'DECISION_VERDICT_UNKNOWN': "verdict is null or verdict not in ('waive', 'corrected', 'same_person', 'different_person')",
        'DECISION_EXPIRY_INVALID': 'expires_text is not null and expires_on is null'
    }) }} as broken_rules
from typed
