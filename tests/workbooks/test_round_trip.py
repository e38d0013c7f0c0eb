"""A mended workbook that comes back is read as the correction: of every format, whatever else Pilar wrote into it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from pilar import raw, workbooks
from pilar.config import Home, Limits
from pilar.contracts import contracts
from pilar.reading import reader
from pilar.reading.model import Rejected
from tests.conftest import Night
from tests.workbooks.conftest import MENDED, folder

WHOLE = {
    "rosters/kab-bojonegoro/Pilar Sosial Bojonegoro PERBAIKAN.xlsx": "xlsx",
    "rosters/kab-jombang/Pilar Jombang.xls": "xls",
    "rosters/kab-mojokerto/DATA PILAR KAB MOJOKERTO.ods": "ods",
    "rosters/kab-nganjuk/pilar_nganjuk_nov2023.csv": "csv",
    "rosters/kab-tuban/PILAR TUBAN.csv": "csv",
    "rosters/kab-gresik/pilar gresik.txt": "txt",
    "rosters/kota-mojokerto/pilar-sosial.json": "json",
    "rosters/kab-lamongan/Pilar Lamongan.zip": "zip",
    "premiums/bpjs-ketenagakerjaan/iuran pilar sosial 2023.zip": "zip",
    "disbursements/bank-jatim/SP2D-0467 ulang.csv": "csv",
    "disbursements/bank-jatim/SP2D-0479.csv": "csv",
    "poverty/bps/Penduduk Miskin Provinsi.zip": "zip",
}


def saved_again(source: Path, target: Path) -> Path:
    """As Excel does: shared strings, comments and validations are written anew."""
    openpyxl.load_workbook(source).save(target)
    return target


def rows_of(path: Path, feed: str, above: int) -> Counter[tuple[object, ...]]:
    table = pq.read_table(path).drop_columns(["file_sha256"])
    rows = table.to_pylist()
    for row in rows:
        row["source_row"] += above
        row["numeric_cells"] = tuple(sorted(row["numeric_cells"] or ()))
    return Counter(tuple(row.values()) for row in rows)


def read_again(home: Home, feed: str, landed: str, path: Path, work: Path) -> Path:
    rows = work / "rows.parquet"
    reader.read(
        path,
        contracts()[feed],
        file_name=landed,
        sha256="0" * 64,
        limits=Limits(),
        rows_to=rows,
        work=work / "unpacked",
    )
    return rows


@pytest.mark.parametrize("name", WHOLE)
def test_an_unmended_workbook_brings_the_same_rows(name: str, sample_night: Night, tmp_path: Path) -> None:
    feed, submitter, file = name.split("/")
    home = sample_night.home
    (receipt,) = [one for one in raw.receipts(home) if one.feed == feed and one.file_name == f"{submitter}/{file}"]
    workbook = folder(home) / submitter / f"{file.rpartition('.')[0]}.xlsx"
    again = saved_again(workbook, tmp_path / "apa saja.xlsx")
    found = rows_of(read_again(home, feed, f"{submitter}/apa saja.xlsx", again, tmp_path), feed, 0)
    assert found == rows_of(raw.rows_path(home, receipt), feed, 1 if WHOLE[name] == "json" else 0)


def test_rows_that_a_later_file_holds_do_not_come_back(sample_night: Night, tmp_path: Path) -> None:
    home = sample_night.home
    workbook = folder(home) / "bank-jatim" / "SP2D-0451 20231121.xlsx"
    again = saved_again(workbook, tmp_path / "lama.xlsx")
    with pytest.raises(Rejected, match="FILE_NO_ROWS"):
        read_again(home, "disbursements", "bank-jatim/lama.xlsx", again, tmp_path)


def open_rules(night: Night, submitter: str) -> Counter[str]:
    found = night.ask(
        "SELECT rule_code, count(*) FROM quality_findings WHERE state = 'open' AND feed = 'rosters' AND submitter = "
        f"'{submitter}' AND category IN ('validity', 'completeness') AND rule_code NOT IN "
        "('ENTITLED_NOT_INSTRUCTED', 'PREMIUM_GAP', 'TKSK_DISTRICT_NONE') GROUP BY ALL"
    )
    return Counter(dict(found))


@pytest.mark.parametrize("name", [name for name in MENDED if name.startswith("rosters")])
def test_what_was_mended_is_gone_and_the_rest_stands(
    name: str, sample_night: Night, mended: tuple[Night, dict[str, str]]
) -> None:
    night, _ = mended
    submitter = name.split("/")[1]
    before, after = open_rules(sample_night, submitter), open_rules(night, submitter)
    for code in MENDED[name]:
        assert before.pop(code) > 0
    assert after == before


def test_a_correction_takes_the_place_of_its_file(sample_night: Night, mended: tuple[Night, dict[str, str]]) -> None:
    night, _ = mended
    assert night.ended["outcome"] == "published", night.ended["text"]
    for number, name in enumerate(MENDED, start=1):
        feed, submitter, stem = name.split("/")
        if feed != "rosters":
            continue
        (old,) = sample_night.ask(
            f"SELECT rows_read FROM file_ledger WHERE submitter = '{submitter}' AND file_name LIKE '%{stem}.%' "
            "AND rows_read > 0"
        )
        (new,) = night.ask(
            f"SELECT state, rows_read FROM file_ledger WHERE file_name = '{submitter}/koreksi {number}.xlsx'"
        )
        assert new == ("accepted", old[0]), name
        assert night.ask(
            f"SELECT sum(rows_accepted) FROM file_ledger WHERE submitter = '{submitter}' AND feed = 'rosters' "
            f"AND file_name LIKE '%{stem}.%'"
        ) == [(0,)], name


def test_verdicts_are_a_delivery_of_their_own_in_the_same_night(mended: tuple[Night, dict[str, str]]) -> None:
    night, keys = mended
    (line,) = night.ask("SELECT file_name, state, rows_read FROM file_ledger WHERE file_name LIKE '%(Keputusan)%'")
    assert line == ("kab-lamongan/koreksi 5 (Keputusan).csv", "accepted", 1)
    assert night.ask(
        f"SELECT verdict, state FROM quality_decisions WHERE finding_key = '{keys['different_person']}'"
    ) == [("different_person", "in_force")]
    assert night.ask(f"SELECT state FROM quality_findings WHERE finding_key = '{keys['different_person']}'") != [
        ("open",)
    ]


def test_a_workbook_goes_with_its_findings(mended: tuple[Night, dict[str, str]]) -> None:
    night, _ = mended
    books = {path.name for path in (folder(night.home) / "kab-tuban").glob("*.xlsx")}
    assert "PILAR TUBAN.xlsx" not in books
    assert "koreksi 1.xlsx" in books


def test_a_night_held_before_its_candidate_leaves_the_workbooks(mended: tuple[Night, dict[str, str]]) -> None:
    night, _ = mended
    home = night.home
    before = {path: path.stat().st_mtime_ns for path in folder(home).glob("*/*.xlsx")}
    held = home.nights / "20991231T180000Z"
    held.mkdir()
    (held / "plan.json").write_text(json.dumps({"step": "plan", "status": "ok", "night_id": held.name, "items": []}))
    (held / "gate_arrivals.json").write_text(json.dumps({"step": "gate_arrivals", "status": "held", "results": []}))
    done = workbooks.write(home, held.name)
    assert done.stands
    assert {path: path.stat().st_mtime_ns for path in folder(home).glob("*/*.xlsx")} == before
    assert "Buku kerja malam sebelumnya tetap berlaku." in (folder(home) / "index.html").read_text("utf-8")
