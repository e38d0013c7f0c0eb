"""Eight kab/kota send their rosters, each in its own way, with the mistakes that offices make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pilar.samples import formats, workbooks
from pilar.samples.cast import Cast
from pilar.samples.formats import Cell
from pilar.samples.model import EVENT_CODE, EVENT_NAME, Delivery, Trap
from pilar.samples.people import REGIONS, Person, Register
from pilar.samples.roster_cells import (
    ROLES,
    Column,
    always,
    curly,
    dashed,
    in_words,
    iso,
    laid_out,
    mistakes_of,
    numbered,
    numeric_nik,
    padded,
    role,
    signature,
    value,
    without_comma,
)
from pilar.samples.roster_lines import Line, Mistake, lines_of, rounded
from pilar.samples.workbooks import Grid


def deliveries(everyone: Sequence[Person], cast: Cast, register: Register) -> list[Delivery]:
    """All files of the feed, in the order of delivery."""
    lines = {region: lines_of(region, everyone, cast, register) for region in REGIONS}
    jombang_tagana = [line for line in lines["3517"] if line.person.pillar == "TAGANA"]
    kota_mojokerto = _kota_mojokerto(lines["3576"])
    return [
        kota_mojokerto,
        _bojonegoro_numeric(lines["3522"], cast),
        _kab_mojokerto(lines["3516"]),
        _jombang(lines["3517"]),
        _nganjuk(lines["3518"], cast),
        _tuban(lines["3523"]),
        _lamongan(lines["3524"]),
        _gresik(lines["3525"]),
        _bojonegoro(lines["3522"]),
        _copy(kota_mojokerto),
        _truncated(lines["3525"]),
        _without_nik(lines["3523"]),
        _wrong_extension(jombang_tagana),
    ]


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2023, 11, day, hour, minute, tzinfo=UTC)


def _kota_mojokerto(lines: list[Line]) -> Delivery:
    columns: list[Column] = [
        ("NIK", value("nik")),
        ("NAMA", value("name")),
        ("JENIS KELAMIN", value("sex")),
        ("TANGGAL LAHIR", iso),
        ("PILAR", value("pillar")),
        ("KODE KAB/KOTA", always("3576")),
        ("KECAMATAN", value("district")),
        ("NO REKENING", value("account_no")),
        ("NAMA REKENING", value("account_name")),
        ("NO HP", value("phone")),
        ("KPJ", value("bpjs_no")),
        ("STATUS", always("AKTIF")),
    ]
    rows = [{header: formats.text(cell(line)) for header, cell in columns} for line in lines]
    name = "pilar-sosial.json"
    return Delivery(
        "rosters",
        f"kota-mojokerto/{name}",
        _at(6, 2, 15),
        formats.records(rows),
        "Standing roster of Kota Mojokerto (neither KEGIATAN nor BULAN): holds for every event. JSON.",
        rows_read=len(lines),
        traps=mistakes_of(lines, 1, name),
    )


def _bojonegoro_sheet(lines: list[Line], nik_cell: Callable[[Line], Cell], day: str) -> Grid:
    columns = numbered(
        [
            ("NIK", nik_cell),
            ("NAMA LENGKAP", value("name")),
            ("L/P", value("sex")),
            ("TANGGAL LAHIR", value("birth_date")),
            ("PILAR/JABATAN", value("pillar")),
            ("KAB/KOTA", value("region")),
            ("KECAMATAN", value("district")),
            ("NO REKENING", value("account_no")),
            ("NAMA REKENING", value("account_name")),
            ("NO HP", value("phone")),
            ("NO BPJS KETENAGAKERJAAN", value("bpjs_no")),
            ("STATUS", always("AKTIF")),
            ("KEGIATAN", always(EVENT_CODE)),
        ],
        lines,
    )
    above: list[list[Cell]] = [
        ["PEMERINTAH KABUPATEN BOJONEGORO"],
        ["DINAS SOSIAL"],
        ["DAFTAR PILAR SOSIAL PENERIMA TALI ASIH TAHUN 2023"],
        [],
    ]
    groups = {7: "WILAYAH TUGAS", 9: "REKENING PENERIMA"}
    parted = {7, 8, 9, 10}
    upper: list[Cell] = [groups.get(c) if c in parted else header for c, (header, _) in enumerate(columns, start=1)]
    lower: list[Cell] = [header if c in parted else None for c, (header, _) in enumerate(columns, start=1)]
    body = [[cell(line) for _, cell in columns] for line in lines]
    total: list[Cell] = ["JUMLAH", None, f"{len(lines)} orang"]
    top = len(above) + 1
    merged = [
        (1, 1, 1, len(columns)),
        (2, 1, 2, len(columns)),
        (3, 1, 3, len(columns)),
        (top, 7, top, 8),
        (top, 9, top, 10),
    ]
    merged += [(top, c, top + 1, c) for c in range(1, len(columns) + 1) if c not in parted]
    rows = [*above, upper, lower, *body, total, *signature("Bojonegoro", day, len(columns))]
    return Grid("Pilar Sosial", rows, merged)


FIRST_ROW_OF_BOJONEGORO = 7
"""Three titles, an empty row, two header rows."""


def _bojonegoro_numeric(lines: list[Line], cast: Cast) -> Delivery:
    """All but two NIKs are numbers: somebody typed those two again, as text, and got them right."""
    first: list[Line] = [
        Line(line.person, {"account_no": cast.old_account}) if line.person == cast.changed_account else line
        for line in lines
    ]
    first.insert(100, Line(cast.left_out, {}))
    as_text = (cast.changed_account, cast.left_out)
    what = "NIK is a numeric cell; the corrected delivery supersedes the row"
    damaged = Mistake("NIK_NUMERIC_CELL", what)
    first = [line if line.person in as_text else Line(line.person, line.instead, (damaged,)) for line in first]

    def nik_cell(line: Line) -> Cell:
        return line.person.nik if line.person in as_text else numeric_nik(line)

    traps = mistakes_of(first, FIRST_ROW_OF_BOJONEGORO, "Pilar Sosial")
    return Delivery(
        "rosters",
        "kab-bojonegoro/Pilar Sosial Bojonegoro.xlsx",
        _at(10, 3, 40),
        workbooks.xlsx([_bojonegoro_sheet(first, nik_cell, "9 November 2023")]),
        "First delivery of Kab. Bojonegoro: the NIK column is numeric but for two cells. The corrected file "
        "supersedes every row: it leaves one person out and gives another a new account. XLSX.",
        state="superseded",
        rows_read=len(first),
        rows_superseded=len(first),
        traps=tuple(replace(trap, superseded=trap.quarantines) for trap in traps),
    )


def _bojonegoro(lines: list[Line]) -> Delivery:
    return Delivery(
        "rosters",
        "kab-bojonegoro/Pilar Sosial Bojonegoro PERBAIKAN.xlsx",
        _at(16, 4, 5),
        workbooks.xlsx([_bojonegoro_sheet(lines, value("nik"), "15 November 2023")]),
        "Corrected delivery of Kab. Bojonegoro: title rows, merged two-row header, total row, signature block. XLSX.",
        rows_read=len(lines),
        traps=(
            *mistakes_of(lines, FIRST_ROW_OF_BOJONEGORO, "Pilar Sosial"),
            Trap("PERSON_ABSENT", "somebody of the first list, whose NIK was text there, stands here no longer"),
            _no_tksk("Kedewan", decided="waived"),
        ),
    )


def _no_tksk(district: str, decided: str | None = None) -> Trap:
    return Trap("TKSK_DISTRICT_NONE", f"the district of {district} has no TKSK", decided=decided)


def _kab_mojokerto(lines: list[Line]) -> Delivery:
    columns = numbered(
        [
            ("NOMOR INDUK KEPENDUDUKAN", value("nik")),
            ("NAMA SESUAI KTP", value("name")),
            ("JENIS KELAMIN", value("sex")),
            ("TGL. LAHIR", value("birth_date")),
            ("JABATAN", role),
            ("KAB/KOTA LOKASI TUGAS", value("region")),
            ("KECAMATAN LOKASI TUGAS", value("district")),
            ("NOMER REKENING BANK JATIM", value("account_no")),
            ("ATAS NAMA", value("account_name")),
            ("NO HP / WA", value("phone")),
            ("NO BPJS KETENAGA KERJAAN", value("bpjs_no")),
            ("KEGIATAN", always(EVENT_CODE)),
        ],
        lines,
    )
    above: list[list[Cell]] = [["DATA PILAR SOSIAL KABUPATEN MOJOKERTO"], ["KEADAAN BULAN NOVEMBER 2023"], []]
    below = signature("Mojokerto", "13 November 2023", len(columns))
    grid, traps = laid_out("Data Pilar", above, columns, lines, below)
    return Delivery(
        "rosters",
        "kab-mojokerto/DATA PILAR KAB MOJOKERTO.ods",
        _at(13, 7, 20),
        workbooks.ods([grid]),
        "Kab. Mojokerto, title rows and signature block; two people of Kota Mojokerto stand in it too. ODS.",
        rows_read=len(lines),
        traps=traps,
    )


def _jombang(lines: list[Line]) -> Delivery:
    columns: list[Column] = [
        ("No. KTP / NIK", value("nik")),
        ("Nama Lengkap", value("name")),
        ("Jenis Kelamin", value("sex")),
        ("Tanggal Lahir", value("birth_date")),
        ("Kode Kab/Kota", always("3517")),
        ("Kecamatan Tugas", value("district")),
        ("Rekening Bank Jatim", value("account_no")),
        ("Nama di Rekening Bank Jatim", value("account_name")),
        ("No. Handphone", value("phone")),
        ("No. KPJ", value("bpjs_no")),
        ("Nama Kegiatan", always(EVENT_NAME)),
    ]
    grids: list[Grid] = []
    traps: list[Trap] = []
    for pillar, name in ROLES.items():
        own = [line for line in lines if line.person.pillar == pillar]
        grid, found = laid_out(pillar, [[f"DAFTAR {name.upper()} KABUPATEN JOMBANG"], []], columns, own)
        grids.append(grid)
        traps.extend(found)
    return Delivery(
        "rosters",
        "kab-jombang/Pilar Jombang.xls",
        _at(13, 8, 45),
        workbooks.xls(grids),
        "Kab. Jombang, one sheet for each pillar and no PILAR column: the sheet's name says it. XLS of Excel 97.",
        rows_read=len(lines),
        traps=tuple(traps),
    )


def _nganjuk(lines: list[Line], cast: Cast) -> Delivery:
    name = "pilar_nganjuk_nov2023.csv"
    columns: list[Column] = [
        ("NIK", value("nik")),
        ("NAMA", without_comma),
        ("JK", value("sex")),
        ("TGL LAHIR", value("birth_date")),
        ("PILAR", value("pillar")),
        ("KABUPATEN", value("region")),
        ("KEC", value("district")),
        ("NO REK", value("account_no")),
        ("NAMA REKENING", value("account_name")),
        ("NO TELP", value("phone")),
        ("NO BPJS TK", value("bpjs_no")),
        ("BULAN", always("2023-11")),
    ]
    grid, traps = laid_out(name, [], columns, lines)
    return Delivery(
        "rosters",
        f"kab-nganjuk/{name}",
        _at(14, 1, 30),
        formats.delimited(grid.rows, ",", "utf-8-sig"),
        "Kab. Nganjuk by month (BULAN 2023-11, no KEGIATAN): entitled at the events of that month on. "
        "CSV `,`, UTF-8 with BOM.",
        rows_read=len(lines),
        traps=(*traps, _no_tksk(cast.wrong_district.district)),
    )


def _tuban(lines: list[Line]) -> Delivery:
    name = "PILAR TUBAN.csv"
    columns: list[Column] = [
        ("NIK", value("nik")),
        ("NAMA PENERIMA", curly),
        ("L/P", value("sex")),
        ("TANGGAL LAHIR", in_words),
        ("JENIS PILAR", role),
        ("KAB/KOTA", value("region")),
        ("KECAMATAN", value("district")),
        ("NO. REKENING BANK JATIM", value("account_no")),
        ("NAMA PEMILIK REKENING", value("account_name")),
        ("NO HP", value("phone")),
        ("KPJ", value("bpjs_no")),
        ("KEGIATAN", always(EVENT_CODE)),
    ]
    width = len(columns)
    above = [
        padded(["DAFTAR PILAR SOSIAL KABUPATEN TUBAN"], width),
        padded(["TALI ASIH 2023"], width),
        padded([], width),
    ]
    total = padded(["JUMLAH", f"{len(lines)}"], width)
    grid, traps = laid_out(name, above, columns, lines, [total])
    return Delivery(
        "rosters",
        f"kab-tuban/{name}",
        _at(14, 3, 10),
        formats.delimited(grid.rows, ";", "cp1252"),
        "Kab. Tuban, title rows, birth dates in words, a total row. CSV `;`, cp1252.",
        rows_read=len(lines),
        traps=traps,
    )


def _lamongan(lines: list[Line]) -> Delivery:
    columns: list[Column] = [
        ("NIK", value("nik")),
        ("NAMA", value("name")),
        ("JENIS KELAMIN", value("sex")),
        ("TANGGAL LAHIR", value("birth_date")),
        ("KAB/KOTA", value("region")),
        ("KECAMATAN", value("district")),
        ("NO REKENING", value("account_no")),
        ("NAMA REKENING", value("account_name")),
        ("NO HP", value("phone")),
        ("NO KPJ", value("bpjs_no")),
        ("KEGIATAN", always(EVENT_CODE)),
    ]
    members: dict[str, bytes] = {}
    traps: list[Trap] = []
    older = rounded(lines, 12)
    by_member = {pillar: [line for line in lines if line.person.pillar == pillar] for pillar in ROLES}
    for member, own in (by_member | {"TAGANA lama": older}).items():
        grid, found = laid_out(f"{member}.csv", [], columns, own)
        members[grid.name] = formats.delimited(grid.rows, ";")
        traps.extend(found)
    members["__MACOSX/._PKH.csv"] = b"\x00\x05\x16\x07" + bytes(40)
    return Delivery(
        "rosters",
        "kab-lamongan/Pilar Lamongan.zip",
        _at(14, 6, 0),
        formats.zipped(members),
        "Kab. Lamongan, one CSV for each pillar and an older list; the member's name says the pillar. Holds a macOS "
        "junk member. ZIP of CSV `;`.",
        rows_read=len(lines) + len(older),
        traps=tuple(traps),
    )


def _gresik(lines: list[Line]) -> Delivery:
    name = "pilar gresik.txt"
    columns: list[Column] = [
        ("NO KTP/NIK", value("nik")),
        ("NAMA LENGKAP", value("name")),
        ("JNS KELAMIN", value("sex")),
        ("TGL LAHIR", dashed),
        ("PILAR SOSIAL", role),
        ("KABUPATEN/KOTA", value("region")),
        ("KECAMATAN TUGAS", value("district")),
        ("NOMOR REKENING", value("account_no")),
        ("NAMA PADA REKENING", value("account_name")),
        ("NOMOR HP", value("phone")),
        ("NOMOR BPJS KETENAGAKERJAAN", value("bpjs_no")),
        ("KODE KEGIATAN", always(EVENT_CODE)),
    ]
    grid, traps = laid_out(name, [], columns, lines)
    return Delivery(
        "rosters",
        f"kab-gresik/{name}",
        _at(14, 9, 25),
        formats.delimited(grid.rows, "\t", "utf-16"),
        "Kab. Gresik, birth dates dd-mm-yy. Text parted by tabs, UTF-16.",
        rows_read=len(lines),
        traps=(*traps, _no_tksk("Tambak")),
    )


# --- files that are refused or counted once -----------------------------------------------------------------------


def _copy(original: Delivery) -> Delivery:
    name = original.file_name.replace(".json", "_salinan.json")
    about = f"Byte for byte the same as `{original.file_name}`."
    return Delivery("rosters", name, _at(17, 2), original.content, about, state="duplicate", rule="FILE_DUPLICATE")


FEW_COLUMNS: list[Column] = [
    ("NIK", value("nik")),
    ("NAMA", value("name")),
    ("PILAR", value("pillar")),
    ("KAB/KOTA", value("region")),
    ("NO REKENING", value("account_no")),
    ("KEGIATAN", always(EVENT_CODE)),
]


def _truncated(lines: list[Line]) -> Delivery:
    grid, _ = laid_out("TKSK", [], FEW_COLUMNS, [line for line in lines if line.person.pillar == "TKSK"])
    whole = workbooks.xlsx([grid])
    return _refused(
        "kab-gresik/TKSK Gresik.xlsx",
        _at(17, 3),
        whole[: len(whole) * 2 // 3],
        "FILE_UNREADABLE",
        "An upload that broke off: two thirds of a workbook.",
    )


def _without_nik(lines: list[Line]) -> Delivery:
    grid, _ = laid_out("", [], FEW_COLUMNS[1:], lines[:12])
    return _refused(
        "kab-tuban/pilar tuban tanpa nik.csv",
        _at(17, 4),
        formats.delimited(grid.rows, ";"),
        "FILE_MISSING_COLUMN",
        "No NIK column.",
    )


def _wrong_extension(lines: list[Line]) -> Delivery:
    grid, _ = laid_out("TAGANA", [], FEW_COLUMNS, lines[:8])
    return _refused(
        "kab-jombang/Tagana Jombang.csv",
        _at(17, 5),
        workbooks.xlsx([grid]),
        "FILE_WRONG_EXTENSION",
        "An XLSX workbook that somebody renamed to .csv.",
    )


def _refused(name: str, when: datetime, content: bytes, rule: str, about: str) -> Delivery:
    return Delivery("rosters", name, when, content, about, state="rejected", rule=rule, traps=(Trap(rule, about),))
