select
    region_code,
    region_name
from dim_region
where region_level = 'kabkota' and parent_code = '3500'
order by region_code
