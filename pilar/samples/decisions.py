"""A steward's verdicts on findings whose keys do not hang on the pseudonym key, which is new in each home."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from pilar.samples import formats
from pilar.samples.formats import Cell
from pilar.samples.model import Delivery, Trap

HEAD: list[Cell] = ["KUNCI TEMUAN", "KEPUTUSAN", "ALASAN", "PETUGAS", "BERLAKU SAMPAI"]


def subject_key(rule_code: str, subject: str) -> str:
    """The key of a finding about a district or reference, as the macro ``subject_key`` makes it."""
    digest = hashlib.md5(f"{rule_code}|{subject}".encode(), usedforsecurity=False).hexdigest()[:16]
    check = hashlib.md5(digest.encode(), usedforsecurity=False).hexdigest()[:4]
    return "f_" + (digest + check).translate(str.maketrans("0123456789", "ghijklmnop"))


def delivery(vacant_district: str, backward_reference: str) -> Delivery:
    """A post that is vacant, a status that the bank has explained, and a key with a slip of the pen.

    ``vacant_district`` is a Home Ministry code, ``backward_reference`` a transfer's.
    """
    vacant = subject_key("TKSK_DISTRICT_NONE", vacant_district)
    explained = subject_key("TRANSFER_STATUS_BACKWARD", backward_reference)
    misspelt = explained[:-1] + ("b" if explained.endswith("a") else "a")
    rows: list[list[Cell]] = [
        [vacant, "waive", "Jabatan lowong menurut Dinsos kabupaten", "petugas.bojonegoro", None],
        [explained, "corrected", "Bank memastikan SUKSES; GAGAL salah kirim", "petugas.provinsi", None],
        [misspelt, "corrected", "Bank memastikan SUKSES", "petugas.provinsi", None],
    ]
    name = "keputusan desember.csv"
    what = "a verdict on a key that Pilar never gave: its last letter is wrong"
    return Delivery(
        "decisions",
        name,
        datetime(2023, 12, 6, 2, 0, tzinfo=UTC),
        formats.delimited([HEAD, *rows], ","),
        "Verdicts: a vacant post waived, a status explained by the bank, a misspelt key. CSV `,`.",
        rows_read=len(rows),
        traps=(Trap("DECISION_FINDING_UNKNOWN", what, name, len(rows) + 1),),
    )
