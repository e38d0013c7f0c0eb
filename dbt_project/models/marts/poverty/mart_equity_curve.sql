/*
 Where the poor are and where the pillars and their money are: kab/kota in order of poverty, the poorest first, with the
 shares of both summed up. Kab/kota of one rate share a point of the curve, so that no order among them counts.
*/
{% set measures = ['people', 'pkh_people', 'tagana_people', 'tksk_people', 'paid_idr'] %}
with profiles as (
    select *
    from {{ ref('mart_region_profile') }}
    where poverty_rate_pct is not null and poor_people_thousand > 0
    -- Rates of another month than the most have that year have another season.
    qualify poverty_period = arg_max(poverty_period, (regions_ranked, poverty_period)) over (partition by year)
),

measured as (
    {%- for measure in measures %}
    select
        year,
        '{{ measure }}' as measure,
        region_code,
        poverty_rate_pct,
        poor_people_thousand,
        cast({{ measure }} as decimal(18, 2)) as value
    from profiles
    where {{ measure }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

summed as (
    select
        *,
        rank() over poorest_first as place,
        sum(poor_people_thousand) over poorest_first as poor_so_far,
        sum(value) over poorest_first as value_so_far,
        sum(poor_people_thousand) over (partition by year, measure) as poor_in_all,
        nullif(sum(value) over (partition by year, measure), 0) as value_in_all
    from measured
    -- The default frame (range) takes all of one rate together.
    window poorest_first as (partition by year, measure order by poverty_rate_pct desc)
)

select
    year,
    measure,
    region_code,
    cast(place as integer) as place,
    poverty_rate_pct,
    poor_people_thousand,
    value,
    cast(round(poor_people_thousand / poor_in_all, 6) as decimal(9, 6)) as poor_share,
    cast(round(value / value_in_all, 6) as decimal(9, 6)) as value_share,
    cast(round(poor_so_far / poor_in_all, 6) as decimal(9, 6)) as cumulative_poor_share,
    cast(round(value_so_far / value_in_all, 6) as decimal(9, 6)) as cumulative_value_share
from summed
