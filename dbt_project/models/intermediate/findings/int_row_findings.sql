-- One row for each rule that a row breaks, over all feeds.
with found as (
    {% for line in feed_lines() %}
    select
        '{{ line.feed }}' as feed,
        file_sha256,
        sheet,
        source_row,
        {{ line.place or "cast(null as varchar)" }} as source_column,
        row_fingerprint,
        sheet_fingerprint,
        is_superseded,
        newest_sha256,
        case when row_state = 'accepted' then waived_rules else [] end as waived_rules,
        unnest(broken_rules) as rule_code
    from {{ ref(line.model) }}
    where len(broken_rules) > 0
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    * exclude (sheet_fingerprint, waived_rules),
    list_contains(waived_rules, rule_code) as is_let_in,
    {{ finding_key('rule_code', source_column='source_column') }} as finding_key,
    {{ matter(
        'rule_code', 'case when list_contains(' ~ sheet_rules() ~ ', rule_code) then sheet_fingerprint else row_fingerprint end', 'null'
    ) }} as matter
from found
