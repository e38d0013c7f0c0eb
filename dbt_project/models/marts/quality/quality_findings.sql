-- Open and closed findings; no personal values.
select
    finding_key,
    rule_code,
    severity,
    category,
    owner,
    feed,
    submitter,
    {{ publishable_file_name('file_name') }} as file_name,
    {{ publishable_hash('file_sha256') }} as file_sha256,
    sheet,
    source_row,
    source_column,
    subject,
    field,
    state,
    case when state = 'waived' then waived_until end as decided_until,
    first_seen,
    last_seen
from {{ ref('int_findings') }}
