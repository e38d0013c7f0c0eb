-- Rows of each delivery by state, over all feeds: one side of the identity read = accepted + quarantined + superseded.
{% for line in feed_lines() %}
select
    file_sha256,
    count(*) as rows_staged,
    count(*) filter (where row_state = 'accepted') as rows_accepted,
    count(*) filter (where row_state = 'quarantined') as rows_quarantined,
    count(*) filter (where row_state = 'superseded') as rows_superseded,
    count(*) filter (where row_state = 'accepted' and len(waived_rules) > 0) as rows_waived,
    count(*) filter (where len(quarantine_rules) > 0) as rows_wrong_at_first,
    list(distinct newest_sha256 order by newest_sha256) filter (where row_state = 'superseded' and newest_sha256 <> file_sha256) as superseded_by
from {{ ref(line.model) }}
group by file_sha256
{{ "union all" if not loop.last }}
{% endfor %}
