"""One small world as its senders told it, and the ways in which they might have told the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pilar import landing
from pilar.config import Home
from pilar.samples import formats, workbooks

Row = tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """A file before it has a format. ``day`` is its modification time: a day after :data:`FIRST`, unlike any other's.

    ``slice_columns`` are where a row says which slice it is of. A bank file adds its control lines itself.
    """

    feed: str
    name: str
    day: int
    head: Row
    rows: tuple[Row, ...]
    slice_columns: tuple[str, ...]
    ending: str = ".csv"

    @property
    def grid(self) -> list[Row]:
        """All lines of the file."""
        return [self.head, *self.rows, *self._controls()]

    def parts(self) -> list[Told]:
        """A file for each slice of this one, told at the same time."""
        at = [self.head.index(column) for column in self.slice_columns]
        slices = sorted({tuple(row[place] for place in at) for row in self.rows})
        return [
            replace(
                self,
                name=f"{self.name} bagian {number}",
                rows=tuple(row for row in self.rows if tuple(row[place] for place in at) == slice_),
            )
            for number, slice_ in enumerate(slices)
        ]

    def _controls(self) -> list[Row]:
        if self.feed != "disbursements":
            return []
        total = sum(int(row[self.head.index("NOMINAL")]) for row in self.rows)
        return [("JUMLAH TRANSAKSI", str(len(self.rows))), ("TOTAL NOMINAL", str(total))]


FIRST = datetime(2023, 11, 1, 3, 0, tzinfo=UTC).timestamp()
DAY = 24 * 3600

EVENTS = (
    "KEGIATAN",
    "NAMA KEGIATAN",
    "TANGGAL KEGIATAN",
    "KAB/KOTA",
    "PILAR",
    "PROGRAM",
    "NOMINAL",
    "JUMLAH BULAN",
    "MULAI",
)
ROSTER = (
    "NIK",
    "NAMA",
    "L/P",
    "TANGGAL LAHIR",
    "PILAR",
    "KAB/KOTA",
    "NO REKENING",
    "KPJ",
    "KEGIATAN",
    "BULAN",
    "STATUS",
)
BANK = (
    "NO REFERENSI",
    "NO SP2D",
    "KEGIATAN",
    "PROGRAM",
    "TANGGAL INSTRUKSI",
    "NO REKENING",
    "NAMA REKENING",
    "NOMINAL",
    "STATUS",
    "KODE RETUR",
    "NO REFERENSI ASAL",
)
PREMIUMS = ("KPJ", "NIK", "NAMA", "BULAN", "PROGRAM", "IURAN", "STATUS")

_SARI = ("3523014101809001", "SARI WULANDARI", "P", "01/01/1980")
_BUDI = ("3522020302829002", "BUDI SANTOSO", "L", "03/02/1982")
_RINA = ("3524034503849003", "RINA KARTIKA", "P", "05/03/1984")
_JOKO = ("3523040704869004", "JOKO PRASETYO", "L", "07/04/1986")
_BROKEN = ("35220549058890", "DEWI PERMATA", "P", "09/05/1988")
_TUBAN, _BOJONEGORO = "Kab. Tuban", "Kab. Bojonegoro"


def _roster(name: str, day: int, *rows: Row) -> Told:
    return Told("rosters", name, day, ROSTER, rows, ("KEGIATAN", "BULAN", "KAB/KOTA", "PILAR"))


def _bank(name: str, day: int, *rows: Row) -> Told:
    return Told("disbursements", name, day, BANK, rows, ("NO SP2D",))


def _transfer(reference: str, batch: str, account: str, holder: str, amount: str, *rest: str) -> Row:
    return (reference, batch, "TBN-1", "TALI_ASIH", "21/11/2023", account, holder, amount, *rest)


WORLD: tuple[Told, ...] = (
    Told(
        "events",
        "kegiatan",
        0,
        EVENTS,
        (
            ("TBN-1", "Tali Asih", "20/11/2023", _TUBAN, "PKH", "TALI_ASIH", "1000000", "", ""),
            ("TBN-1", "Tali Asih", "20/11/2023", _BOJONEGORO, "PKH", "TALI_ASIH", "1000000", "", ""),
            ("TBN-1", "Tali Asih", "20/11/2023", _TUBAN, "PKH", "BPJS_TK", "16800", "3", "2023-11"),
            ("TBN-2", "Tali Asih lagi", "10/02/2024", _TUBAN, "TAGANA", "TALI_ASIH", "500000", "", ""),
        ),
        ("KEGIATAN",),
    ),
    _roster(
        "daftar tetap",
        1,
        (*_SARI, "PKH", _TUBAN, "1100000001", "23000009001", "", "", ""),
        (*_BUDI, "PKH", _BOJONEGORO, "2200000001", "", "", "", ""),
        (*_JOKO, "TAGANA", _TUBAN, "4400000001", "", "", "", ""),
        (*_BROKEN, "PKH", _TUBAN, "5500000001", "", "", "", ""),
    ),
    _roster(
        "daftar kegiatan",
        2,
        (*_SARI, "PKH", _TUBAN, "1100000001", "", "TBN-1", "", ""),
        (*_RINA, "PKH", _BOJONEGORO, "3300000001", "", "TBN-1", "", ""),
        (*_JOKO, "PKH", _BOJONEGORO, "4400000001", "", "TBN-1", "", "NONAKTIF"),
    ),
    _bank(
        "bank pertama",
        3,
        _transfer("R-1", "SP2D-1", "1100000001", "SARI WULANDARI", "1000000", "PROSES", "", ""),
        _transfer("R-2", "SP2D-1", "3300000001", "RINA KARTIKA", "1000000", "PROSES", "", ""),
        _transfer("R-3", "SP2D-2", "2200000001", "BUDI SANTOSO", "500000", "SUKSES", "", ""),
        _transfer("R-4", "SP2D-2", "9900000001", "WATI LESTARI", "1000000", "SUKSES", "", ""),
    ),
    _bank(
        "bank kedua",
        4,
        _transfer("R-1", "SP2D-1", "1100000001", "SARI WULANDARI", "1000000", "SUKSES", "", ""),
        _transfer("R-2", "SP2D-1", "3300000001", "RINA KARTIKA", "1000000", "RETUR", "U183", ""),
    ),
    _roster(
        "daftar kegiatan lagi",
        5,
        (*_RINA, "PKH", _BOJONEGORO, "3300000002", "", "TBN-1", "", ""),
        (*_JOKO, "PKH", _BOJONEGORO, "4400000001", "", "TBN-1", "", ""),
    ),
    _bank(
        "bank ulang",
        6,
        _transfer("R-5", "SP2D-3", "3300000002", "RINA KARTIKA", "1000000", "SUKSES", "", "R-2"),
        _transfer("R-6", "SP2D-3", "2200000001", "BUDI SANTOSO", "500000", "GAGAL", "U182", ""),
        _transfer("R-7", "SP2D-4", "2200000001", "BUDI SANTOSO", "500000", "PROSES", "", ""),
    ),
    _roster(
        "november",
        7,
        (*_SARI, "PKH", _TUBAN, "1100000001", "", "", "2023-11", ""),
        (*_BUDI, "PKH", _BOJONEGORO, "2200000001", "", "", "2023-11", ""),
    ),
    _roster(
        "desember",
        8,
        (*_SARI, "PKH", _TUBAN, "1100000001", "", "", "2023-12", ""),
        (*_RINA, "PKH", _BOJONEGORO, "3300000002", "", "", "2023-12", ""),
    ),
    Told(
        "premiums",
        "iuran",
        9,
        PREMIUMS,
        (
            ("23000009001", "", "SARI WULANDARI", "2023-11", "JKK+JKM", "16800", "LUNAS"),
            ("", _SARI[0], "SARI WULANDARI", "2023-12", "JKK+JKM", "16800", "TUNGGAK"),
            ("", _BUDI[0], "BUDI SANTOSO", "2023-11", "JKK+JKM", "16800", "LUNAS"),
        ),
        ("BULAN",),
    ),
)
"""A batch stated twice, a returned transfer and its retry, a corrected roster, somebody who left, a gap in cover."""


def content(told: Told) -> bytes:
    """The file's bytes in the format of its ending."""
    rows = told.grid
    width = len(told.head)
    even = [[*row, *[""] * (width - len(row))] for row in rows]
    texts = formats.delimited(rows, ";")
    records = [dict(zip(told.head, row, strict=True)) for row in told.rows]
    sheet = [workbooks.Grid("Data", even)]
    written: dict[str, Callable[[], bytes]] = {
        ".csv": lambda: texts,
        ".txt": lambda: formats.delimited(rows, "\t", "utf-16"),
        ".json": lambda: formats.records(records),
        ".xlsx": lambda: workbooks.xlsx(sheet),
        ".xls": lambda: workbooks.xls(sheet),
        ".ods": lambda: workbooks.ods(sheet),
        ".zip": lambda: formats.zipped({f"{told.name}.csv": texts}),
        ".csv.gz": lambda: formats.gzipped(texts),
    }
    return written[told.ending]()


def land(home: Home, world: Iterable[Told]) -> None:
    """Land the files and take them into ``raw/`` with the project's own landing."""
    for told in world:
        path = home.landing / told.feed / f"{told.name}{told.ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(told))
        moment = FIRST + told.day * DAY
        os.utime(path, (moment, moment))
    take(home)


def take(home: Home) -> None:
    """Take what is new in landing; a file that is not read is an error here."""
    for item in landing.scan(home).items:
        taken = landing.ingest(home, item)
        if taken.outcome not in ("read", "duplicate"):
            raise AssertionError(f"{taken.file_name}: {taken.outcome}, {taken.reason_en}")


def again(world: Sequence[Told], **changes: object) -> tuple[Told, ...]:
    """The world with some fields of each file changed."""
    return tuple(replace(told, **changes) for told in world)  # type: ignore[arg-type]
