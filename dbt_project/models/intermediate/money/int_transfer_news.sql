-- Transfers that new statements speak of, and those that repeat one of them, step by step. Empty when all is built anew.
with recursive retries as materialized (
    select
        reference_no,
        retry_of
    from {{ ref('int_disbursement_lines') }}
    where row_state = 'accepted' and retry_of is not null
),

reached as (
    select reference_no
    from {{ ref('int_disbursement_news') }}
    where reference_no is not null
    union
    select retry.reference_no
    from retries as retry
    inner join reached on retry.retry_of = reached.reference_no
)

select reference_no from reached
