-- Indicators that Pilar reads, with their units and the bounds of a figure.
select
    indicator,
    name_id as indicator_name,
    name_en as indicator_name_en,
    unit,
    cast(decimals as integer) as decimals,
    cast(least as decimal(18, 4)) as least,
    cast(most as decimal(18, 4)) as most
from {{ ref('indicators') }}
