"""Workbooks of files made for the occasion: what looks like a formula, numbers, archives, long files, refusals."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest
from xlsxwriter.workbook import Workbook

from pilar import landing, raw
from pilar.config import Home, Limits
from pilar.deciding import HEAD
from pilar.workbooks import book
from pilar.workbooks.fast import FastSheet
from pilar.workbooks.findings import File, Finding, Source

HEADER = "NIK;NAMA;PILAR;KAB/KOTA;KECAMATAN;NO REKENING"
LINES = [
    "3523010101900001;=HYPERLINK(\"http://invalid\");PKH;Kab. Tuban;Palang;0012345678",
    "3523010101900002;+62 Budi;PKH;Kab. Tuban;Palang;0012345679",
    "3523010101900003;-Tini;PKH;Kab. Tubn;Palang;0012345680",
    "3523010101900004;@Wati;PKH;Kab. Tuban;https://invalid;0012345681",
]  # fmt: skip
CSV = "\n".join([HEADER, *LINES, ""])


def take(home: Home, name: str, content: bytes, feed: str = "rosters") -> raw.Receipt:
    """Land a file and take it."""
    path = home.landing / feed / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    (item,) = landing.scan(home).items
    taken = landing.ingest(home, item)
    assert taken.sha256 is not None
    receipt = raw.receipt(home, feed, taken.sha256)
    assert receipt is not None
    return receipt


def make(
    home: Home, receipt: raw.Receipt, places: Sequence[tuple[str, int]], bounds: Limits | None = None
) -> Path | None:
    """The workbook of a file with a finding REGION_UNKNOWN at each (sheet, row)."""
    findings = tuple(
        Finding(f"f_{'a' * 20}", "REGION_UNKNOWN", "error", sheet, row, None, None, "region") for sheet, row in places
    )
    told = Counter((finding.rule_code, finding.severity) for finding in findings)
    file = File(
        feed=receipt.feed,
        sha256=receipt.sha256,
        submitter=receipt.submitter or "-",
        state="rejected" if receipt.state == "rejected" else "accepted",
        rule_code=receipt.rule_code,
        reason=f"{receipt.reason_id} / {receipt.reason_en}",
        rows_read=receipt.rows_read,
        rows_accepted=receipt.rows_read - len(places),
        rows_quarantined=len(places),
        rows_superseded=0,
        rows_waived=0,
        superseded_by=(),
        received_at=datetime(2026, 11, 24, tzinfo=UTC),
        counts=tuple((code, severity, count) for (code, severity), count in sorted(told.items())),
        made_of="",
        findings=findings,
    )
    with duckdb.connect(":memory:") as connection:
        source = Source(connection, has_warehouse=False)
        target = home.restricted / "buku.xlsx"
        job = book.Job(home, "20261124T180000Z", file, receipt, source, bounds or Limits())
        return target if book.make(job, target, home.restricted) else None


def rows(home: Home, receipt: raw.Receipt) -> list[dict[str, object]]:
    return pq.read_table(raw.rows_path(home, receipt)).drop_columns(["file_sha256"]).to_pylist()


def archived(name: str, content: bytes) -> bytes:
    path = Path(name)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("isi/pilar.csv", content)
    return path.read_bytes()


@pytest.mark.parametrize("ending", ["csv", "txt", "csv.gz", "zip", "xlsx"])
def test_text_that_looks_like_a_formula_stays_text_and_comes_back(
    ending: str, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = CSV.encode()
    if ending == "csv.gz":
        content = gzip.compress(content)
    elif ending == "zip":
        content = archived("pilar.zip", content)
    elif ending == "xlsx":
        made = openpyxl.Workbook()
        for number, line in enumerate([HEADER, *LINES], start=1):
            for column, text in enumerate(line.split(";"), start=1):
                made.active.cell(number, column).value = text
                made.active.cell(number, column).data_type = "s"
        made.save("pilar.xlsx")
        content = Path("pilar.xlsx").read_bytes()
    receipt = take(home, f"kab-tuban/pilar.{ending}", content)
    before = rows(home, receipt)
    path = make(home, receipt, [(str(before[2]["sheet"]), int(str(before[2]["source_row"])))])
    assert path is not None
    with zipfile.ZipFile(path) as archive:
        texts = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")]
    assert not any("<f>" in text or "<hyperlink" in text for text in texts)
    again = openpyxl.load_workbook(path)
    again.save(tmp_path / "lagi.xlsx")
    back = take(home, "kab-tuban/lagi.xlsx", (tmp_path / "lagi.xlsx").read_bytes())
    assert rows(home, back) == before


def test_a_number_stays_a_number_and_is_shown_as_text(home: Home, tmp_path: Path) -> None:
    records = [{"NIK": 3523010101900001, "NAMA": "Budi", "PILAR": "PKH", "KAB/KOTA": "Kab. Tubn"}]
    receipt = take(home, "kab-tuban/pilar.json", json.dumps(records).encode())
    path = make(home, receipt, [("pilar.json", 1)])
    assert path is not None
    cell = openpyxl.load_workbook(path)["pilar.json"]["A2"]
    assert (cell.value, cell.data_type, cell.number_format) == (3523010101900001, "n", "@")
    back = take(home, "kab-tuban/lagi.xlsx", path.read_bytes())
    (row,) = rows(home, back)
    assert (row["nik"], row["numeric_cells"]) == ("3523010101900001", ["nik"])


def test_what_only_the_file_name_tells_is_told_under_any_name(home: Home) -> None:
    text = "NIK;NAMA;KECAMATAN\n3523010101900001;Budi;Palang\n3523010101900002;Tini;Semanding\n"
    receipt = take(home, "kab-tuban/TAGANA/daftar PKH.csv", text.encode())
    before = rows(home, receipt)
    assert {row["pillar"] for row in before} == {"PKH"}
    path = make(home, receipt, [("daftar PKH.csv", 2)])
    assert path is not None
    assert rows(home, take(home, "kab-tuban/x.xlsx", path.read_bytes())) == before


def test_a_file_too_long_is_listed_and_the_list_is_no_delivery(home: Home) -> None:
    receipt = take(home, "kab-tuban/pilar.csv", CSV.encode())
    path = make(home, receipt, [("pilar.csv", 4)], Limits(max_workbook_rows=3))
    assert path is not None
    made = openpyxl.load_workbook(path)
    assert made.sheetnames == ["Ringkasan", "Daftar temuan"]
    listed = [[cell.value for cell in row] for row in made["Daftar temuan"].iter_rows(min_row=5)]
    assert [row[:4] for row in listed] == [["pilar.csv", 4, "3523010101900003", "-Tini"]]
    back = take(home, "kab-tuban/lagi.xlsx", path.read_bytes())
    assert (back.state, back.rule_code) == ("rejected", "FILE_PART_ONLY")


def test_verdicts_are_taken_though_the_workbook_is_refused(home: Home, tmp_path: Path) -> None:
    receipt = take(home, "kab-tuban/pilar.csv", CSV.encode())
    path = make(home, receipt, [("pilar.csv", 4)], Limits(max_workbook_rows=3))
    assert path is not None
    made = openpyxl.load_workbook(path)
    sheet = made.create_sheet("Keputusan 2")
    sheet["A1"] = "PILAR · KEPUTUSAN"
    sheet.append([])
    sheet.append(list(HEAD[:5]))
    sheet.append(["f_" + "a" * 20, "waive", "benar, dan\nbaris dua", "petugas.uji", "2027-01-31"])
    sheet.append(["f_" + "b" * 20, None, None, None, None])
    made.save(tmp_path / "lagi.xlsx")
    assert take(home, "kab-tuban/lagi.xlsx", (tmp_path / "lagi.xlsx").read_bytes()).rule_code == "FILE_PART_ONLY"
    (decisions,) = [one for one in raw.receipts(home) if one.feed == "decisions"]
    assert (decisions.file_name, decisions.submitter) == ("kab-tuban/lagi (Keputusan).csv", "kab-tuban")
    (row,) = rows(home, decisions)
    assert (row["verdict"], row["reason"], row["expires_on"]) == ("waive", "benar, dan baris dua", "2027-01-31")


def test_a_workbook_landed_as_decisions_brings_its_verdicts_only(home: Home, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.title = "Keputusan"
    made.active["A1"] = "PILAR · KEPUTUSAN"
    made.active.append(list(HEAD[:5]))
    made.active.append(["f_" + "a" * 20, "waive", "benar", "petugas.uji", None])
    made.active.append(["f_" + "b" * 20, None, None, None, None])
    made.save(tmp_path / "k.xlsx")
    receipt = take(home, "kab-tuban/k.xlsx", (tmp_path / "k.xlsx").read_bytes(), feed="decisions")
    assert [(row["finding_key"], row["verdict"]) for row in rows(home, receipt)] == [("f_" + "a" * 20, "waive")]


def test_a_refused_file_has_a_workbook_if_it_opens(home: Home) -> None:
    receipt = take(home, "kab-tuban/tanpa nik.csv", b"NAMA;PILAR;KAB/KOTA\nBudi;PKH;Kab. Tuban\n")
    assert receipt.rule_code == "FILE_MISSING_COLUMN"
    path = make(home, receipt, [])
    assert path is not None
    made = openpyxl.load_workbook(path)
    assert any("Kolom wajib tidak ada." in str(row[0].value) for row in made["Ringkasan"].iter_rows())
    assert made["tanpa nik.csv"]["A2"].value == "Budi"


def test_a_refused_file_that_does_not_open_has_none(home: Home) -> None:
    receipt = take(home, "kab-tuban/rusak.xlsx", b"PK\x03\x04 rusak")
    assert make(home, receipt, []) is None


def test_a_file_refused_by_a_limit_is_not_opened_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one that its reader could not open: here nothing bounds what it may cost."""
    monkeypatch.setenv("PILAR_MAX_COLUMNS", "3")
    too_wide = take(home, "lebar.csv", CSV.encode())
    broken = take(home, "rusak.xlsx", b"PK\3\4" + bytes(100))
    assert (too_wide.rule_code, broken.rule_code) == ("FILE_TOO_LARGE", "FILE_UNREADABLE")
    monkeypatch.setattr(book.sandbox, "open_original", lambda *_: pytest.fail("it was opened"))
    assert make(home, too_wide, []) is None
    assert make(home, broken, []) is None


def xml_of_a_sheet(path: Path, *, at_once: bool) -> bytes:
    """One sheet with all that a row may hold, its rows written at once where they can be, or cell by cell."""
    rows: list[list[str | int | float]] = [
        ["Budi", "0012345678", 12, 0.1, 1234567890123456],
        ["dua  kata", 'kutip "ini"', -3.5e-7, 1e300],
        [" di depan", "biasa"],
        ["biasa", "di belakang\u00a0"],
        ["a<b & c>d", "_x0041_"],
        ["baris\nbaru", "tab\tulator", "𝄞 é"],
        ["\x1f", "a\x01b"],
        ["<r><t>cetak</r>", "x" * 40_000],
        [],
    ]
    with Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as made:
        looks = [made.add_format({"num_format": "@"}), made.add_format({"bold": True})]
        sheet = made.add_worksheet("A", worksheet_class=FastSheet)
        plain = 0
        for number, row in enumerate(rows):
            cells = [(column * 13, value, looks[column % 2]) for column, value in enumerate(row)]
            if at_once and sheet.write_plain(number, cells):
                plain += 1
                continue
            for column, value, look in cells:
                if isinstance(value, str):
                    sheet.write_string(number, column, value, look)
                else:
                    sheet.write_number(number, column, value, look)
        assert plain == (4 if at_once else 0)
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


def test_rows_written_at_once_are_what_the_library_writes(tmp_path: Path) -> None:
    quick = xml_of_a_sheet(tmp_path / "a.xlsx", at_once=True)
    assert quick == xml_of_a_sheet(tmp_path / "b.xlsx", at_once=False)
    assert b"&lt;r&gt;&lt;t&gt;cetak" in quick, "a cell that looks like XlsxWriter's own markup"


@pytest.fixture
def findings_of_a_file() -> Iterator[duckdb.DuckDBPyConnection]:
    """A release with one file of 500 wrong rows, each breaking two rules, and 70 findings about the file as a whole."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("ATTACH ':memory:' AS shown")
        connection.execute("CREATE SCHEMA shown.marts")
        connection.execute(
            """
            CREATE TABLE shown.marts.quality_findings AS
            SELECT 'open' AS state, 'rosters' AS feed, 'ab' AS file_sha256, 'k' || i || rule AS finding_key,
                rule AS rule_code, 'error' AS severity, CASE WHEN i < 500 THEN 'S' END AS sheet,
                CASE WHEN i < 500 THEN i + 2 END AS source_row, NULL::VARCHAR AS source_column,
                NULL::VARCHAR AS subject, 'nik' AS field
            FROM range(535) AS numbers (i), (VALUES ('NIK_LENGTH'), ('NIK_DATE')) AS rules (rule)
            """
        )
        connection.execute(
            """
            CREATE TABLE shown.marts.file_ledger AS
            SELECT 'rosters' AS feed, 'ab' AS file_sha256, 'x' AS submitter, 'f.csv' AS file_name,
                'accepted' AS state, NULL AS rule_code, NULL AS reason, 1000 AS rows_read, 500 AS rows_accepted,
                500 AS rows_quarantined, 0 AS rows_superseded, 0 AS rows_waived, []::VARCHAR[] AS superseded_by,
                TIMESTAMP '2026-11-24 00:00:00' AS received_at
            """
        )
        yield connection


def test_memory_holds_no_more_findings_than_a_workbook_shows(findings_of_a_file: duckdb.DuckDBPyConnection) -> None:
    source = Source(findings_of_a_file, has_warehouse=False)
    (file,) = source.files()
    assert (file.findings, file.counts) == ((), (("NIK_DATE", "error", 535), ("NIK_LENGTH", "error", 535)))
    long, short = source.with_findings(file, 50), source.with_findings(file, 1000)
    assert [finding.row for finding in long.findings[50:]] == [number // 2 + 2 for number in range(50)]
    assert {finding.row for finding in long.findings[:50]} == {None}
    assert len(short.findings) == 1000 + 70, "a file that is written out whole has all of its marks"


def test_a_file_is_told_anew_when_any_of_its_findings_changes(findings_of_a_file: duckdb.DuckDBPyConnection) -> None:
    source = Source(findings_of_a_file, has_warehouse=False)
    (before,) = source.files()
    findings_of_a_file.execute(
        "UPDATE shown.marts.quality_findings SET source_row = 8 WHERE finding_key = 'k7NIK_DATE'"
    )
    assert before.made_of != next(iter(source.files())).made_of


def test_a_file_too_long_to_be_shown_is_not_opened(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = take(home, "kab-tuban/pilar.csv", CSV.encode())
    monkeypatch.setattr(book.sandbox, "open_original", lambda *_: pytest.fail("it was opened"))
    assert make(home, receipt, [("pilar", 4)], Limits(max_workbook_rows=3)) is not None
