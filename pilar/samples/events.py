"""The event of 20 November 2023: who is entitled to what."""

from __future__ import annotations

from datetime import UTC, date, datetime

from pilar.samples import workbooks
from pilar.samples.formats import Cell
from pilar.samples.model import EVENT_CODE, EVENT_NAME, PREMIUM_IDR, Delivery
from pilar.samples.workbooks import Grid

HEAD: list[Cell] = [
    "KODE KEGIATAN",
    "NAMA KEGIATAN",
    "TANGGAL KEGIATAN",
    "BAKORWIL",
    "PILAR",
    "PROGRAM",
    "NOMINAL",
    "JUMLAH BULAN",
    "MULAI",
]


def delivery() -> Delivery:
    day = date(2023, 11, 20)
    money = [_row(day, pillar, "TALI_ASIH", ["Rp 1.000.000"]) for pillar in ("PKH", "TAGANA", "TKSK")]
    cover = [_row(day, pillar, "BPJS_TK", [PREMIUM_IDR, 12, "01/01/2023"]) for pillar in ("TAGANA", "TKSK")]
    above: list[list[Cell]] = [
        ["DINAS SOSIAL PROVINSI JAWA TIMUR"],
        ["DAFTAR HAK PENERIMA TIAP KEGIATAN"],
        [],
    ]
    return Delivery(
        "events",
        "Kegiatan Bakorwil Bojonegoro 20 November 2023.xlsx",
        datetime(2023, 11, 3, 2, 0, tzinfo=UTC),
        workbooks.xlsx([Grid("Kegiatan", [*above, HEAD, *money, *cover])]),
        "Tali asih of Rp 1,000,000 for each person of the three pillars; twelve premiums for Tagana and TKSK. XLSX.",
        rows_read=len(money) + len(cover),
    )


def _row(day: date, pillar: str, benefit: str, amount_months_start: list[Cell]) -> list[Cell]:
    return [EVENT_CODE, EVENT_NAME, day, "Bojonegoro", pillar, benefit, *amount_months_start]
