"""What a workbook says: the mart's numbers, the submitter's cells at their places, nothing that reckons."""

from __future__ import annotations

import stat
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pilar import raw, workbooks
from pilar.report import prune_restricted
from tests.conftest import Night
from tests.workbooks.conftest import OURS, folder, noted_rows, notes_of

HANDFUL = 9


def books(night: Night) -> dict[str, Path]:
    return {path.relative_to(folder(night.home)).as_posix(): path for path in folder(night.home).glob("*/*.xlsx")}


def labelled(sheet: Worksheet, label: str) -> int:
    """The number beside a label of the summary."""
    beside = [row[1].value for row in sheet.iter_rows() if str(row[0].value).startswith(label)]
    return next(value for value in beside if isinstance(value, int))


def test_every_number_is_the_marts(sample_night: Night) -> None:
    seen = 0
    for feed, file_name, sha256, *rows in sample_night.ask(
        "SELECT feed, file_name, file_sha256, rows_read, rows_accepted, rows_quarantined, rows_superseded "
        "FROM file_ledger WHERE state IN ('accepted', 'superseded')"
    ):
        counts = Counter(dict(sample_night.ask(
            f"SELECT rule_code, count(*) FROM quality_findings WHERE state = 'open' AND feed = '{feed}' "
            f"AND file_sha256 = '{sha256}' GROUP BY ALL"
        )))  # fmt: skip
        stem = Path(file_name).name.split(".")[0]
        path = books(sample_night).get(f"{file_name.split('/')[0]}/{stem}.xlsx")
        if not counts:
            continue
        if path is None:
            assert "/" not in file_name
            path = books(sample_night)[f"tanpa-pengirim/{stem}.xlsx"]
        book = openpyxl.load_workbook(path)
        summary = book["Ringkasan"]
        labels = ("Dibaca / Read", "= diterima", "+ dikarantina", "+ digantikan")
        numbers = [labelled(summary, label) for label in labels]
        assert numbers == rows, file_name
        assert numbers[0] == sum(numbers[1:])
        told = {row[0].value: row[1].value for row in summary.iter_rows() if row[0].value in counts and row[1].value}
        assert told == counts, file_name
        beside = Counter(
            code for sheet in book if sheet.title not in OURS for _, codes in noted_rows(sheet) for code in codes
        )
        placed = Counter(dict(sample_night.ask(
            f"SELECT rule_code, count(DISTINCT (sheet, source_row)) FROM quality_findings WHERE state = 'open' AND "
            f"feed = '{feed}' AND file_sha256 = '{sha256}' AND source_row IS NOT NULL GROUP BY ALL"
        )))  # fmt: skip
        if not rows[3]:
            assert beside == placed, file_name
        seen += 1
    assert seen > HANDFUL


def test_the_original_row_stands_at_its_place(sample_night: Night) -> None:
    (place,) = sample_night.ask(
        "SELECT source_row FROM quality_findings WHERE rule_code = 'REGION_UNKNOWN' AND submitter = 'kab-tuban'"
    )
    (receipt,) = [one for one in raw.receipts(sample_night.home) if one.file_name == "kab-tuban/PILAR TUBAN.csv"]
    text = raw.original_path(sample_night.home, receipt).read_bytes().decode("cp1252")
    line = text.splitlines()[place[0] - 1]
    sheet = openpyxl.load_workbook(folder(sample_night.home) / "kab-tuban" / "PILAR TUBAN.xlsx")["PILAR TUBAN.csv"]
    values = [str(cell.value) for cell in sheet[place[0]] if cell.value is not None]
    assert values[0] in line
    wrong = [cell for cell in sheet[place[0]] if cell.fill.fgColor.rgb == "FFFFC7CE"]
    assert len(wrong) == 1
    assert "Kab/kota tidak dikenal." in wrong[0].comment.text


def test_a_mistake_of_a_whole_column_is_told_once(sample_night: Night) -> None:
    book = openpyxl.load_workbook(folder(sample_night.home) / "kab-lamongan" / "Pilar Lamongan.xlsx")
    told = [str(row[0].value) for row in book["Ringkasan"].iter_rows() if "Kolom NIK salah" in str(row[0].value)]
    assert len(told) == 1
    assert told[0].startswith("Kolom NIK salah di semua 12 baris (lembar TAGANA lama.csv)")
    sheet = book["TAGANA lama.csv"]
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment] == ["A1"]
    assert len(list(noted_rows(sheet))) == 12


def test_a_pair_shows_both_people(sample_night: Night) -> None:
    sheet = openpyxl.load_workbook(folder(sample_night.home) / "kab-lamongan" / "Pilar Lamongan.xlsx")["Keputusan"]
    (row,) = [row for row in sheet.iter_rows() if row[2].value == "PERSON_NEAR_MATCH"]
    assert len(str(row[5].value).splitlines()) == 2
    listed = [each.formula1 for each in sheet.data_validations.dataValidation if row[7].coordinate in each.sqref]
    assert listed == ['"waive,corrected,same_person,different_person"']
    assert row[7].value is None


def test_numbers_that_identify_are_text_cells(sample_night: Night) -> None:
    sheet = openpyxl.load_workbook(folder(sample_night.home) / "kab-tuban" / "PILAR TUBAN.xlsx")["PILAR TUBAN.csv"]
    header, _ = notes_of(sheet) or (0, 0)
    columns = [
        cell.column for cell in sheet[header] if str(cell.value) in ("NIK", "NO. REKENING BANK JATIM", "NO HP", "KPJ")
    ]
    assert len(columns) == 4
    for at in columns:
        filled = [row for row in range(header + 1, sheet.max_row + 1) if sheet.cell(row, at).value]
        assert {sheet.cell(row, at).number_format for row in filled} == {"@"}


@pytest.mark.parametrize("part", ["<f>", "<f ", "<hyperlink", "externalLink"])
def test_nothing_reckons_and_nothing_leads_away(part: str, sample_night: Night) -> None:
    for name, path in books(sample_night).items():
        with zipfile.ZipFile(path) as archive:
            texts = [archive.read(one).decode() for one in archive.namelist() if one.startswith("xl/worksheets/")]
        assert not any(part in text for text in texts), name


def test_only_the_owner_may_look(sample_night: Night) -> None:
    place = folder(sample_night.home)
    for path in [place, *place.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name


def test_nothing_is_left_of_the_making(sample_night: Night) -> None:
    assert {path.name for path in sample_night.home.restricted.iterdir()} == {"workbooks"}


def test_a_second_time_nothing_is_written(sample_night: Night) -> None:
    before = {name: path.stat().st_mtime_ns for name, path in books(sample_night).items()}
    done = workbooks.write(sample_night.home, sample_night.ended["night_id"])
    assert (done.written, done.removed) == (0, 0)
    assert {name: path.stat().st_mtime_ns for name, path in books(sample_night).items()} == before


def test_house_keeping_leaves_live_workbooks(sample_night: Night) -> None:
    before = set(books(sample_night))
    assert prune_restricted(sample_night.home, 0) == 0
    assert set(books(sample_night)) == before


def test_the_list_names_every_file_with_findings(sample_night: Night) -> None:
    page = (folder(sample_night.home) / "index.html").read_text("utf-8")
    for (name,) in sample_night.ask("SELECT DISTINCT file_name FROM quality_findings WHERE state = 'open'"):
        assert name in page
    for name in books(sample_night):
        assert name.replace(" ", "%20") in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
