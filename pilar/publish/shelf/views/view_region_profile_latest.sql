select *
from mart_region_profile
where poverty_rate_pct is not null
qualify row_number() over (partition by region_code order by year desc) = 1
