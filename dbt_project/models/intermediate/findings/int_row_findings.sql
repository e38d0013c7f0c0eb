-- One row for each rule that a row breaks, over all feeds.
{% set feeds = {
    'events': 'int_event_lines',
    'rosters': 'int_roster_lines',
    'disbursements': 'int_disbursement_lines',
    'premiums': 'int_premium_lines',
    'decisions': 'int_decision_lines',
    'poverty': 'int_poverty_lines'
} %}
{% for feed, model in feeds.items() %}
select
    '{{ feed }}' as feed,
    file_sha256,
    sheet,
    source_row,
    {{ "source_column" if feed == "poverty" else "cast(null as varchar)" }} as source_column,
    is_superseded,
    newest_sha256,
    unnest(broken_rules) as rule_code
from {{ ref(model) }}
where len(broken_rules) > 0
{{ "union all" if not loop.last }}
{% endfor %}
