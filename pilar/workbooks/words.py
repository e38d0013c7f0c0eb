"""The first sheet in words: which file, what became of its rows, what is wrong, what to do. Pure, in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pilar.config import DISPLAY_ZONE
from pilar.reading.annotated import ORIGINS, SUMMARY
from pilar.rules import rule
from pilar.workbooks.findings import File, Finding
from pilar.workbooks.notes import Systemic, severity_rank

Style = Literal[
    "title", "subtitle", "heading", "plain", "strong", "quiet", "head", "critical", "error", "warning", "info"
]

FEEDS = {
    "events": ("Kegiatan", "Events"),
    "rosters": ("Daftar pilar", "Rosters"),
    "disbursements": ("Log penyaluran", "Disbursement log"),
    "premiums": ("Iuran BPJS Ketenagakerjaan", "BPJS Ketenagakerjaan premiums"),
    "poverty": ("Angka kemiskinan", "Poverty figures"),
    "decisions": ("Keputusan", "Decisions"),
}
LEVELS = {
    "critical": ("Kritis", "Critical"),
    "error": ("Dikarantina", "Quarantined"),
    "warning": ("Peringatan", "Warning"),
    "info": ("Info", "Info"),
}


@dataclass(frozen=True)
class Line:
    """A row of the first sheet: cells from the left, and how it looks."""

    cells: tuple[str | int, ...] = ()
    style: Style = "plain"


@dataclass(frozen=True)
class Told:
    """What the first sheet tells."""

    file: File
    file_name: str
    submitter: str
    delivered_at: datetime
    """UTC."""
    night_id: str
    systemic: Sequence[Systemic]
    columns: Mapping[str, str]
    """Contract column → header as the submitter wrote it."""
    abouts: Mapping[str, str]
    """Finding key → whom or what a finding about the file as a whole is about."""
    sheets: Sequence[tuple[str, str, str, str]]
    """The columns of :data:`ORIGINS`."""
    notes: Sequence[tuple[str, str]] = ()
    """What else the reader must know of this workbook."""
    is_part: bool = False


def summary(told: Told) -> Iterator[Line]:
    """The lines of the sheet *Ringkasan*, from its first row on."""
    yield Line((SUMMARY,), "title")
    yield Line(("Berkas Anda, dengan catatan pada sel yang perlu diperiksa / Your file, annotated",), "subtitle")
    yield Line()
    yield from _about(told)
    for indonesian, english in told.notes:
        yield Line((indonesian,), "strong")
        yield Line((english,), "quiet")
    yield from _rows(told)
    yield from _systemic(told)
    yield from _rules(told)
    yield from _whole(told)
    yield from _steps(told)
    yield Line()
    yield Line(("Lembar dalam buku kerja ini / Sheets of this workbook",), "heading")
    yield Line(ORIGINS, "head")
    for row in told.sheets:
        yield Line(row)
    yield Line()
    yield Line(("Jangan hapus lembar ini: dari sini Pilar tahu asal setiap lembar.",), "quiet")
    yield Line(("Keep this sheet: it tells Pilar where the other sheets come from.",), "quiet")


def _about(told: Told) -> Iterator[Line]:
    feed = FEEDS.get(told.file.feed, (told.file.feed, told.file.feed))
    yield Line(("Berkas / File", told.file_name), "strong")
    yield Line(("Jenis / Feed", f"{feed[0]} / {feed[1]}"))
    yield Line(("Pengirim / Submitter", told.submitter))
    yield Line(("Disimpan / Saved", _moment(told.delivered_at)))
    yield Line(("Dibaca / Read", _moment(told.file.received_at)))
    yield Line(("Diperiksa malam / Checked in night", told.night_id))
    yield Line()


def _rows(told: Told) -> Iterator[Line]:
    file = told.file
    yield Line(("Apa yang terjadi dengan barisnya / What became of its rows",), "heading")
    if file.state == "rejected":
        indonesian, _, english = (file.reason or "").partition(" / ")
        yield Line(("Seluruh berkas ditolak / The whole file is refused",), "error")
        yield Line((indonesian,))
        yield Line((english,), "quiet")
        return
    yield Line(("Dibaca / Read", file.rows_read), "strong")
    waived = f"termasuk {file.rows_waived} yang diluluskan keputusan / {file.rows_waived} of them by a verdict"
    yield Line(("= diterima / accepted", file.rows_accepted, *((waived,) if file.rows_waived else ())))
    yield Line(("+ dikarantina / quarantined", file.rows_quarantined))
    yield Line(("+ digantikan / superseded", file.rows_superseded))
    yield Line()


def _systemic(told: Told) -> Iterator[Line]:
    if not told.systemic:
        return
    yield Line(("Satu kesalahan di seluruh kolom / One mistake in a whole column",), "heading")
    for one in told.systemic:
        column = told.columns.get(one.rule.field, one.rule.field)
        where = f" (lembar {one.sheet})" if len(told.sheets) > 1 else ""
        where_en = f" (sheet {one.sheet})" if len(told.sheets) > 1 else ""
        how = f"semua {one.rows} baris" if one.is_total else f"{one.hits} dari {one.rows} baris"
        how_en = f"all {one.rows} rows" if one.is_total else f"{one.hits} of {one.rows} rows"
        level: Style = "error" if one.rule.severity in ("critical", "error") else "warning"
        yield Line((f"Kolom {column} salah di {how}{where}: {one.rule.message_id} {one.rule.fix_id}",), level)
        yield Line(
            (f"Column {column} is wrong in {how_en}{where_en}: {one.rule.message_en} {one.rule.fix_en}",), "quiet"
        )
    yield Line()


def _rules(told: Told) -> Iterator[Line]:
    counts: Counter[str] = Counter()
    severity: dict[str, str] = {}
    for code, level_of, count in told.file.counts:
        counts[code] += count
        severity[code] = level_of
    head = (
        "Kode aturan / Rule",
        "Jumlah / Count",
        "Tingkat / Level",
        "Kolom / Column",
        "Apa yang salah / What is wrong",
    )
    yield Line((f"Temuan terbuka: {sum(counts.values())} / Open findings: {sum(counts.values())}",), "heading")
    yield Line((*head, "Nilai diharapkan / Expected", "Cara memperbaiki / How to mend"), "head")
    for code in sorted(counts, key=lambda code: (severity_rank(severity[code]), -counts[code], code)):
        known = rule(code)
        level = LEVELS.get(severity[code], (severity[code], severity[code]))
        yield Line(
            (
                code,
                counts[code],
                " / ".join(dict.fromkeys(level)),
                told.columns.get(known.field, known.field),
                f"{known.message_id}\n{known.message_en}",
                f"{known.expected_id}\n{known.expected_en}",
                f"{known.fix_id}\n{known.fix_en}",
            ),
            _style(severity[code]),
        )
    yield Line()


def _whole(told: Told) -> Iterator[Line]:
    whole = [finding for finding in told.file.findings if finding.row is None and told.file.state != "rejected"]
    if not whole:
        return
    yield Line(("Tentang berkas secara keseluruhan / About the file as a whole",), "heading")
    for finding in whole:
        yield Line((finding.rule_code, "", "", "", _told(finding), told.abouts.get(finding.key, "")), "plain")
    yield Line()


def _steps(told: Told) -> Iterator[Line]:
    yield Line(("Langkah berikutnya / What to do next",), "heading")
    if told.is_part:
        first = (
            "1. Buka berkas asli Anda dan perbaiki baris yang tertulis pada lembar Daftar temuan.",
            "1. Open your own file and mend the rows that the sheet Daftar temuan names.",
        )
        third = (
            f"3. Letakkan seluruh berkas asli di folder landing/{told.file.feed}/{told.submitter}/. "
            "Buku kerja ini bukan pengganti berkas itu.",
            f"3. Put the whole file into the folder landing/{told.file.feed}/{told.submitter}/. "
            "This workbook is no substitute.",
        )
    else:
        first = (
            "1. Buka lembar data, perbaiki sel yang berwarna. Alasan dan caranya tertulis di kanan baris itu.",
            "1. Open the data sheets and mend the coloured cells. Why and how stands to the right of the row.",
        )
        third = (
            f"3. Simpan, lalu letakkan buku kerja ini (nama bebas, tetap .xlsx) di folder "
            f"landing/{told.file.feed}/{told.submitter}/. Besok pagi temuan yang sudah diperbaiki hilang.",
            f"3. Save, and put this workbook (any name, still .xlsx) into the folder "
            f"landing/{told.file.feed}/{told.submitter}/. Tomorrow morning what was mended is gone.",
        )
    second = (
        "2. Bila barisnya memang benar, isi keputusan dan alasannya pada lembar Keputusan. "
        "Kosong berarti tidak ada keputusan.",
        "2. If a row is right after all, give a verdict and the reason on the sheet Keputusan. Empty means no verdict.",
    )
    for indonesian, english in (first, second, third):
        yield Line((indonesian,))
        yield Line((english,), "quiet")


def _told(finding: Finding) -> str:
    known = rule(finding.rule_code)
    return f"{known.message_id}\n{known.message_en}"


def _style(severity: str) -> Style:
    return {"critical": "critical", "error": "error", "warning": "warning"}.get(severity, "info")  # type: ignore[return-value]


def _moment(value: datetime) -> str:
    local = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(DISPLAY_ZONE)
    return f"{local:%d/%m/%Y %H.%M} WIB"
