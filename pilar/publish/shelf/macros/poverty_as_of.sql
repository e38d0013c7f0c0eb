with known as (
    select *
    from fct_poverty
    where
        -- A period without its month (2023) counts from the start of its year.
        period <= left(strftime(cast(as_of_day as date), '%Y-%m'), length(period))
        and (known_at is null or known_from <= cast(known_at as timestamp))
)

select
    known.region_code,
    region.region_name,
    known.area_type,
    known.indicator,
    known.period,
    known.value,
    known.unit,
    known.vintage,
    known.table_title,
    known.file_sha256
from known
inner join dim_region as region on known.region_code = region.region_code
qualify
    row_number() over (
        partition by known.region_code, known.area_type, known.indicator
        order by known.period desc, known.vintage desc
    ) = 1
