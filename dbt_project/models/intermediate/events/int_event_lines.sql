-- Entitlement lines with the kab/kota they reach; the newest file of an event supersedes the earlier ones.
with named_regions as (
    select
        line.file_sha256,
        line.sheet,
        line.source_row,
        list(distinct alias.region_code order by alias.region_code) filter (where alias.region_code is not null) as region_codes,
        count(*) filter (where alias.region_code is null) as unknown_names
    from {{ ref('stg_events') }} as line
    cross join unnest(string_split(line.region_text, ';')) as named (region_name)
    left join {{ source('raw', 'region_aliases') }} as alias on {{ match_key('named.region_name') }} = alias.alias_key
    where {{ match_key('named.region_name') }} is not null
    group by all
),

office_regions as (
    select
        line.file_sha256,
        line.sheet,
        line.source_row,
        list(distinct member.region_code order by member.region_code) as region_codes
    from {{ ref('stg_events') }} as line
    inner join {{ ref('bakorwil_members') }} as member
        on
            line.bakorwil_key = {{ match_key('member.bakorwil') }}
            and line.event_date >= member.valid_from
            and line.event_date < coalesce(member.valid_to, date '9999-12-31')
    group by all
),

lines as (
    select
        line.* exclude (broken_rules),
        line.event_id as slice_key,
        coalesce(named.region_codes, office.region_codes, []) as region_codes,
        case
            when coalesce(named.unknown_names, 0) > 0 or coalesce(named.region_codes, office.region_codes) is null
                then list_append(line.broken_rules, 'EVENT_REGION_UNKNOWN')
            else line.broken_rules
        end as broken_rules
    from {{ ref('stg_events') }} as line
    left join named_regions as named
        on line.file_sha256 = named.file_sha256 and line.sheet = named.sheet and line.source_row = named.source_row
    left join office_regions as office
        on line.file_sha256 = office.file_sha256 and line.sheet = office.sheet and line.source_row = office.source_row
),

states as (
    {{ row_states('lines') }}
)

select * from states
