select
    figure.region_code,
    region.region_name,
    region.region_level,
    figure.area_type,
    figure.indicator,
    figure.period,
    figure.value,
    figure.unit,
    figure.vintage,
    figure.table_title
from fct_poverty as figure
inner join dim_region as region on figure.region_code = region.region_code
where figure.is_latest
qualify
    row_number() over (
        partition by figure.region_code, figure.area_type, figure.indicator
        order by figure.period desc
    ) = 1
