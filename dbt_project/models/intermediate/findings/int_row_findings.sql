-- One row for each rule that a row breaks, over all feeds.
with found as (
    {% for line in feed_lines() %}
    select
        '{{ line.feed }}' as feed,
        file_sha256,
        sheet,
        source_row,
        {{ line.place or "cast(null as varchar)" }} as source_column,
        is_superseded,
        newest_sha256,
        unnest(broken_rules) as rule_code
    from {{ ref(line.model) }}
    where len(broken_rules) > 0
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    *,
    {{ finding_key('rule_code', source_column='source_column') }} as finding_key
from found
