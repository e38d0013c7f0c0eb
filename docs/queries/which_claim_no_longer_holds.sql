-- Pernyataan publik mana yang tidak (lagi) sesuai dengan bukti?
-- Which public claim does not hold, or no longer does?
--
-- DIFFERS: dihitung ulang, hasilnya lain. NOT_VERIFIABLE: tidak ada berkas yang dapat membuktikannya.
-- DIFFERS: recomputed, and it comes to something else. NOT_VERIFIABLE: no file can settle it.
select
    verdict,
    claim_id,
    claim_text || ' / ' || claim_text_en as claim,
    published_value::decimal(18, 2) as published,
    recomputed_value::decimal(18, 2) as recomputed,
    unit,
    basis
from mart_claims
where verdict <> 'CONFIRMED'
order by verdict, claim_id;
