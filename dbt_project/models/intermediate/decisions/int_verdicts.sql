/*
 Verdicts that may be obeyed: complete, with a verdict and a last day that can be read. `verdict_no` orders them as they
 were delivered, and within a file by row: of two on one matter the higher number counts.
*/
select
    decision.finding_key,
    decision.verdict,
    decision.reason,
    decision.decided_by,
    decision.expires_on,
    cast(delivery.delivered_at + interval 7 hour as date) as decided_on,
    coalesce(decision.verdict = 'waive' and decision.expires_on < cast('{{ env_var("PILAR_NIGHT_DATE") }}' as date), false) as is_expired,
    row_number() over (
        order by delivery.delivered_at, delivery.file_name, decision.file_sha256, decision.sheet, decision.source_row
    ) as verdict_no,
    decision.file_sha256,
    decision.sheet,
    decision.source_row,
    delivery.delivered_at
from {{ ref('stg_decisions') }} as decision
inner join {{ source('raw', 'deliveries') }} as delivery on decision.file_sha256 = delivery.file_sha256 and delivery.feed = 'decisions'
where len(decision.broken_rules) = 0
