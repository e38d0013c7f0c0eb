select
    reference_no,
    event_id,
    benefit_code,
    status,
    reason_code,
    amount_idr,
    instructed_on,
    settled_on,
    retry_of,
    delivered_at,
    file_sha256,
    sheet,
    source_row
from fct_transfer_statement
where row_state <> 'quarantined' and delivered_at <= cast(known_at as timestamp)
qualify row_number() over (partition by reference_no order by statement_no desc) = 1
