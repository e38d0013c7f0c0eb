{{ config(materialized='view') }}
/*
 Who is entitled to what. A person is entitled once for an event and benefit: to the largest promise, by the newest roster.
 Whoever stands in one roster row has what its post is promised; of the others `int_entitlement_choices` says it.
*/
select * exclude (is_largest, is_sole, delivered_at, file_name)
from {{ ref('int_promise_matches') }}
where is_sole and is_largest
union all
select * from {{ ref('int_entitlement_choices') }}
