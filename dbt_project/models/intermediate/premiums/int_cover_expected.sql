-- Months in which a person is promised cover: one row a person and month, from every monthly promise settled by premium.
with promised as (
    select distinct
        match.participant_id,
        match.starts_on,
        match.months
    from {{ ref('int_promise_matches') }} as match
    inner join {{ ref('benefits') }} as benefit on match.benefit_code = benefit.benefit_code
    where benefit.settled_by = 'premium'
)

select distinct
    promised.participant_id,
    cast(promised.starts_on + to_months(cast(step.n as integer)) as date) as coverage_starts_on
from promised
cross join unnest(range(promised.months)) as step (n)
