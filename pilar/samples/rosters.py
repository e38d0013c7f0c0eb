"""Eight kab/kota send their rosters, each in its own way, with the mistakes that offices make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from pilar.samples import formats
from pilar.samples.cast import SPELLED_OTHERWISE, Cast
from pilar.samples.formats import Cell, Grid
from pilar.samples.model import EVENT_CODE, EVENT_NAME, Delivery, Trap
from pilar.samples.people import REGIONS, Person, Register

MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()
ROLES = {"PKH": "Pendamping PKH", "TAGANA": "Tagana", "TKSK": "TKSK"}


@dataclass(frozen=True)
class Mistake:
    """A broken rule of one row."""

    rule_code: str
    what: str
    quarantines: bool = True


@dataclass(frozen=True)
class Line:
    """A row before it is laid out: the person, and cells that say something else than the person."""

    person: Person
    instead: dict[str, Cell]
    mistakes: tuple[Mistake, ...] = ()


Column = tuple[str, Callable[[Line], Cell]]
"""Header as printed, and its cell."""


def deliveries(everyone: Sequence[Person], cast: Cast, register: Register) -> list[Delivery]:
    """All files of the feed, in the order of delivery."""
    lines = {region: _lines(region, everyone, cast, register) for region in REGIONS}
    jombang_tagana = [line for line in lines["3517"] if line.person.pillar == "TAGANA"]
    kota_mojokerto = _kota_mojokerto(lines["3576"])
    return [
        kota_mojokerto,
        _bojonegoro_numeric(lines["3522"]),
        _kab_mojokerto(lines["3516"]),
        _jombang(lines["3517"]),
        _nganjuk(lines["3518"]),
        _tuban(lines["3523"]),
        _lamongan(lines["3524"]),
        _gresik(lines["3525"]),
        _bojonegoro(lines["3522"]),
        _copy(kota_mojokerto),
        _truncated(lines["3525"]),
        _without_nik(lines["3523"]),
        _wrong_extension(jombang_tagana),
    ]


# --- rows -------------------------------------------------------------------------------------------------------


def _lines(region: str, everyone: Sequence[Person], cast: Cast, register: Register) -> list[Line]:
    lines = [_line(person, cast) for person in everyone if person.region == region]
    for at, line in _extra(region, cast, register):
        lines.insert(at if at >= 0 else len(lines), line)
    return lines


def _line(person: Person, cast: Cast) -> Line:
    """The row of one of the 1,657; what is wrong with some of them is a warning."""
    if person is cast.numeric_account:
        what = "account as a numeric cell: the leading zero is lost"
        return Line(person, {"account_no": int(person.account_no)}, (_warning("ACCOUNT_NUMERIC_CELL", what),))
    if person is cast.no_account:
        return Line(person, {"account_no": None}, (_warning("ACCOUNT_MISSING", "no account"),))
    if person is cast.birth_differs:
        what = "birth date eleven days later than in the NIK"
        other = person.birth + timedelta(days=11)
        return Line(person, {"birth_date": other}, (_warning("NIK_BIRTH_DATE_DIFFERS", what),))
    if person is cast.health_number:
        what = "a health-insurance number (13 digits) in the KPJ column"
        return Line(person, {"bpjs_no": f"00{person.bpjs_no}"}, (_warning("BPJS_NO_INVALID", what),))
    if person is cast.misspelled_district:
        what = "district misspelled"
        return Line(person, {"district": f"{person.district[:-1]}xx"}, (_warning("DISTRICT_UNKNOWN", what),))
    return Line(person, {})


def _extra(region: str, cast: Cast, register: Register) -> list[tuple[int, Line]]:
    """Rows beyond the 1,657, with the place where they stand (-1: at the end)."""

    def stranger(pillar: str = "PKH") -> Person:
        return register.person(pillar, region, "")

    if region == "3516":
        ambiguous = Mistake("REGION_AMBIGUOUS", "kab/kota is just `Mojokerto`: the regency or the city?")
        again = replace(cast.spelled_twice, name=SPELLED_OTHERWISE)
        twice = _warning(
            "PERSON_DUPLICATE",
            "the NIK also stands in Kota Mojokerto's standing roster, where the name is spelled otherwise",
        )
        return [(20, Line(stranger(), {"region": "Mojokerto"}, (ambiguous,))), (-1, Line(again, {}, (twice,)))]
    if region == "3517":
        person = stranger()
        short = Mistake("NIK_LENGTH", "NIK of 15 digits")
        return [(12, Line(person, {"nik": person.nik[:-1]}, (short,)))]
    if region == "3518":
        zero, nameless = stranger(), stranger()
        serial = Mistake("NIK_SERIAL_ZERO", "serial 0000 in the NIK")
        empty = Mistake("NAME_MISSING", "no name")
        return [
            (30, Line(zero, {"nik": f"{zero.nik[:-4]}0000"}, (serial,))),
            (31, Line(nameless, {"name": None}, (empty,))),
        ]
    if region == "3523":
        never = replace(stranger(), birth=date(1985, 2, 28))
        wrong = f"{never.nik[:6]}{'71' if never.sex == 'P' else '31'}0285{never.nik[-4:]}"
        impossible = Mistake("NIK_DATE_IMPOSSIBLE", "31 February inside the NIK")
        unknown = Mistake("REGION_UNKNOWN", "kab/kota `Kab. Tubanan` does not exist")
        return [
            (40, Line(never, {"nik": wrong}, (impossible,))),
            (55, Line(stranger(), {"region": "Kab. Tubanan"}, (unknown,))),
        ]
    if region == "3524":
        twice = _warning("PERSON_DUPLICATE", "the same person twice in one roster")
        return [(187, Line(cast.twice_in_roster, {}, (twice,)))]
    if region == "3525":
        pillar = Mistake("PILLAR_UNKNOWN", "pillar `Karang Taruna` is none of the three")
        return [(15, Line(stranger(), {"pillar": "Karang Taruna"}, (pillar,)))]
    return []


def _warning(rule_code: str, what: str) -> Mistake:
    return Mistake(rule_code, what, quarantines=False)


# --- cells ------------------------------------------------------------------------------------------------------


def _cell(key: str) -> Callable[[Line], Cell]:
    def cell(line: Line) -> Cell:
        person = line.person
        if key in line.instead:
            return line.instead[key]
        if key == "region":
            return REGIONS[person.region]
        if key == "birth_date":
            return person.birth
        value: str = getattr(person, key)
        return value

    return cell


def _always(value: str) -> Callable[[Line], Cell]:
    return lambda line: value


def _dashed(line: Line) -> Cell:
    """dd-mm-yy."""
    born = _cell("birth_date")(line)
    return born.strftime("%d-%m-%y") if isinstance(born, date) else born


def _in_words(line: Line) -> Cell:
    """12 Mei 1978."""
    born = _cell("birth_date")(line)
    return f"{born.day} {MONTHS[born.month - 1]} {born.year}" if isinstance(born, date) else born


def _iso(line: Line) -> Cell:
    born = _cell("birth_date")(line)
    return born.isoformat() if isinstance(born, date) else born


def _role(line: Line) -> Cell:
    """The office's word for the pillar."""
    return line.instead.get("pillar", ROLES[line.person.pillar])


def _without_comma(line: Line) -> Cell:
    """`SITI AMINAH S.Sos.`: the delimiter of the file is a comma."""
    name = _cell("name")(line)
    return name.replace(",", "") if isinstance(name, str) else name


def _curly(line: Line) -> Cell:
    """Typographic apostrophe, as a word processor sets it: a byte that only cp1252 reads."""
    name = _cell("name")(line)
    return name.replace("'", "’") if isinstance(name, str) else name


def _numeric_nik(line: Line) -> Cell:
    """What a spreadsheet keeps of a NIK that was typed as a number: 15 digits."""
    return int(line.person.nik) // 10 * 10


def _grid(
    name: str,
    above: Sequence[Sequence[Cell]],
    columns: Sequence[Column],
    lines: Sequence[Line],
    below: Sequence[Sequence[Cell]] = (),
) -> tuple[Grid, tuple[Trap, ...]]:
    """A sheet with its title rows, header, rows and signature, and the mistakes with the row they ended up in."""
    head = [*above, [header for header, _ in columns]]
    body = [[cell(line) for _, cell in columns] for line in lines]
    return Grid(name, [*head, *body, *below]), _traps(lines, len(head) + 1, name)


def _traps(lines: Sequence[Line], first_row: int, sheet: str | None) -> tuple[Trap, ...]:
    return tuple(
        Trap(mistake.rule_code, mistake.what, sheet, row, mistake.quarantines)
        for row, line in enumerate(lines, start=first_row)
        for mistake in line.mistakes
    )


def _numbered(columns: Sequence[Column], lines: Sequence[Line]) -> list[Column]:
    number = {id(line): index for index, line in enumerate(lines, start=1)}
    return [("NO", lambda line: number[id(line)]), *columns]


def _signature(place: str, day: str, width: int) -> list[list[Cell]]:
    pad: list[Cell] = [None] * (width - 3)
    return [
        [],
        [*pad, f"{place}, {day}"],
        [*pad, "Kepala Dinas Sosial"],
        [],
        [],
        [*pad, "Drs. SUTOMO HADIWINOTO, M.Si."],
        [*pad, "NIP. 19680101 199303 1 099"],
    ]


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2023, 11, day, hour, minute, tzinfo=UTC)


# --- files ------------------------------------------------------------------------------------------------------


def _kota_mojokerto(lines: list[Line]) -> Delivery:
    columns: list[Column] = [
        ("NIK", _cell("nik")),
        ("NAMA", _cell("name")),
        ("JENIS KELAMIN", _cell("sex")),
        ("TANGGAL LAHIR", _iso),
        ("PILAR", _cell("pillar")),
        ("KODE KAB/KOTA", _cell("region")),
        ("KECAMATAN", _cell("district")),
        ("NO REKENING", _cell("account_no")),
        ("NAMA REKENING", _cell("account_name")),
        ("NO HP", _cell("phone")),
        ("KPJ", _cell("bpjs_no")),
        ("STATUS", _always("AKTIF")),
    ]
    rows = [{header: formats.text(cell(line)) for header, cell in columns} for line in lines]
    for row in rows:
        row["KODE KAB/KOTA"] = "3576"
    return Delivery(
        "rosters",
        "kota-mojokerto/pilar-sosial.json",
        _at(6, 2, 15),
        formats.records(rows),
        "Standing roster of Kota Mojokerto (neither KEGIATAN nor BULAN): holds for every event. JSON.",
        rows_read=len(lines),
    )


def _bojonegoro_sheet(lines: list[Line], nik_cell: Callable[[Line], Cell], day: str) -> Grid:
    columns = _numbered(
        [
            ("NIK", nik_cell),
            ("NAMA LENGKAP", _cell("name")),
            ("L/P", _cell("sex")),
            ("TANGGAL LAHIR", _cell("birth_date")),
            ("PILAR/JABATAN", _cell("pillar")),
            ("KAB/KOTA", _cell("region")),
            ("KECAMATAN", _cell("district")),
            ("NO REKENING", _cell("account_no")),
            ("NAMA REKENING", _cell("account_name")),
            ("NO HP", _cell("phone")),
            ("NO BPJS KETENAGAKERJAAN", _cell("bpjs_no")),
            ("STATUS", _always("AKTIF")),
            ("KEGIATAN", _always(EVENT_CODE)),
        ],
        lines,
    )
    above = [
        ["PEMERINTAH KABUPATEN BOJONEGORO"],
        ["DINAS SOSIAL"],
        ["DAFTAR PILAR SOSIAL PENERIMA TALI ASIH TAHUN 2023"],
        [],
    ]
    groups = {7: "WILAYAH TUGAS", 9: "REKENING PENERIMA"}
    parted = {7, 8, 9, 10}
    upper = [groups.get(c) if c in parted else header for c, (header, _) in enumerate(columns, start=1)]
    lower = [header if c in parted else None for c, (header, _) in enumerate(columns, start=1)]
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
    rows = [*above, upper, lower, *body, total, *_signature("Bojonegoro", day, len(columns))]
    return Grid("Pilar Sosial", rows, merged)


FIRST_ROW_OF_BOJONEGORO = 7
"""Three titles, an empty row, two header rows."""


def _bojonegoro_numeric(lines: list[Line]) -> Delivery:
    what = "NIK is a numeric cell; the corrected delivery supersedes the row"
    return Delivery(
        "rosters",
        "kab-bojonegoro/Pilar Sosial Bojonegoro.xlsx",
        _at(10, 3, 40),
        formats.xlsx([_bojonegoro_sheet(lines, _numeric_nik, "9 November 2023")]),
        "First delivery of Kab. Bojonegoro: the NIK column is numeric. The corrected file supersedes every row. XLSX.",
        state="superseded",
        rows_read=len(lines),
        rows_superseded=len(lines),
        traps=tuple(
            Trap("NIK_NUMERIC_CELL", what, "Pilar Sosial", row, quarantines=True, superseded=True)
            for row in range(FIRST_ROW_OF_BOJONEGORO, FIRST_ROW_OF_BOJONEGORO + len(lines))
        ),
    )


def _bojonegoro(lines: list[Line]) -> Delivery:
    return Delivery(
        "rosters",
        "kab-bojonegoro/Pilar Sosial Bojonegoro PERBAIKAN.xlsx",
        _at(16, 4, 5),
        formats.xlsx([_bojonegoro_sheet(lines, _cell("nik"), "15 November 2023")]),
        "Corrected delivery of Kab. Bojonegoro: title rows, merged two-row header, total row, signature block. XLSX.",
        rows_read=len(lines),
    )


def _kab_mojokerto(lines: list[Line]) -> Delivery:
    columns = _numbered(
        [
            ("NOMOR INDUK KEPENDUDUKAN", _cell("nik")),
            ("NAMA SESUAI KTP", _cell("name")),
            ("JENIS KELAMIN", _cell("sex")),
            ("TGL. LAHIR", _cell("birth_date")),
            ("JABATAN", _role),
            ("KAB/KOTA LOKASI TUGAS", _cell("region")),
            ("KECAMATAN LOKASI TUGAS", _cell("district")),
            ("NOMER REKENING BANK JATIM", _cell("account_no")),
            ("ATAS NAMA", _cell("account_name")),
            ("NO HP / WA", _cell("phone")),
            ("NO BPJS KETENAGA KERJAAN", _cell("bpjs_no")),
            ("KEGIATAN", _always(EVENT_CODE)),
        ],
        lines,
    )
    above: list[list[Cell]] = [["DATA PILAR SOSIAL KABUPATEN MOJOKERTO"], ["KEADAAN BULAN NOVEMBER 2023"], []]
    below = _signature("Mojokerto", "13 November 2023", len(columns))
    grid, traps = _grid("Data Pilar", above, columns, lines, below)
    return Delivery(
        "rosters",
        "kab-mojokerto/DATA PILAR KAB MOJOKERTO.ods",
        _at(13, 7, 20),
        formats.ods([grid]),
        "Kab. Mojokerto, title rows and signature block; one Tagana of Kota Mojokerto stands in it too. ODS.",
        rows_read=len(lines),
        traps=traps,
    )


def _jombang(lines: list[Line]) -> Delivery:
    columns: list[Column] = [
        ("No. KTP / NIK", _cell("nik")),
        ("Nama Lengkap", _cell("name")),
        ("Jenis Kelamin", _cell("sex")),
        ("Tanggal Lahir", _cell("birth_date")),
        ("Kode Kab/Kota", _always("3517")),
        ("Kecamatan Tugas", _cell("district")),
        ("Rekening Bank Jatim", _cell("account_no")),
        ("Nama di Rekening Bank Jatim", _cell("account_name")),
        ("No. Handphone", _cell("phone")),
        ("No. KPJ", _cell("bpjs_no")),
        ("Nama Kegiatan", _always(EVENT_NAME)),
    ]
    grids, traps = [], []
    for pillar in ROLES:
        own = [line for line in lines if line.person.pillar == pillar]
        grid, found = _grid(pillar, [[f"DAFTAR {ROLES[pillar].upper()} KABUPATEN JOMBANG"], []], columns, own)
        grids.append(grid)
        traps.extend(found)
    return Delivery(
        "rosters",
        "kab-jombang/Pilar Jombang.xls",
        _at(13, 8, 45),
        formats.xls(grids),
        "Kab. Jombang, one sheet for each pillar and no PILAR column: the sheet's name says it. XLS of Excel 97.",
        rows_read=len(lines),
        traps=tuple(traps),
    )


def _nganjuk(lines: list[Line]) -> Delivery:
    columns: list[Column] = [
        ("NIK", _cell("nik")),
        ("NAMA", _without_comma),
        ("JK", _cell("sex")),
        ("TGL LAHIR", _cell("birth_date")),
        ("PILAR", _cell("pillar")),
        ("KABUPATEN", _cell("region")),
        ("KEC", _cell("district")),
        ("NO REK", _cell("account_no")),
        ("NAMA REKENING", _cell("account_name")),
        ("NO TELP", _cell("phone")),
        ("NO BPJS TK", _cell("bpjs_no")),
        ("BULAN", _always("2023-11")),
    ]
    grid, traps = _grid("", [], columns, lines)
    return Delivery(
        "rosters",
        "kab-nganjuk/pilar_nganjuk_nov2023.csv",
        _at(14, 1, 30),
        formats.delimited(grid.rows, ",", "utf-8-sig"),
        "Kab. Nganjuk by month (BULAN 2023-11, no KEGIATAN): entitled at the events of that month on. CSV `,`, UTF-8 with BOM.",
        rows_read=len(lines),
        traps=_plain(traps),
    )


def _tuban(lines: list[Line]) -> Delivery:
    columns: list[Column] = [
        ("NIK", _cell("nik")),
        ("NAMA PENERIMA", _curly),
        ("L/P", _cell("sex")),
        ("TANGGAL LAHIR", _in_words),
        ("JENIS PILAR", _role),
        ("KAB/KOTA", _cell("region")),
        ("KECAMATAN", _cell("district")),
        ("NO. REKENING BANK JATIM", _cell("account_no")),
        ("NAMA PEMILIK REKENING", _cell("account_name")),
        ("NO HP", _cell("phone")),
        ("KPJ", _cell("bpjs_no")),
        ("KEGIATAN", _always(EVENT_CODE)),
    ]
    width = len(columns)
    above = [
        _padded(["DAFTAR PILAR SOSIAL KABUPATEN TUBAN"], width),
        _padded(["TALI ASIH 2023"], width),
        _padded([], width),
    ]
    total = _padded(["JUMLAH", f"{len(lines)}"], width)
    grid, traps = _grid("", above, columns, lines, [total])
    return Delivery(
        "rosters",
        "kab-tuban/PILAR TUBAN.csv",
        _at(14, 3, 10),
        formats.delimited(grid.rows, ";", "cp1252"),
        "Kab. Tuban, title rows, birth dates in words, a total row. CSV `;`, cp1252.",
        rows_read=len(lines),
        traps=_plain(traps),
    )


def _lamongan(lines: list[Line]) -> Delivery:
    columns: list[Column] = [
        ("NIK", _cell("nik")),
        ("NAMA", _cell("name")),
        ("JENIS KELAMIN", _cell("sex")),
        ("TANGGAL LAHIR", _cell("birth_date")),
        ("KAB/KOTA", _cell("region")),
        ("KECAMATAN", _cell("district")),
        ("NO REKENING", _cell("account_no")),
        ("NAMA REKENING", _cell("account_name")),
        ("NO HP", _cell("phone")),
        ("NO KPJ", _cell("bpjs_no")),
        ("KEGIATAN", _always(EVENT_CODE)),
    ]
    members: dict[str, bytes] = {}
    traps: list[Trap] = []
    for pillar in ROLES:
        own = [line for line in lines if line.person.pillar == pillar]
        grid, found = _grid(f"{pillar}.csv", [], columns, own)
        members[grid.name] = formats.delimited(grid.rows, ";")
        traps.extend(found)
    members["__MACOSX/._PKH.csv"] = b"\x00\x05\x16\x07" + bytes(40)
    return Delivery(
        "rosters",
        "kab-lamongan/Pilar Lamongan.zip",
        _at(14, 6, 0),
        formats.zipped(members),
        "Kab. Lamongan, one CSV for each pillar; the member's name says the pillar. Holds a macOS junk member. ZIP of CSV `;`.",
        rows_read=len(lines),
        traps=tuple(traps),
    )


def _gresik(lines: list[Line]) -> Delivery:
    columns: list[Column] = [
        ("NO KTP/NIK", _cell("nik")),
        ("NAMA LENGKAP", _cell("name")),
        ("JNS KELAMIN", _cell("sex")),
        ("TGL LAHIR", _dashed),
        ("PILAR SOSIAL", _role),
        ("KABUPATEN/KOTA", _cell("region")),
        ("KECAMATAN TUGAS", _cell("district")),
        ("NOMOR REKENING", _cell("account_no")),
        ("NAMA PADA REKENING", _cell("account_name")),
        ("NOMOR HP", _cell("phone")),
        ("NOMOR BPJS KETENAGAKERJAAN", _cell("bpjs_no")),
        ("KODE KEGIATAN", _always(EVENT_CODE)),
    ]
    grid, traps = _grid("", [], columns, lines)
    return Delivery(
        "rosters",
        "kab-gresik/pilar gresik.txt",
        _at(14, 9, 25),
        formats.delimited(grid.rows, "\t", "utf-16"),
        "Kab. Gresik, birth dates dd-mm-yy. Text parted by tabs, UTF-16.",
        rows_read=len(lines),
        traps=_plain(traps),
    )


# --- files that are refused or counted once -----------------------------------------------------------------------


def _copy(original: Delivery) -> Delivery:
    name = original.file_name.replace(".json", " (1).json")
    what = f"{original.file_name}"
    return Delivery(
        "rosters", name, _at(17, 2), original.content, f"Byte for byte the same as `{what}`.", state="duplicate"
    )


FEW_COLUMNS: list[Column] = [
    ("NIK", _cell("nik")),
    ("NAMA", _cell("name")),
    ("PILAR", _cell("pillar")),
    ("KAB/KOTA", _cell("region")),
    ("NO REKENING", _cell("account_no")),
    ("KEGIATAN", _always(EVENT_CODE)),
]


def _truncated(lines: list[Line]) -> Delivery:
    grid, _ = _grid("TKSK", [], FEW_COLUMNS, [line for line in lines if line.person.pillar == "TKSK"])
    whole = formats.xlsx([grid])
    return _refused(
        "kab-gresik/TKSK Gresik.xlsx",
        _at(17, 3),
        whole[: len(whole) * 2 // 3],
        "FILE_UNREADABLE",
        "An upload that broke off: two thirds of a workbook.",
    )


def _without_nik(lines: list[Line]) -> Delivery:
    grid, _ = _grid("", [], FEW_COLUMNS[1:], lines[:12])
    return _refused(
        "kab-tuban/pilar tuban tanpa nik.csv",
        _at(17, 4),
        formats.delimited(grid.rows, ";"),
        "FILE_MISSING_COLUMN",
        "No NIK column.",
    )


def _wrong_extension(lines: list[Line]) -> Delivery:
    grid, _ = _grid("TAGANA", [], FEW_COLUMNS, lines[:8])
    return _refused(
        "kab-jombang/Tagana Jombang.csv",
        _at(17, 5),
        formats.xlsx([grid]),
        "FILE_WRONG_EXTENSION",
        "An XLSX workbook that somebody renamed to .csv.",
    )


def _refused(name: str, when: datetime, content: bytes, rule: str, about: str) -> Delivery:
    return Delivery("rosters", name, when, content, about, state="rejected", rule=rule, traps=(Trap(rule, about),))


def _padded(cells: Sequence[Cell], width: int) -> list[Cell]:
    """As a spreadsheet exports a title row to CSV: every row has every delimiter."""
    return [*cells, *[None] * (width - len(cells))]


def _plain(traps: Sequence[Trap]) -> tuple[Trap, ...]:
    """A text file has no sheets."""
    return tuple(replace(trap, sheet=None) for trap in traps)
