select
    pillar_code,
    pillar_name,
    pillar_name_en
from dim_pillar
order by pillar_code
