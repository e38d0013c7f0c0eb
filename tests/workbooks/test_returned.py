"""What is taken out of a workbook that comes back, and what is not ours to take."""

from __future__ import annotations

from pilar.reading.annotated import NOTES, ORIGINS, SUMMARY, SUPERSEDED, Origin, opened
from pilar.reading.model import Sheet, Value


def test_any_other_workbook_comes_out_as_it_went_in() -> None:
    sheet = Sheet("Data", [["NIK", "ALASAN", "PETUGAS"], ["1", "sakit", "Budi"]])
    assert opened([sheet]).sheets == [sheet]


def test_two_of_our_headers_are_chance() -> None:
    sheet = Sheet("Data", [["NIK", "Alasan", "Nilai diberikan"], ["1", "a", "b"]])
    assert opened([sheet]).sheets == [sheet]


def test_notes_are_known_wherever_they_were_moved_and_one_may_be_gone() -> None:
    rows: list[list[Value]] = [["Judul"], [*NOTES[:5], "NIK", "Catatan saya"], ["a", "b", "c", "d", "e", "1", "benar"]]
    (sheet,) = opened([Sheet("Ganti nama", rows)]).sheets
    assert sheet.rows[1:] == [[None] * 5 + ["NIK", "Catatan saya"], [None] * 5 + ["1", "benar"]]


def test_a_superseded_row_is_left_out_and_the_others_keep_their_places() -> None:
    head: list[Value] = ["NIK", *NOTES]
    gone: list[Value] = ["1", None, None, None, None, SUPERSEDED, 2]
    stays: list[Value] = ["2", None, None, None, None, None, None]
    (sheet,) = opened([Sheet("Data", [head, gone, stays])]).sheets
    assert [row[0] for row in sheet.rows] == ["NIK", None, "2"]


def test_the_summary_says_where_sheets_come_from() -> None:
    summary = Sheet(
        "Apa saja", [[SUMMARY], ["Berkas", "x"], [*ORIGINS], ["PKH", "PKH.csv", "/kirim/a.zip", "PKH.csv"], []]
    )
    book = opened([summary, Sheet("PKH", [["NIK"]])])
    assert book.origins == {"PKH": Origin("PKH.csv", "kirim/a.zip", "PKH.csv")}
    assert [sheet.name for sheet in book.sheets] == ["PKH"]
