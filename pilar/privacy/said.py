"""The scan, for one sentence that a person typed: a reason must not carry somebody's name or number into a manifest."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pilar import duck
from pilar.privacy.scan import ScanImpossible, scan


def personal_kinds(text: str, warehouse: Path) -> list[str]:
    """Kinds of personal data in ``text`` (see :class:`~pilar.privacy.Violation`), never the value; empty when clean.

    Known values are looked up in ``warehouse``; before it was ever built only shapes are.
    """
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "said.duckdb"
        with duck.connect(sheet) as connection:
            connection.execute("CREATE TABLE said (sentence VARCHAR)")
            connection.execute("INSERT INTO said VALUES (?)", [text])
        try:
            found = scan(sheet, warehouse if warehouse.is_file() else None)
        except ScanImpossible:
            found = scan(sheet, None)
    return [violation.kind for violation in found]
