-- Rules that break between verdicts and the findings they decide on.
select
    'decisions' as feed,
    file_sha256,
    sheet,
    source_row,
    cast(null as varchar) as source_column,
    cast(null as varchar) as subject,
    'DECISION_FINDING_UNKNOWN' as rule_code,
    {{ finding_key("'DECISION_FINDING_UNKNOWN'") }} as finding_key
from {{ ref('int_decision_lines') }}
where
    row_state = 'accepted'
    and finding_key not in (select found.finding_key from {{ ref('int_row_findings') }} as found)
    and finding_key not in (select found.finding_key from {{ ref('int_cross_findings') }} as found)
