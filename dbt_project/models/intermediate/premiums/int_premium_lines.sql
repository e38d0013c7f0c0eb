-- Member-months with their state. A file supersedes the months in it, within its region if it gives one.
with lines as (
    select
        line.*,
        coalesce(line.region_code, sender.region_code) as file_region_code,
        case
            when line.coverage_starts_on is not null
                then concat_ws(' | ', {{ month_text('line.coverage_starts_on') }}, coalesce(line.region_code, sender.region_code))
        end as slice_key
    from {{ ref('stg_premiums') }} as line
    inner join {{ source('raw', 'deliveries') }} as delivery on line.file_sha256 = delivery.file_sha256
    left join {{ source('raw', 'region_aliases') }} as sender on {{ match_key('delivery.submitter') }} = sender.alias_key
),

states as (
    {{ row_states('lines') }}
)

select * from states
