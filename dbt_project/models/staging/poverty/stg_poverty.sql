-- One published figure, typed. What can be judged from the figure alone is judged here, by the bounds of its indicator.
with source as (
    {{ new_rows('poverty') }}
),

typed as (
    select
        file_sha256,
        sheet,
        source_row,
        source_column,
        table_title,
        region_label,
        region_code,
        area_type,
        period,
        indicator,
        value_text,
        try_cast(value as decimal(18, 4)) as value,
        unit,
        table_period,
        {{ parse_date('released_on') }} as released_on,
        {{ parse_date('date_text') }} as stated_date,
        {{ row_fingerprint(
            ['region_code', 'region_label', 'area_type', 'period', 'indicator'],
            {'value_text': 'try_cast(value as decimal(18, 4))', 'date_text': parse_date('date_text')}
        ) }} as row_fingerprint
    from source
)

select
    typed.*,
    {{ rules_broken({
        'POVERTY_VALUE_INVALID': 'typed.value is null or typed.value < 0',
        'POVERTY_REGION_UNKNOWN': 'typed.region_code is null',
        'POVERTY_ZERO_VALUE': 'typed.value = 0 and known.least > 0',
        'POVERTY_RATE_RANGE': "known.unit = 'percent' and (typed.value > known.most or typed.value > 0 and typed.value < known.least)",
        'POVERTY_LINE_RANGE':
            "starts_with(known.unit, 'rupiah') and (typed.value > known.most or typed.value > 0 and typed.value < known.least)",
        'POVERTY_VALUE_RANGE':
            "known.unit <> 'percent' and not starts_with(known.unit, 'rupiah')"
            " and (typed.value > known.most or typed.value > 0 and typed.value < known.least)",
        'POVERTY_PERIOD_CONFLICT': "strftime(typed.stated_date, '%Y-%m') not like typed.period || '%'",
        'POVERTY_REFERENCE_MONTH': 'len(typed.period) = 4 and known.yearly_from is not null'
    }) }} as broken_rules
from typed
left join {{ ref('indicators') }} as known on typed.indicator = known.indicator
