-- A programme has one rate at a time, or nobody can say what a month costs.
select
    earlier.program,
    earlier.valid_from,
    later.valid_from as next_valid_from
from {{ ref('premium_rates') }} as earlier
inner join {{ ref('premium_rates') }} as later
    on
        {{ program_code('earlier.program') }} = {{ program_code('later.program') }}
        and (earlier.valid_from < later.valid_from or (earlier.valid_from = later.valid_from and earlier.amount_idr < later.amount_idr))
where earlier.valid_to is null or earlier.valid_to > later.valid_from
