/*
 Sums that figures stand in, and whether they come out: urban + rural = total within a table; members = parent within an
 area, a table's members being held against any table's parent; and where they do, the parent's rate against those of its
 members, weighted by their people / rate. Grain: sum × place in it. A cell that a table states twice is tried with each
 value. Rounding allows half a last digit for each figure of a sum, and a rate 0.05.
*/
with sound as (
    select *
    from {{ ref('int_poverty_cells') }} as cell
    anti join {{ ref('int_poverty_odd_figures') }} as odd on cell.place_key = odd.place_key and odd.rule_code <> 'POVERTY_ROWS_EQUAL'
    where cell.is_sound
),

cells as (
    select *
    from sound
    where adds_up
),

triples as (
    select
        total.place_key as total_place,
        urban.place_key as urban_place,
        rural.place_key as rural_place,
        abs(coalesce(urban.value, 0) + coalesce(rural.value, 0) - total.value)
        <= 3 * greatest(total.half_digit, coalesce(urban.half_digit, 0), coalesce(rural.half_digit, 0)) as is_right
    from cells as total
    left join cells as urban
        on
            total.table_key = urban.table_key
            and total.region_code = urban.region_code
            and total.period = urban.period
            and total.indicator = urban.indicator
            and urban.area_type = 'urban'
    left join cells as rural
        on
            total.table_key = rural.table_key
            and total.region_code = rural.region_code
            and total.period = rural.period
            and total.indicator = rural.indicator
            and rural.area_type = 'rural'
    where total.area_type = 'total' and (urban.place_key is not null or rural.place_key is not null)
),

-- Without one of its areas a sum can come out (a province without villages), but it cannot be wrong.
areas as (
    select
        'areas ' || concat_ws(' ', total_place, urban_place, rural_place) as sum_key,
        is_right,
        total_place as whole_place,
        unnest([total_place, urban_place, rural_place]) as place_key
    from triples
    where is_right or (urban_place is not null and rural_place is not null)
),

members as (
    select
        table_key,
        parent_code,
        region_code,
        area_type,
        period,
        indicator,
        min(value) as value,
        count(distinct value) as ways,
        max(half_digit) as half_digit
    from cells
    where parent_code is not null
    group by all
    union all
    -- A region whose one area is its total has nothing of the other.
    select
        total.table_key,
        total.parent_code,
        total.region_code,
        case area.area_type when 'urban' then 'rural' else 'urban' end as area_type,
        total.period,
        total.indicator,
        0 as value,
        1 as ways,
        max(total.half_digit) as half_digit
    from cells as total
    inner join cells as area
        on
            total.table_key = area.table_key
            and total.region_code = area.region_code
            and total.period = area.period
            and total.indicator = area.indicator
            and total.value = area.value
            and area.area_type <> 'total'
    where total.area_type = 'total' and total.parent_code is not null
    group by all
),

one_each as (
    select
        table_key,
        parent_code,
        region_code,
        area_type,
        period,
        indicator,
        max(value) as value,
        max(ways) as ways,
        max(half_digit) as half_digit
    from members
    group by all
),

needed as (
    select
        parent_code,
        count(*) filter (where not list_contains({{ young_provinces() }}, region_code)) as members
    from {{ ref('regions') }}
    where parent_code is not null
    group by parent_code
),

member_sums as (
    select
        one_each.table_key,
        one_each.parent_code,
        one_each.area_type,
        one_each.period,
        one_each.indicator,
        sum(one_each.value) as value,
        max(one_each.half_digit) * (count(*) + 1) as tolerance,
        max(one_each.ways) as ways
    from one_each
    inner join needed on one_each.parent_code = needed.parent_code
    group by all
    having
        count(*) filter (where not list_contains({{ young_provinces() }}, one_each.region_code)) = max(needed.members)
        and count(*) filter (where one_each.ways > 1) <= 1
),

-- The parent of the table itself; failing that, what other tables say of it, where the period is the same beyond doubt.
parents as (
    select
        sums.table_key,
        sums.value,
        sums.ways,
        sums.period,
        sums.area_type,
        sums.indicator,
        parent.region_code as parent_code,
        parent.place_key,
        parent.value as parent_value,
        greatest(sums.tolerance, parent.half_digit) as tolerance
    from member_sums as sums
    inner join cells as parent
        on
            sums.parent_code = parent.region_code
            and sums.area_type = parent.area_type
            and sums.period = parent.period
            and sums.indicator = parent.indicator
            and (sums.table_key = parent.table_key or len(parent.period) = 7 or parent.yearly_from is null)
    qualify sums.table_key = parent.table_key or not bool_or(sums.table_key = parent.table_key) over (
        partition by sums.table_key, sums.parent_code, sums.area_type, sums.period, sums.indicator
    )
),

member_places as (
    select
        parents.table_key,
        parents.place_key as parent_place,
        cells.place_key,
        abs(parents.value - one_each.value + cells.value - parents.parent_value) <= parents.tolerance as is_right,
        one_each.ways > 1 as is_one_of_several
    from parents
    inner join cells
        on
            parents.table_key = cells.table_key
            and parents.parent_code = cells.parent_code
            and parents.area_type = cells.area_type
            and parents.period = cells.period
            and parents.indicator = cells.indicator
    inner join one_each
        on
            cells.table_key = one_each.table_key
            and cells.region_code = one_each.region_code
            and cells.area_type = one_each.area_type
            and cells.period = one_each.period
            and cells.indicator = one_each.indicator
),

-- With a member stated twice there is a sum for each way: it comes out for all others if it does for one.
ways_right as (
    select
        table_key,
        parent_place,
        bool_or(is_right) as is_right
    from member_places
    group by all
    having bool_or(is_one_of_several)
),

whole as (
    select
        places.table_key,
        places.parent_place,
        places.place_key,
        case when places.is_one_of_several then places.is_right else coalesce(ways.is_right, places.is_right) end as is_right
    from member_places as places
    left join ways_right as ways on places.table_key = ways.table_key and places.parent_place = ways.parent_place
    union all
    select
        places.table_key,
        places.parent_place,
        places.parent_place as place_key,
        bool_or(coalesce(ways.is_right, places.is_right)) as is_right
    from member_places as places
    left join ways_right as ways on places.table_key = ways.table_key and places.parent_place = ways.parent_place
    group by places.table_key, places.parent_place
),

rates as (
    select
        people.place_key as people_place,
        rate.place_key,
        rate.value as rate,
        people.value as people
    from sound as people
    inner join sound as rate
        on people.row_key = rate.row_key and people.indicator = 'poor_people_thousand' and rate.indicator = 'poverty_rate_pct'
    where people.value > 0 and rate.value > 0
),

-- Population of other years is no yardstick for the weights: it was rebased in 2010 and 2020.
rated as (
    select
        parent.place_key as whole_place,
        abs(parent.rate - 100 * sum(child.people) / sum(100 * child.people / child.rate)) <= 0.05 as is_right,
        list(child.place_key) filter (where child.place_key is not null) as places
    from whole
    inner join rates as parent on whole.parent_place = parent.people_place
    left join rates as child on whole.place_key = child.people_place and whole.place_key <> whole.parent_place
    where whole.is_right
    group by whole.table_key, parent.place_key, parent.rate
    having count(child.place_key) >= 5 and count(child.place_key) = count(*) - 1
)

select
    sum_key,
    'areas' as kind,
    whole_place,
    place_key,
    is_right
from areas
where place_key is not null
union all
select
    'members ' || table_key || ' ' || parent_place as sum_key,
    'members' as kind,
    parent_place as whole_place,
    place_key,
    is_right
from whole
union all
select
    'rates ' || whole_place as sum_key,
    'rates' as kind,
    whole_place,
    unnest(list_append(places, whole_place)) as place_key,
    is_right
from rated
