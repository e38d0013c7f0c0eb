/*
 Rules that break between rows, files and feeds, by subject of study. A finding with a subject (a person, a pair, a
 district, a reference) keeps its key wherever the row stands; one without is named by its row.
*/
{% set topics = ['int_people_findings', 'int_money_findings', 'int_premium_findings', 'int_figure_findings'] %}
with found as (
    {% for topic in topics %}
    select
        feed,
        file_sha256,
        sheet,
        source_row,
        {{ 'source_column' if topic == 'int_figure_findings' else 'cast(null as varchar) as source_column' }},
        subject,
        rule_code
    from {{ ref(topic) }}
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    *,
    case
        when subject is not null then {{ subject_key('rule_code', 'subject') }}
        else {{ finding_key('rule_code', source_column='source_column') }}
    end as finding_key
from found
