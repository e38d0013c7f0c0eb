-- Findings about files as a whole. One that was refused is mended when a file of its name was read later; one whose bytes
-- in raw/ are damaged, when they are back, and then the finding is gone.
with files as (
    select
        feed,
        file_sha256,
        file_name,
        received_at,
        state,
        rule_code
    from {{ source('raw', 'deliveries') }}
)

select
    files.feed,
    files.file_sha256,
    files.rule_code,
    max(mended.file_sha256) is not null as is_superseded,
    arg_min(mended.file_sha256, mended.received_at) as newest_sha256,
    {{ finding_key('files.rule_code', 'files.file_sha256', "''", '0') }} as finding_key
from files
left join files as mended
    on
        files.feed = mended.feed
        and files.file_name = mended.file_name
        and files.received_at <= mended.received_at
        and mended.state = 'read'
where files.state = 'rejected'
group by files.feed, files.file_sha256, files.rule_code

union all

select
    damage.feed,
    damage.file_sha256,
    'RAW_BYTES_DAMAGED' as rule_code,
    false as is_superseded,
    null as newest_sha256,
    {{ finding_key("'RAW_BYTES_DAMAGED'", 'damage.file_sha256', "''", '0') }} as finding_key
from {{ source('raw', 'damage') }} as damage
