"""One home for all: the samples' first night, and beside it a copy in which stewards mended their workbooks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pilar import night, raw
from pilar.config import Home
from pilar.reading.annotated import NOTES
from tests.conftest import Night

OURS = ("Ringkasan", "Keputusan", "Daftar temuan")


def folder(home: Home) -> Path:
    return home.restricted / "workbooks"


def notes_of(sheet: Worksheet) -> tuple[int, int] | None:
    """(header row, first note column), both from 1, of a sheet that has notes."""
    for row in sheet.iter_rows(max_row=110):
        for cell in row:
            if cell.value == NOTES[0] and sheet.cell(cell.row, cell.column + 4).value == NOTES[4]:
                return cell.row, cell.column
    return None


def noted_rows(sheet: Worksheet) -> Iterator[tuple[int, list[str]]]:
    """(row, rule codes) of each row that something is said about."""
    place = notes_of(sheet)
    if place is None:
        return
    header, column = place
    for row in range(header + 1, sheet.max_row + 1):
        codes = sheet.cell(row, column + NOTES.index("Kode aturan")).value
        if codes:
            yield row, str(codes).split("\n")


def column_named(sheet: Worksheet, *names: str) -> int:
    header, notes_from = notes_of(sheet) or (1, 1)
    found = {str(sheet.cell(header, at).value): at for at in range(1, notes_from)}
    return next(found[name] for name in names if name in found)


def mend(source: Path, target: Path, mended: dict[str, tuple[tuple[str, ...], Callable[[str], str]]]) -> int:
    """Open a workbook as a steward does, type into the wrong cells of some rules, save it elsewhere; how many cells."""
    book = openpyxl.load_workbook(source)
    count = 0
    for sheet in book:
        if sheet.title in OURS:
            continue
        for row, codes in noted_rows(sheet):
            for code in codes:
                if code in mended:
                    names, typed = mended[code]
                    cell = sheet.cell(row, column_named(sheet, *names))
                    cell.value = typed(str(cell.value or ""))
                    count += 1
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)
    return count


def decide(path: Path, rule_code: str, verdict: str) -> str:
    """Fill in the first place for a verdict on a finding of a rule; the finding's key."""
    book = openpyxl.load_workbook(path)
    sheet = book["Keputusan"]
    (head,) = [row for row in range(1, 12) if sheet.cell(row, 7).value == "KUNCI TEMUAN"]
    row = next(row for row in range(head + 1, sheet.max_row + 1) if sheet.cell(row, 3).value == rule_code)
    sheet.cell(row, 8).value = verdict
    sheet.cell(row, 9).value = "diperiksa pada kartu"
    sheet.cell(row, 10).value = "petugas.uji"
    key = str(sheet.cell(row, 7).value)
    book.save(path)
    return key


NIK = ("NIK", "No. KTP/NIK", "NO KTP/NIK", "NO KTP", "nik", "NOMOR INDUK KEPENDUDUKAN")
REGION = ("KAB/KOTA", "KAB/KOTA LOKASI TUGAS", "KABUPATEN/KOTA", "KABUPATEN", "KAB/KOTA TUGAS")
MENDED = {
    "rosters/kab-tuban/PILAR TUBAN": {"REGION_UNKNOWN": (REGION, lambda _: "Kab. Tuban")},
    "rosters/kab-mojokerto/DATA PILAR KAB MOJOKERTO": {"REGION_AMBIGUOUS": (REGION, lambda _: "Kab. Mojokerto")},
    "rosters/kab-gresik/pilar gresik": {"PILLAR_UNKNOWN": (("PILAR SOSIAL",), lambda _: "PKH")},
    "rosters/kab-nganjuk/pilar_nganjuk_nov2023": {"NIK_SERIAL_ZERO": (NIK, lambda nik: nik[:12] + "0042")},
    "rosters/kab-lamongan/Pilar Lamongan": {"NIK_ENDS_IN_ZERO": (NIK, lambda nik: nik[:15] + "7")},
    "rosters/kab-jombang/Pilar Jombang": {},
    "rosters/kota-mojokerto/pilar-sosial": {},
    "disbursements/bank-jatim/SP2D-0451 20231121": {},
}
"""Workbook → what is mended in it; the empty ones come back as they were."""


@pytest.fixture(scope="package")
def mended(sample_night: Night, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Night, dict[str, str]]]:
    """A second night over a copy of the samples' home, with corrected workbooks landed under names of their own, and
    the findings that were decided on in their sheets of verdicts."""
    home = Home(tmp_path_factory.mktemp("mended") / "home")
    shutil.copytree(sample_night.home.root, home.root, symlinks=True)
    keys = {}
    for number, (name, cells) in enumerate(MENDED.items(), start=1):
        feed, submitter, stem = name.split("/")
        target = home.landing / feed / submitter / f"koreksi {number}.xlsx"
        count = mend(folder(home) / submitter / f"{stem}.xlsx", target, cells)
        assert bool(count) == bool(cells), name
        if stem == "Pilar Lamongan":
            keys["different_person"] = decide(target, "PERSON_NEAR_MATCH", "different_person")
        if stem == "SP2D-0451 20231121":
            os.utime(target, ns=(10**18, raw.arrivals(home)[-1].mtime_ns))
    yield Night(home, night.run(home)), keys
