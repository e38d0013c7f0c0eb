-- Pernyataan publik mana yang tidak (lagi) sesuai dengan bukti, dan sejak berkas apa?
-- Which public claim does not hold, or no longer does, and since which file?
--
-- DIFFERS: dihitung ulang, hasilnya lain. NOT_VERIFIABLE: tidak ada berkas yang dapat membuktikannya. held_until hanya ada
-- untuk pernyataan yang pernah terbukti.
-- DIFFERS: recomputed, and it comes to something else. NOT_VERIFIABLE: no file can settle it. held_until is there only for
-- a claim that once held.
with falls as (
    select
        claim_id,
        max(known_from) as held_until,
        arg_max(file_name, known_from) as changed_by
    from mart_claim_history
    where verdict = 'DIFFERS' and verdict_before = 'CONFIRMED'
    group by claim_id
)

select
    claim.verdict,
    claim.claim_id,
    claim.claim_text || ' / ' || claim.claim_text_en as claim,
    claim.published_value::decimal(18, 2) as published,
    claim.recomputed_value::decimal(18, 2) as recomputed,
    claim.unit,
    falls.held_until,
    falls.changed_by,
    coalesce(claim.settle_by || ' / ' || claim.settle_by_en, claim.basis) as basis
from mart_claims as claim
left join falls on claim.claim_id = falls.claim_id and claim.verdict = 'DIFFERS'
where claim.verdict <> 'CONFIRMED'
order by claim.verdict, claim.claim_id;
