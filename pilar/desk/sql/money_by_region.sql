-- The same money by kab/kota; without a code: an account of nobody on the rosters.
select
    money.region_code,
    region.region_name,
    count(*) as payees,
    count(*) filter (where money.outcome = 'PAID') as payees_paid,
    sum(money.entitled_idr) as entitled_idr,
    sum(money.paid_idr) as paid_idr,
    sum(money.returned_idr) as returned_idr,
    sum(greatest(money.entitled_idr - money.paid_idr, 0)) as unpaid_idr
from mart_disbursement_reconciliation as money
left join dim_event as event on money.event_id = event.event_id
left join dim_region as region on money.region_code = region.region_code
where
    ($event is null or money.event_id = $event)
    and ($pillar is null or money.pillar_code = $pillar)
    and ($month is null or strftime(event.event_date, '%Y-%m') = $month)
group by money.region_code, region.region_name
order by money.region_code nulls last
