-- One published figure, typed. What can be judged from the figure alone is judged here.
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
    *,
    {{ rules_broken({
        'POVERTY_VALUE_INVALID': 'value is null or value < 0',
        'POVERTY_REGION_UNKNOWN': 'region_code is null',
        'POVERTY_RATE_RANGE': "indicator = 'poverty_rate_pct' and value > 100",
        'POVERTY_LINE_RANGE': "indicator = 'poverty_line_idr' and value not between 100000 and 5000000",
        'POVERTY_ZERO_VALUE': "indicator in ('poor_people_thousand', 'poverty_rate_pct', 'poverty_line_idr') and value = 0",
        'POVERTY_PERIOD_CONFLICT': "strftime(stated_date, '%Y-%m') not like period || '%'",
        'POVERTY_REFERENCE_MONTH': 'len(period) = 4'
    }) }} as broken_rules
from typed
