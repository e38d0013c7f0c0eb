-- Every file that ever landed and what became of its rows: read = accepted + quarantined + superseded.
with arrived as (
    select
        arrival.*,
        row_number() over (partition by arrival.feed, arrival.file_sha256 order by arrival.delivered_at, arrival.file_name) as nth
    from {{ source('raw', 'arrivals') }} as arrival
    -- Landing the same file again under its own name, say with a new time, says nothing new.
    qualify row_number() over (
        partition by arrival.feed, arrival.file_sha256, arrival.file_name order by arrival.delivered_at, arrival.received_at
    ) = 1
)

select
    arrived.feed,
    coalesce(arrived.submitter, '-') as submitter,
    {{ publishable_file_name('arrived.file_name') }} as file_name,
    {{ publishable_hash('arrived.file_sha256') }} as file_sha256,
    case
        when arrived.nth > 1 then 'duplicate'
        when delivery.state = 'rejected' then 'rejected'
        when delivery.rows_read > 0 and counted.rows_superseded = delivery.rows_read then 'superseded'
        else 'accepted'
    end as state,
    case when arrived.nth > 1 then 0 else delivery.rows_read end as rows_read,
    case when arrived.nth > 1 then 0 else coalesce(counted.rows_accepted, 0) end as rows_accepted,
    case when arrived.nth > 1 then 0 else coalesce(counted.rows_quarantined, 0) end as rows_quarantined,
    case when arrived.nth > 1 then 0 else coalesce(counted.rows_superseded, 0) end as rows_superseded,
    case when arrived.nth > 1 then 0 else coalesce(counted.rows_waived, 0) end as rows_waived,
    case
        when arrived.nth > 1 then 'FILE_DUPLICATE'
        else delivery.rule_code
    end as rule_code,
    case
        when arrived.nth > 1 then 'Isi sama dengan berkas yang sudah diterima / same bytes as a file already taken'
        when delivery.state = 'rejected' then concat_ws(' / ', delivery.reason_id, delivery.reason_en)
    end as reason,
    case
        when arrived.nth > 1 then []
        else list_transform(coalesce(counted.superseded_by, []), lambda newer: {{ publishable_hash('newer') }})
    end as superseded_by,
    arrived.delivered_at,
    arrived.received_at
from arrived
inner join {{ source('raw', 'deliveries') }} as delivery on arrived.file_sha256 = delivery.file_sha256 and arrived.feed = delivery.feed
left join {{ ref('int_file_rows') }} as counted on arrived.file_sha256 = counted.file_sha256
