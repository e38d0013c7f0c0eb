-- Siapa yang menerima lebih dari haknya, dan lewat transfer yang mana?
-- Who got more than they are entitled to, and by which transfers?
select
    money.event_id,
    region.region_name,
    money.participant_id,
    money.entitled_idr,
    money.paid_idr,
    money.paid_idr - money.entitled_idr as too_much_idr,
    list(attempt.reference_no order by attempt.instructed_on, attempt.reference_no) as paid_by
from mart_disbursement_reconciliation as money
inner join fct_disbursement as attempt
    on
        money.event_id = attempt.event_id
        and money.benefit_code = attempt.benefit_code
        and money.participant_id = attempt.participant_id
        and attempt.status = 'SUKSES'
left join dim_region as region on money.region_code = region.region_code
where money.outcome = 'OVERPAID'
group by all
order by too_much_idr desc, money.event_id, money.participant_id;
