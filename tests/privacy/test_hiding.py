"""Names of files and sheets in which somebody stands are shown without them, and found again by who has the key."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import duckdb
import pytest

from pilar import items, landing
from pilar.config import Home
from pilar.privacy import hiding, load_key, scan
from tests.privacy.conftest import ACCOUNT, NAME, NIK

KEY = b"a key of the tests, good for nothing but the tests"


@pytest.mark.parametrize(
    ("text", "names", "shown"),
    [
        (f"data {NIK}.csv", [], "data @.csv"),
        ("nik 352201-410790-0012 lagi.csv", [], "nik @ lagi.csv"),
        ("Data Melati Kusumaningrum.xlsx", [("MELATI", "KUSUMANINGRUM")], "Data @.xlsx"),
        ("rek_Mélati-kusumaningrum_2.ods", [("MELATI", "KUSUMANINGRUM")], "rek_@_2.ods"),
        ("Melati saja.xlsx", [("MELATI", "KUSUMANINGRUM")], "Melati saja.xlsx"),
        (f"Melati Kusumaningrum {ACCOUNT}", [("MELATI", "KUSUMANINGRUM")], "@ @"),
    ],
)
def test_who_is_named_is_left_out(text: str, names: list[tuple[str, ...]], shown: str) -> None:
    told = hiding.shown(text, names, KEY)
    assert told == shown.replace("@", f"•••{hiding.tag(text, KEY)}")
    assert hiding.revealed(told, ["another", text], KEY) == text
    assert told == text or hiding.revealed(told, [text], b"another key" * 4) == told


def candidate(path: Path) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE file_ledger (file_name VARCHAR, submitter VARCHAR, reason VARCHAR)")
        connection.execute(
            "INSERT INTO file_ledger VALUES (?, 'Kab A', NULL), ('biasa 20231120.csv', ?, ?), ('c.csv', 'Kab B', NULL)",
            [f"nik {NIK[:6]}-{NIK[6:12]}-{NIK[12:]}.csv", NIK, f"Judul / header: {NAME.upper()}"],
        )
    return path


def test_it_learns_the_texts_behind_violations_once(home: Home, warehouse: Path, tmp_path: Path) -> None:
    shutil.copy(warehouse, home.warehouse)
    judged = candidate(tmp_path / "candidate.duckdb")
    found = scan(judged, home.warehouse)
    assert {violation.column for violation in found} == {"file_name", "submitter", "reason"}
    assert hiding.learn(home, judged, found) == 3
    known = hiding.known(home)
    assert set(known) == {f"nik {NIK[:6]}-{NIK[6:12]}-{NIK[12:]}.csv", NIK, f"Judul / header: {NAME.upper()}"}
    told = " ".join(known.values()).upper()
    assert "MELATI KUSUMANINGRUM" not in told
    assert NIK[12:] not in told
    assert hiding.learn(home, judged, found) == 0
    assert stat.S_IMODE((home.raw / hiding.RECORD).stat().st_mode) == 0o600


def test_elsewhere_a_value_is_no_name_and_still_holds(home: Home, warehouse: Path, tmp_path: Path) -> None:
    shutil.copy(warehouse, home.warehouse)
    path = tmp_path / "candidate.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE fct (batch VARCHAR)")
        connection.execute("INSERT INTO fct VALUES (?)", [NAME])
    found = scan(path, home.warehouse)
    assert found
    assert hiding.learn(home, path, found) == 0
    assert hiding.known(home) == {}


def test_a_file_named_after_a_number_is_told_masked_and_found_again(home: Home) -> None:
    folder = home.landing / "rosters" / NIK
    folder.mkdir(parents=True)
    for name in (f"{ACCOUNT} a.csv", f"{ACCOUNT} b.csv", "biasa.csv"):
        (folder / name).write_text(name)
    (home.landing / "rosters" / "biasa 20231120.csv").write_text("x")
    files = list(landing.files(home))
    told = [items.item_of(home, file) for file in files]
    assert [items.file_of(home, item) for item in told] == files
    assert not [item for item in told if NIK in str(item) or ACCOUNT in str(item)]
    assert len({items.name_of(item) for item in told}) == 4
    assert [("path" in item) for item in told if item["file_name"] == "biasa 20231120.csv"] == [True]
    (folder / f"{ACCOUNT} a.csv").unlink()
    gone = next(item for item, file in zip(told, files, strict=True) if file.path.name == f"{ACCOUNT} a.csv")
    assert landing.ingest(home, items.file_of(home, gone)).outcome == "waiting"
    assert load_key(home) not in str(told).encode()
