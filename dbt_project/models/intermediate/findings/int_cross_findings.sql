/*
 Rules that break between rows, files and feeds, by subject of study. A finding with a subject (a person, a pair, a
 district, a reference) keeps its key wherever the row stands; one without is named by its row, and its matter by the
 values of the row.
*/
{% set topics = [
    'int_people_findings', 'int_person_findings', 'int_absence_findings', 'int_district_findings', 'int_promise_findings',
    'int_money_findings', 'int_premium_findings', 'int_figure_findings', 'int_claim_findings'
] %}
{% set cells = ['int_figure_findings', 'int_claim_findings'] %}
{# Topics whose findings close by a later file; those of the others are gone once nothing breaks the rule. #}
{% set closing = ['int_claim_findings'] %}
with found as (
    {% for topic in topics %}
    select
        feed,
        file_sha256,
        sheet,
        source_row,
        {{ 'source_column' if topic in cells else 'cast(null as varchar) as source_column' }},
        subject,
        rule_code,
        {{ 'is_superseded' if topic in closing else 'false as is_superseded' }},
        {{ 'newest_sha256' if topic in closing else 'cast(null as varchar) as newest_sha256' }}
    from {{ ref(topic) }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

rows_named as (
    select *
    from found
    where subject is null
),

rows_found as (
    {% for line in feed_lines() %}
    select
        line.file_sha256,
        line.sheet,
        line.source_row,
        {{ 'line.' ~ line.place if line.place else "cast(null as varchar)" }} as source_column,
        line.row_fingerprint
    from {{ ref(line.model) }} as line
    semi join rows_named as named
        on line.file_sha256 = named.file_sha256 and line.sheet = named.sheet and line.source_row = named.source_row
    {{ "union all" if not loop.last }}
    {% endfor %}
),

keyed as (
    select
        *,
        case
            when subject is not null then {{ subject_key('rule_code', 'subject') }}
            else {{ finding_key('rule_code', source_column='source_column') }}
        end as finding_key
    from found
)

select
    keyed.*,
    rows_found.row_fingerprint,
    {{ matter('keyed.rule_code', 'rows_found.row_fingerprint', 'keyed.finding_key') }} as matter
from keyed
left join rows_found
    on
        keyed.subject is null
        and keyed.file_sha256 = rows_found.file_sha256
        and keyed.sheet = rows_found.sheet
        and keyed.source_row = rows_found.source_row
        and coalesce(keyed.source_column, '') = coalesce(rows_found.source_column, '')
