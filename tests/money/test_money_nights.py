"""One night over bank files that return, repeat, withdraw, move to new accounts and contradict themselves."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from pilar.config import Home
from tests.harness.memory import Memory
from tests.harness.nights import Nights

EVENTS = (
    "KEGIATAN;NAMA KEGIATAN;TANGGAL KEGIATAN;BAKORWIL;PILAR;PROGRAM;NOMINAL\n"
    "BJN-20231120;Tali Asih;20/11/2023;Bojonegoro;PKH;TALI_ASIH;1000000\n"
)
ROSTER = (
    "NIK;NAMA;L/P;TANGGAL LAHIR;PILAR;KAB/KOTA;NO REKENING;KEGIATAN\n"
    "3523010101909001;ANI WULANDARI;L;01/01/1990;PKH;Kab. Tuban;0011110001;BJN-20231120\n"
    "3523010101909002;BUDI SANTOSO;L;01/01/1990;PKH;Kab. Tuban;0011110002;BJN-20231120\n"
    "3523010101909003;CAHYO NUGROHO;L;01/01/1990;PKH;Kab. Tuban;0011110003;BJN-20231120\n"
    "3523010101909004;DEWI LESTARI;L;01/01/1990;PKH;Kab. Tuban;0011110004;BJN-20231120\n"
)
COLUMNS = [
    "NO REFERENSI", "NO SP2D", "KEGIATAN", "PROGRAM", "TANGGAL INSTRUKSI", "NO REKENING", "NAMA REKENING", "NOMINAL",
    "STATUS", "KODE RETUR", "TANGGAL EFEKTIF", "NO REFERENSI ASAL",
]  # fmt: skip
HOLDERS = {
    "ani": ("0011110001", "ANI WULANDARI"),
    "budi": ("0011110002", "BUDI SANTOSO"),
    "cahyo": ("0011110003", "CAHYO NUGROHO"),
    "dewi": ("0011110004", "DEWI LESTARI"),
    "cahyo at another bank": ("0099990003", "CAHYO NUGROHO"),
    "a stranger": ("0099990004", "SLAMET RIYADI"),
}


def transfer(
    reference: str,
    batch: str,
    day: int,
    holder: str,
    status: str,
    *,
    amount: str = "1.000.000",
    reason: str = "",
    retry_of: str = "",
) -> list[str]:
    """A row of a bank file; ``day`` of November 2023."""
    account, name = HOLDERS[holder]
    settled = f"{day}/11/2023" if status == "SUKSES" else ""
    told = [reference, batch, "BJN-20231120", "TALI ASIH", f"{day}/11/2023", account, name, amount, status, reason]
    return [*told, settled, retry_of]


def text(*rows: list[str], below: tuple[str, ...] = ()) -> str:
    return "\n".join([";".join(COLUMNS), *(";".join(row) for row in rows), *below]) + "\n"


def land(nights: Nights, name: str, content: str | bytes, day: int) -> None:
    nights.drop(name, content, at=1_700_000_000 + day * 86_400)


def two_sheets() -> bytes:
    """A batch on two sheets, each with control lines of its own; those of the second are wrong."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Satu"
    second = book.create_sheet("Dua")
    again = transfer("R-21", "SP2D-2", 23, "budi", "SUKSES")
    for row in (COLUMNS, again, [], ["JUMLAH TRANSAKSI", 1], ["TOTAL NOMINAL", "Rp 1.000.000,-"]):
        first.append(row)
    for row in (COLUMNS, transfer("R-22", "SP2D-2", 23, "dewi", "SUKSES"), [], ["JUMLAH TRANSAKSI", "2 transaksi"]):
        second.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.fixture
def money(memory: Memory, home: Home) -> Nights:
    memory.forget()
    nights = Nights(home, memory)
    land(nights, "events/kegiatan.csv", EVENTS, 0)
    land(nights, "rosters/tuban.csv", ROSTER, 0)
    first = [
        transfer("R-11", "SP2D-1", 21, "ani", "SUKSES"),
        transfer("R-12", "SP2D-1", 21, "budi", "GAGAL", reason="u143 - rekening tidak ditemukan"),
        transfer("R-13", "SP2D-1", 21, "cahyo", "GAGAL", reason="403-09"),
        transfer("R-14", "SP2D-1", 21, "dewi", "SUKSES", amount="400.000"),
    ]
    below = ("JUMLAH TRANSAKSI: 4 transaksi", "TOTAL NOMINAL: Rp 3.400.000,-")
    land(nights, "disbursements/bank/sp2d-1.csv", text(*first, below=below), 1)
    land(nights, "disbursements/bank/sp2d-2.xlsx", two_sheets(), 2)
    moved = transfer("R-31", "SP2D-3", 24, "cahyo at another bank", "SUKSES", retry_of="R-13")
    wrong = transfer("R-32", "SP2D-3", 24, "a stranger", "SUKSES", retry_of="R-12")
    land(nights, "disbursements/bank/sp2d-3.csv", text(moved, wrong), 3)
    returned = transfer("R-11", "SP2D-1", 21, "ani", "RETUR", reason="U144")
    forward = [returned, first[1], transfer("R-13", "SP2D-1", 21, "cahyo", "GAGAL", reason="4031809")]
    land(nights, "disbursements/bank/sp2d-1 lagi.csv", text(*forward), 4)
    nights.run()
    return nights


def test_each_person_is_paid_what_arrived(money: Nights) -> None:
    told = money.ask(
        "SELECT attempts, paid_idr::INTEGER, failed_idr::INTEGER, returned_idr::INTEGER, outcome, last_reason_code"
        " FROM mart_disbursement_reconciliation ORDER BY ALL"
    )
    assert told == [
        (0, 0, 0, 0, "UNPAID", None),  # Dewi: one transfer withdrawn, one on the sheet that contradicts itself
        (1, 0, 0, 1000000, "RETURNED", "U144"),  # Ani
        (1, 1000000, 0, 0, "NOT_ENTITLED", None),  # the stranger
        (2, 1000000, 1000000, 0, "PAID", None),  # Budi, at the second attempt
        (2, 1000000, 1000000, 0, "PAID", None),  # Cahyo, at another bank
    ]


def test_retries_name_their_original_or_are_matched(money: Nights) -> None:
    told = money.ask(
        "SELECT reference_no, attempt_no, retry_of, retry_match, participant_id IS NULL FROM fct_disbursement"
        " ORDER BY reference_no"
    )
    assert told == [
        ("R-11", 1, None, None, False),
        ("R-12", 1, None, None, False),
        ("R-13", 1, None, None, False),
        # R-12 is named by the transfer to the stranger, so nobody may guess that this repeats it.
        ("R-21", 2, None, None, False),
        ("R-31", 2, "R-13", "stated", False),
        ("R-32", 1, "R-12", "stated", True),
    ]


def test_every_statement_stands_in_its_place(money: Nights) -> None:
    told = money.ask(
        "SELECT reference_no, statement_no, status, is_latest, counts, row_state FROM fct_transfer_statement"
        " WHERE reference_no IN ('R-11', 'R-14', 'R-22') ORDER BY ALL"
    )
    assert told == [
        ("R-11", 1, "SUKSES", False, False, "superseded"),
        ("R-11", 2, "RETUR", True, True, "accepted"),
        ("R-14", 1, "SUKSES", True, False, "superseded"),
        ("R-22", 1, "SUKSES", True, False, "quarantined"),
    ]


def test_reasons_join_their_explanation(money: Nights) -> None:
    told = money.ask(
        "SELECT reference_no, reason_code, next_step FROM fct_disbursement JOIN dim_bank_reason USING (reason_code)"
        " ORDER BY ALL"
    )
    assert told == [
        ("R-11", "U144", "ask_person"),
        ("R-12", "U143", "repair_account"),
        ("R-13", "403/09", "ask_person"),
    ]


def test_findings_say_what_to_ask_the_bank(money: Nights) -> None:
    told = money.ask(
        "SELECT rule_code, regexp_extract(file_name, '[^/]+$'), source_row, subject FROM quality_findings"
        " WHERE feed = 'disbursements' AND state = 'open' AND category <> 'file' ORDER BY ALL"
    )
    assert told == [
        ("CONTROL_TOTAL_DIFFERS", "sp2d-2.xlsx", 2, None),
        ("TRANSFER_ACCOUNT_CHANGED", "sp2d-3.csv", 2, None),
        ("TRANSFER_ACCOUNT_WRONG", "sp2d-3.csv", 3, None),
        ("TRANSFER_WITHDRAWN", "sp2d-1.csv", 5, "R-14"),
    ]


def test_money_closes_at_each_level(money: Nights) -> None:
    told = money.ask(
        "SELECT level, regexp_replace(what, ' \\([0-9a-f]+\\)$', ''), stated_count, stated_idr::INTEGER,"
        " rows_idr::INTEGER, quarantined_idr::INTEGER, superseded_idr::INTEGER, mart_idr::INTEGER, verdict, cause"
        " FROM mart_money_control ORDER BY ALL"
    )
    million = 1_000_000
    assert told == [
        ("batch", "SP2D-1", None, None, 6_400_000, 0, 3_400_000, 3 * million, "CLOSES", None),
        ("batch", "SP2D-2", None, None, 2 * million, million, 0, million, "CLOSES", None),
        ("batch", "SP2D-3", None, None, 2 * million, 0, 0, 2 * million, "CLOSES", None),
        ("event", "BJN-20231120", None, None, 6 * million, 0, 0, 6 * million, "CLOSES", None),
        ("file", "bank/sp2d-1 lagi.csv", None, None, 3 * million, 0, 0, 3 * million, "NOT_STATED", None),
        ("file", "bank/sp2d-1.csv", 4, 3_400_000, 3_400_000, 0, 3_400_000, 0, "CLOSES", None),
        ("file", "bank/sp2d-2.xlsx › Dua", 2, None, million, million, 0, 0, "DIFFERS", "FILE"),
        ("file", "bank/sp2d-2.xlsx › Satu", 1, million, million, 0, 0, million, "CLOSES", None),
        ("file", "bank/sp2d-3.csv", None, None, 2 * million, 0, 0, 2 * million, "NOT_STATED", None),
        ("person", "menutup / close", None, None, 6 * million, 0, 0, 6 * million, "CLOSES", None),
        ("region", "-", None, None, million, 0, 0, million, "CLOSES", None),
        ("region", "3523", None, None, 5 * million, 0, 0, 5 * million, "CLOSES", None),
    ]
