"""How Bank Jatim's logs look: the columns, numbers and control lines of each file, and the rows that are odd."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from pilar.samples import formats, workbooks
from pilar.samples.formats import Cell
from pilar.samples.model import EVENT_CODE, TALI_ASIH_IDR, Delivery, Trap
from pilar.samples.people import Person
from pilar.samples.workbooks import Grid

FIRST_BATCH = "SP2D-0451/XI/2023"
RETRY_BATCH = "SP2D-0467/XI/2023"
HELD_BATCH = "SP2D-0479/XI/2023"


@dataclass(frozen=True)
class Transfer:
    """One statement about an attempt. ``person`` is None for an account that nobody has."""

    reference: str
    batch: str
    person: Person | None
    account_no: str
    account_name: str
    instructed: date
    amount: int = TALI_ASIH_IDR
    status: str = "PROSES"
    reason: str | None = None
    settled: date | None = None
    retry_of: str | None = None
    event: str = EVENT_CODE
    odd: tuple[Trap, ...] = ()
    """What this row must be found for, the place still open."""


def _traps(transfers: Sequence[Transfer], sheet: str, first_row: int) -> tuple[Trap, ...]:
    return tuple(
        replace(trap, sheet=sheet, source_row=row)
        for row, transfer in enumerate(transfers, start=first_row)
        for trap in transfer.odd
    )


def first_statement(transfers: Sequence[Transfer]) -> Delivery:
    name = "SP2D-0451 20231121.csv"
    head = [
        "NO REFERENSI",
        "BATCH",
        "KEGIATAN",
        "PROGRAM",
        "TANGGAL INSTRUKSI",
        "NO REKENING",
        "NAMA REKENING",
        "NOMINAL",
        "STATUS",
        "KODE RETUR",
        "TANGGAL EFEKTIF",
    ]
    rows: list[list[Cell]] = [
        [
            t.reference,
            t.batch,
            t.event,
            "TALI_ASIH",
            t.instructed,
            t.account_no,
            t.account_name,
            _indonesian(t.amount),
            t.status,
            t.reason,
            t.settled,
        ]
        for t in transfers
    ]
    return Delivery(
        "disbursements",
        f"bank-jatim/{name}.gz",
        _at(21, 9),
        formats.gzipped(formats.delimited([head, *rows], "|")),
        "Batch SP2D-0451 on the day of instruction: some rows SUKSES, one GAGAL, the rest PROSES; superseded by the "
        "next file. GZ of CSV `|`, amounts `1.000.000,00`.",
        state="superseded",
        rows_read=len(rows),
        rows_superseded=len(rows),
        traps=_traps(transfers, name, 2),
    )


def second_statement(transfers: Sequence[Transfer], superseded: int) -> Delivery:
    head: list[Cell] = [
        "No. Referensi",
        "No. SP2D",
        "Kegiatan",
        "Program",
        "Tgl. Instruksi",
        "No. Rekening",
        "Nama Penerima",
        "Nominal (Rp)",
        "Status",
        "Kode Retur",
        "Tgl. Efektif",
    ]
    rows: list[list[Cell]] = [
        [
            t.reference,
            t.batch,
            t.event,
            "TALI ASIH",
            t.instructed,
            t.account_no,
            t.account_name,
            f"Rp {_thousands(t.amount)}",
            t.status,
            t.reason,
            t.settled,
        ]
        for t in transfers
    ]
    above: list[list[Cell]] = [["BANK JATIM CABANG BOJONEGORO"], ["LAPORAN PENYALURAN SP2D-0451/XI/2023"], []]
    return Delivery(
        "disbursements",
        "bank-jatim/SP2D-0451 20231124 final.xlsx",
        _at(24, 10, 30),
        workbooks.xlsx([Grid("Laporan", [*above, head, *rows])]),
        "The same batch three days later with failures, with returns of what was SUKSES before, and a few rows still "
        "PROSES. XLSX, amounts `Rp 1.000.000`.",
        rows_read=len(rows),
        rows_superseded=superseded,
        traps=_traps(transfers, "Laporan", len(above) + 2),
    )


SHORT_HEAD = [
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
    "TANGGAL EFEKTIF",
    "NO REFERENSI ASAL",
]


def _short_rows(transfers: Iterable[Transfer]) -> list[list[Cell]]:
    return [
        [
            t.reference,
            t.batch,
            t.event,
            "TALI_ASIH",
            t.instructed,
            t.account_no,
            t.account_name,
            _thousands(t.amount),
            t.status,
            t.reason,
            t.settled,
            t.retry_of,
        ]
        for t in transfers
    ]


def retry_file(transfers: Sequence[Transfer]) -> Delivery:
    name = "SP2D-0467 ulang.csv"
    controls: list[list[Cell]] = [
        ["JUMLAH TRANSAKSI", len(transfers)],
        ["TOTAL NOMINAL", _indonesian(sum(t.amount for t in transfers))],
    ]
    return Delivery(
        "disbursements",
        f"bank-jatim/{name}",
        _at(30, 8),
        formats.delimited([SHORT_HEAD, *_short_rows(transfers), *controls], ";"),
        "Retries of failed and returned transfers, not all of them as they should be; one second payment, one "
        "stranger's account, one unknown event. CSV `;` with control lines that agree.",
        rows_read=len(transfers),
        traps=_traps(transfers, name, 2),
    )


def held_file(transfers: Sequence[Transfer]) -> Delivery:
    """Three rows, but the control lines speak of four."""
    name = "SP2D-0479.csv"
    stated = len(transfers) + 1
    controls: list[list[Cell]] = [
        ["JUMLAH TRANSAKSI", stated],
        ["TOTAL NOMINAL", _indonesian(stated * TALI_ASIH_IDR)],
    ]
    what = "the control lines state four transfers and Rp 4.000.000, the file holds three; its people stay UNPAID"
    return Delivery(
        "disbursements",
        f"bank-jatim/{name}",
        datetime(2023, 12, 1, 8, 0, tzinfo=UTC),
        formats.delimited([SHORT_HEAD, *_short_rows(transfers), *controls], ";"),
        "Three transfers under control lines that do not add up: every row is quarantined. CSV `;`.",
        rows_read=len(transfers),
        traps=tuple(
            Trap("CONTROL_TOTAL_DIFFERS", what, name, row, quarantines=True) for row in range(2, len(transfers) + 2)
        ),
    )


def _thousands(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


def _indonesian(amount: int) -> str:
    return f"{_thousands(amount)},00"


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2023, 11, day, hour, minute, tzinfo=UTC)
