-- Berapa rupiah yang gagal atau kembali, karena alasan bank yang mana, dan berapa orangnya yang kemudian tetap menerima?
-- How much money failed or came back, for which of the bank's reasons, and how many of its people were paid after all?
--
-- GAGAL tidak pernah keluar dari bank, RETUR kembali sesudah keluar. Satu orang dapat tercatat pada lebih dari satu alasan.
-- GAGAL never left the bank, RETUR left and came back. One person may stand under more than one reason.
select
    event_id,
    status,
    reason_code,
    meaning_id || ' / ' || meaning_en as meaning,
    attempts,
    amount_idr,
    payees,
    payees_paid_since
from view_returned_by_reason
order by amount_idr desc, event_id, status, reason_code;
