with known as (
    select
        figure.region_code,
        figure.area_type,
        figure.indicator,
        figure.period,
        figure.value,
        figure.unit,
        figure.vintage,
        figure.table_title,
        figure.file_sha256
    from fct_poverty as figure
    left join file_ledger as ledger
        on figure.file_sha256 = ledger.file_sha256 and ledger.feed = 'poverty' and ledger.state <> 'duplicate'
    where
        -- A period without its month (2023) counts from the start of its year.
        figure.period <= left(strftime(cast(as_of_day as date), '%Y-%m'), length(figure.period))
        and (known_at is null or ledger.delivered_at <= cast(known_at as timestamp))
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
