-- The newest verdict on each finding; a waiver holds until its last day has passed.
with ordered as (
    select
        decision.*,
        row_number() over (
            partition by decision.finding_key
            order by delivery.delivered_at desc, delivery.file_name desc, decision.source_row desc
        ) as age
    from {{ ref('stg_decisions') }} as decision
    inner join {{ source('raw', 'deliveries') }} as delivery on decision.file_sha256 = delivery.file_sha256
    where len(decision.broken_rules) = 0
)

select
    finding_key,
    verdict,
    reason,
    decided_by,
    expires_on,
    coalesce(expires_on >= cast('{{ env_var("PILAR_NIGHT_DATE") }}' as date), true) as is_in_force
from ordered
where age = 1
