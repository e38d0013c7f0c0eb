-- The three pillars.
select
    pillar_code,
    pillar_name,
    pillar_name_en
from {{ ref('pillars') }}
