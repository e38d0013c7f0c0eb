select
    release_id,
    built_at,
    data_through,
    gate_result
from release_info
