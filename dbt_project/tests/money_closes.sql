-- Money closes at every level, or we are wrong: a file that contradicts itself is the bank's affair, a figure of ours holds the night.
select
    level,
    what,
    difference_idr
from {{ ref('int_money_control') }}
where cause = 'PILAR'
