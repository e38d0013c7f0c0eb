select
    money.event_id,
    money.benefit_code,
    region.bakorwil,
    money.region_code,
    region.region_name,
    money.pillar_code,
    count(*) as payees,
    sum(money.entitled_idr) as entitled_idr,
    sum(money.instructed_idr) as instructed_idr,
    sum(money.paid_idr) as paid_idr,
    sum(money.failed_idr) as failed_idr,
    sum(money.returned_idr) as returned_idr,
    sum(money.pending_idr) as pending_idr,
    sum(greatest(money.entitled_idr - money.paid_idr, 0)) as unpaid_idr,
    sum(greatest(money.paid_idr - money.entitled_idr, 0)) as paid_beyond_idr
from mart_disbursement_reconciliation as money
left join dim_region as region on money.region_code = region.region_code
group by money.event_id, money.benefit_code, region.bakorwil, money.region_code, region.region_name, money.pillar_code
