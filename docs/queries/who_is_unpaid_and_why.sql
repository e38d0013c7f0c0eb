-- Siapa yang berhak tetapi belum menerima seluruh haknya, mengapa, dan apa langkah berikutnya?
-- Who is entitled and has not got all of it, why, and what comes next?
--
-- Baris daftar yang memberi hak disebut dengan berkas, lembar, dan nomornya.
-- The roster row that entitles is named by file, sheet and number.
select
    event_id,
    region_name,
    pillar_code,
    participant_id,
    outcome,
    missing_idr,
    attempts,
    why_id || ' / ' || why_en as why,
    next_step_id || ' / ' || next_step_en as next_step,
    file_name,
    sheet,
    source_row
from view_unpaid_people
order by event_id, outcome, region_code, participant_id;
