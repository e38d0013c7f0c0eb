/*
 Bank rows whose state or place in a transfer's life may differ from what the last night said: the batches that new files
 speak of, as every file tells them (`is_restated`), and other rows about the same transfers. Rows without a batch go with
 their file, and a sheet that contradicts itself is judged as a whole: the batches of such files are always among
 them. Empty when all is built anew.
*/
with new_files as (
    select file_sha256
    from {{ source('raw', 'news') }}
),

odd_files as (
    select file_sha256
    from {{ ref('stg_disbursements') }}
    where batch is null
    union
    select file_sha256
    from {{ ref('int_sheet_controls') }}
    where is_contradicted
),

told_batches as (
    select distinct batch
    from {{ ref('stg_disbursements') }}
    where file_sha256 in (select new_files.file_sha256 from new_files) or file_sha256 in (select odd_files.file_sha256 from odd_files)
),

-- Two spellings of a batch are two slices, but a verdict on a row of the one is a verdict on the same row of the other.
batches as (
    select batch
    from (select distinct batch from {{ ref('stg_disbursements') }})
    where {{ match_key('batch') }} in (select {{ match_key('told_batches.batch') }} from told_batches)
),

restated as (
    select
        file_sha256,
        sheet,
        source_row,
        reference_no
    from {{ ref('stg_disbursements') }}
    where (batch is null or batch in (select batches.batch from batches)) and exists (select 1 from new_files)
),

transfers as (
    select distinct reference_no
    from restated
    where reference_no is not null
)

select
    *,
    true as is_restated
from restated
union all
select
    line.file_sha256,
    line.sheet,
    line.source_row,
    line.reference_no,
    false as is_restated
from {{ ref('stg_disbursements') }} as line
inner join transfers on line.reference_no = transfers.reference_no
where line.batch is not null and line.batch not in (select batches.batch from batches)
