-- A rule that SQL names and the catalogue does not would vanish from the reports.
with named as (
    select rule_code
    from {{ ref('int_row_findings') }}
    union
    select rule_code
    from {{ ref('int_cross_findings') }}
    union
    select rule_code
    from {{ source('raw', 'deliveries') }}
    where state = 'rejected'
)

select rule_code
from named
where rule_code not in (select rule.rule_code from {{ ref('quality_rules') }} as rule)
