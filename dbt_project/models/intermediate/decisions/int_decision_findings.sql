/*
 Rules that break between verdicts and the findings they decide on. A finding that has healed is no longer known, and its
 key still is: only a key that Pilar never gave is unknown.
*/
with verdicts as (
    select
        *,
        {{ rules_broken({
            'DECISION_FINDING_UNKNOWN': 'not is_key',
            'DECISION_VERDICT_UNFIT': 'not is_fit',
            'DECISION_EXPIRED': "verdict = 'waive' and expires_on < decided_on"
        }) }} as broken_rules
    from {{ ref('int_verdict_matters') }}
),

found as (
    select
        file_sha256,
        sheet,
        source_row,
        unnest(broken_rules) as rule_code
    from verdicts
)

select
    'decisions' as feed,
    file_sha256,
    sheet,
    source_row,
    cast(null as varchar) as source_column,
    cast(null as varchar) as subject,
    rule_code,
    {{ finding_key('rule_code') }} as finding_key
from found
