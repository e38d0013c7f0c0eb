"""BPS tables and API answers → figures (contract ``poverty``)."""

from __future__ import annotations

from pathlib import PurePosixPath

from pilar.figures.answer import read_answer
from pilar.figures.model import Figure, Reading
from pilar.figures.table import read_sheet
from pilar.reading.model import Rejected, Sheet

__all__ = ["Figure", "Reading", "read", "understand"]

_MISSING = {
    "region names": (
        "nama wilayah",
        "Tulis nama kab/kota atau provinsi di tiap baris atau kolom, atau tepat satu wilayah di judul.",
        "Write the kab/kota or province into each row or column, or exactly one region into the title.",
    ),
    "year": (
        "tahun",
        "Tulis tahunnya di kepala kolom, judul, atau nama berkas.",
        "Write the year into the header, the title or the file name.",
    ),
    "an indicator": (
        "indikator",
        "Tulis apa yang diukur di atas angkanya, misalnya Persentase Penduduk Miskin (Persen).",
        "Write over the figures what they measure, as in Persentase Penduduk Miskin (Persen).",
    ),
    "area, half-year or year of some columns or rows": (
        "daerah, semester, atau tahun dari sebagian kolom atau baris",
        "Sebutkan daerah, semester, dan tahun di semua kolom atau baris, atau tidak di satu pun.",
        "Name area, half-year and year in all columns or rows, or in none.",
    ),
}
"""What a table can lack: in Bahasa Indonesia, and in both languages what to change."""


def read(file_name: str, sheets: list[Sheet] | None, answer: object | None) -> list[dict[str, str | int | None]]:
    """The figures of one landed file, in the columns of the contract plus ``sheet`` and ``source_row``.

    ``file_name`` is the landed name with its folders: a year or a title may stand only there. ``sheets`` holds
    the tables of the file; without sheets ``answer`` is the parsed body (or recording) of an API answer.
    Raises ``Rejected`` when no table can be told apart or the API did not answer with poverty figures.
    """
    return [figure.as_row() for reading in understand(file_name, sheets, answer) for figure in reading.figures]


def understand(file_name: str, sheets: list[Sheet] | None, answer: object | None) -> list[Reading]:
    """As ``read``, with how each table was understood: for receipts and reports."""
    if sheets is None:
        return [read_answer(answer)]
    filled = [sheet for sheet in sheets if any(cell not in (None, "") for row in sheet.rows for cell in row)]
    readings = [reading for sheet in filled for reading in read_sheet(file_name, sheet)]
    if not any(reading.figures for reading in readings):
        raise _not_understood(file_name, readings)
    return readings


def _not_understood(file_name: str, readings: list[Reading]) -> Rejected:
    """What was understood and what is missing, in our own words: the file may not be a BPS table at all."""
    if not readings:
        return Rejected("TABLE_NOT_UNDERSTOOD", "Tidak ada sel yang terisi.", "There is no filled cell.")
    in_indonesian, in_english = [], []
    for reading in readings:
        sheet = reading.sheet or PurePosixPath(file_name).name
        named = ", ".join(sorted(set(reading.columns.values()))) or "-"
        others = len(reading.ignored_headers)
        rows_id = f" (kepala sampai baris {reading.header_row})" if reading.header_row else ""
        rows_en = f" (header down to row {reading.header_row})" if reading.header_row else ""
        lacking = [_MISSING[one] for one in reading.missing]
        in_indonesian.append(
            f"{sheet}{rows_id}: dikenali {reading.regions} wilayah, indikator {named}, {others} kolom angka tidak "
            f"dipakai; tidak ditemukan: {', '.join(name for name, _, _ in lacking)}. "
            + " ".join(advice for _, advice, _ in lacking)
        )
        in_english.append(
            f"{sheet}{rows_en}: understood {reading.regions} regions, indicator {named}, {others} columns of figures "
            f"not used; missing: {', '.join(reading.missing)}. " + " ".join(advice for _, _, advice in lacking)
        )
    return Rejected("TABLE_NOT_UNDERSTOOD", " ".join(in_indonesian), " ".join(in_english))
