{{ config(materialized='view') }}
-- Every row of a bank file with its state. A view, because nearly all rows are plain: only the exceptions are written down.
{{ disbursement_lines(ref('int_disbursement_exceptions')) }}
