-- Dari transfer yang gagal atau kembali, berapa yang diulang, dan berapa ulangannya yang berhasil?
-- Of the transfers that failed or came back, how many were tried again, and how many of those worked?
--
-- Ulangan yang disebut bank maupun yang dikenali Pilar dari orang dan nominalnya (retry_of).
-- Repeats that the bank names, and those that Pilar recognises by person and amount (retry_of).
with failed as (
    select
        reference_no,
        event_id,
        status,
        reason_code,
        amount_idr
    from fct_disbursement
    where status in ('GAGAL', 'RETUR')
),

repeated as (
    select
        retry_of,
        count(*) as repeats,
        bool_or(status = 'SUKSES') as worked,
        bool_or(status = 'PROSES') as is_under_way
    from fct_disbursement
    where retry_of is not null
    group by retry_of
)

select
    failed.event_id,
    failed.status,
    failed.reason_code,
    count(*) as failed,
    count(repeated.retry_of) as tried_again,
    count(*) filter (where repeated.worked) as worked,
    count(*) filter (where repeated.is_under_way and not repeated.worked) as under_way,
    coalesce(sum(failed.amount_idr) filter (where repeated.worked), 0) as worked_idr,
    sum(failed.amount_idr) as failed_idr
from failed
left join repeated on failed.reference_no = repeated.retry_of
group by failed.event_id, failed.status, failed.reason_code
order by failed.event_id, failed.status, failed.reason_code;
