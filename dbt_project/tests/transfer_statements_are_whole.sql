-- The statements are a view, on which no NOT NULL can be enforced: what its contract promises is asked here.
select
    reference_no,
    statement_no
from {{ ref('fct_transfer_statement') }}
where
    reference_no is null or statement_no is null or is_latest is null or counts is null or row_state is null
    or goes_backward is null or delivered_at is null or submitter is null or file_sha256 is null or source_row is null
