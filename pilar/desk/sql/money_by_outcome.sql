-- What became of the promises, by outcome. The month is the event's.
select
    money.outcome,
    count(*) as payees,
    sum(money.entitled_idr) as entitled_idr,
    sum(money.paid_idr) as paid_idr,
    sum(money.returned_idr) as returned_idr,
    sum(greatest(money.entitled_idr - money.paid_idr, 0)) as unpaid_idr
from mart_disbursement_reconciliation as money
left join dim_event as event on money.event_id = event.event_id
where
    ($event is null or money.event_id = $event)
    and ($region is null or money.region_code = $region)
    and ($pillar is null or money.pillar_code = $pillar)
    and ($month is null or strftime(event.event_date, '%Y-%m') = $month)
group by money.outcome
order by payees desc, money.outcome
