-- Months in which a person is promised cover: one row a person and month, from monthly benefits settled by premium.
select distinct
    entitlement.participant_id,
    cast(entitlement.starts_on + to_months(cast(step.n as integer)) as date) as coverage_starts_on
from {{ ref('int_entitlements') }} as entitlement
inner join {{ ref('benefits') }} as benefit on entitlement.benefit_code = benefit.benefit_code
cross join unnest(range(entitlement.months)) as step (n)
where benefit.settled_by = 'premium'
