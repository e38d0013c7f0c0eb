/*
 What each verdict is about, and whether it is the last word on it. The key of a finding that stands tonight, or of a row
 that breaks a rule in whatever delivery, tells the matter. A finding between rows leaves no trace when its row is
 superseded; the key it had is told from the superseded rows of the same values as those that such findings name tonight.
 Any other key is a matter of its own.
*/
with standing as (
    select
        finding_key,
        rule_code,
        matter
    from {{ ref('int_row_findings') }}
    union all
    select
        finding_key,
        rule_code,
        matter
    from {{ ref('int_cross_findings') }}
    union all
    select
        finding_key,
        rule_code,
        finding_key as matter
    from {{ ref('int_file_findings') }}
),

told as (
    select
        standing.finding_key,
        any_value(standing.rule_code) as rule_code,
        any_value(standing.matter) as matter
    from standing
    semi join {{ ref('int_verdicts') }} as verdict on standing.finding_key = verdict.finding_key
    group by standing.finding_key
),

astray as (
    select distinct verdict.finding_key
    from {{ ref('int_verdicts') }} as verdict
    anti join told on verdict.finding_key = told.finding_key
),

of_row_values as (
    select distinct
        feed,
        rule_code,
        row_fingerprint,
        matter
    from {{ ref('int_cross_findings') }}
    where row_fingerprint is not null and exists (select 1 from astray)
),

before as (
    {% for line in feed_lines() %}
    select
        {{ finding_key(
            'found.rule_code', 'line.file_sha256', 'line.sheet', 'line.source_row', 'line.' ~ line.place if line.place else 'null'
        ) }} as finding_key,
        found.rule_code,
        found.matter
    from {{ ref(line.model) }} as line
    inner join of_row_values as found on line.row_fingerprint = found.row_fingerprint and found.feed = '{{ line.feed }}'
    where line.is_superseded
    {{ "union all" if not loop.last }}
    {% endfor %}
),

named as (
    select * from told
    union all
    select before.*
    from before
    semi join astray on before.finding_key = astray.finding_key
),

about as (
    select
        verdict.*,
        named.rule_code,
        coalesce(named.matter, verdict.finding_key) as matter,
        {{ is_finding_key('verdict.finding_key') }} as is_key,
        case verdict.verdict
            when 'corrected' then true
            when 'waive' then not coalesce(list_contains({{ rules_beyond_waiving() }}, named.rule_code), false)
            else coalesce(list_contains({{ rules_about_pairs() }}, named.rule_code), true)
        end as is_fit
    from {{ ref('int_verdicts') }} as verdict
    left join named on verdict.finding_key = named.finding_key
)

select
    *,
    is_key and is_fit and row_number() over (partition by matter, is_key and is_fit order by verdict_no desc) = 1 as is_current
from about
