"""Bank Jatim's logs: one large batch, told twice, a batch of retries, and a file that does not add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from random import Random

from pilar.samples import formats, workbooks
from pilar.samples.cast import Cast
from pilar.samples.formats import Cell
from pilar.samples.model import EVENT_CODE, TALI_ASIH_IDR, Delivery, Trap
from pilar.samples.people import Person, Register
from pilar.samples.workbooks import Grid

FIRST_BATCH = "SP2D-0451/XI/2023"
RETRY_BATCH = "SP2D-0467/XI/2023"
HELD_BATCH = "SP2D-0479/XI/2023"
OTHER_EVENT = "MDN-20231113"
"""No events file names it."""

INACTIVE, NOT_FOUND, TIMEOUT = "U183", "U182", "U900"
"""BI-FAST reason codes: account inactive, account not found, internal timeout."""


@dataclass(frozen=True)
class Transfer:
    """One attempt. ``person`` is None for an account that nobody has."""

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


@dataclass(frozen=True)
class Log:
    """The feed's files and what must come out of them: outcome → people (and unknown receivers)."""

    deliveries: list[Delivery]
    outcomes: dict[str, int]
    attempts: int
    """Transfer attempts that count (neither superseded nor quarantined)."""
    paid_idr: int


def log(everyone: Sequence[Person], cast: Cast, register: Register, rng: Random) -> Log:
    instructed = _instruction(everyone, cast)
    final = [_settle(transfer, cast, rng) for transfer in instructed]
    retries = _retries(final, cast, register)
    counted = [*final, *retries]
    return Log(
        [_first_statement(instructed), _second_statement(final), _retry_file(retries), _held_file(cast)],
        _outcomes(everyone, counted),
        len(counted),
        sum(transfer.amount for transfer in counted if transfer.status == "SUKSES"),
    )


# --- what happens -----------------------------------------------------------------------------------------------


def _instruction(everyone: Sequence[Person], cast: Cast) -> list[Transfer]:
    left_out = (*cast.without_transfer, *cast.held_batch)
    receivers = [person for person in everyone if person not in left_out]
    return [_transfer(21, number, FIRST_BATCH, person) for number, person in enumerate(receivers, start=1)]


def _transfer(day: int, number: int, batch: str, person: Person) -> Transfer:
    reference = f"BJTM-2311{day}-{number:06d}"
    return Transfer(reference, batch, person, person.account_no, person.account_name, date(2023, 11, day))


def _settle(transfer: Transfer, cast: Cast, rng: Random) -> Transfer:
    """What the bank says three days later."""
    person = transfer.person
    if person in cast.pending:
        return transfer
    if person in (*cast.failed, *cast.failed_then_paid, *cast.failed_again):
        return replace(transfer, status="GAGAL", reason=rng.choice((INACTIVE, NOT_FOUND, TIMEOUT)))
    if person in (*cast.returned, *cast.returned_then_paid):
        return replace(transfer, status="RETUR", reason=rng.choice((INACTIVE, NOT_FOUND)), settled=date(2023, 11, 24))
    amount = 100_000 if person is cast.underpaid else transfer.amount
    return replace(transfer, status="SUKSES", amount=amount, settled=date(2023, 11, rng.choice((21, 22))))


def _retries(first: Sequence[Transfer], cast: Cast, register: Register) -> list[Transfer]:
    reference = {transfer.person: transfer.reference for transfer in first}
    again = (*cast.failed_then_paid, *cast.returned_then_paid, *cast.failed_again)
    retried = []
    for number, person in enumerate(again, start=1):
        attempt = replace(_transfer(28, number, RETRY_BATCH, person), retry_of=reference[person])
        if person in cast.failed_again:
            retried.append(replace(attempt, status="GAGAL", reason=INACTIVE))
        else:
            retried.append(replace(attempt, status="SUKSES", settled=date(2023, 11, 29)))
    number = len(retried)
    twice = replace(_transfer(28, number + 1, RETRY_BATCH, cast.overpaid), status="SUKSES", settled=date(2023, 11, 29))
    nobody = replace(
        twice,
        reference=f"BJTM-231128-{number + 2:06d}",
        person=None,
        account_no=register.account(),
        account_name="SUHARTINI WIDYASTUTI",
    )
    other = replace(
        _transfer(28, number + 3, RETRY_BATCH, cast.other_event),
        status="SUKSES",
        settled=date(2023, 11, 29),
        event=OTHER_EVENT,
    )
    return [*retried, twice, nobody, other]


def _outcomes(everyone: Iterable[Person], counted: Sequence[Transfer]) -> dict[str, int]:
    """The design's rule, per person entitled at the event; receivers without entitlement apart."""
    own: dict[str, list[Transfer]] = {}
    unentitled = set()
    for transfer in counted:
        if transfer.person is None or transfer.event != EVENT_CODE:
            unentitled.add((transfer.event, transfer.account_no))
        else:
            own.setdefault(transfer.person.nik, []).append(transfer)
    outcomes = Counter(_outcome(own.get(person.nik, [])) for person in everyone)
    outcomes["NOT_ENTITLED"] = len(unentitled)
    return dict(sorted(outcomes.items()))


def _outcome(attempts: Sequence[Transfer]) -> str:
    paid = sum(transfer.amount for transfer in attempts if transfer.status == "SUKSES")
    if not attempts:
        return "UNPAID"
    if paid >= TALI_ASIH_IDR:
        return "PAID" if paid == TALI_ASIH_IDR else "OVERPAID"
    if any(transfer.status == "PROSES" for transfer in attempts):
        return "PENDING"
    if paid:
        return "UNDERPAID"
    last = max(attempts, key=lambda transfer: transfer.instructed)
    return {"GAGAL": "FAILED", "RETUR": "RETURNED"}[last.status]


# --- files ------------------------------------------------------------------------------------------------------


def _first_statement(transfers: Sequence[Transfer]) -> Delivery:
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
        ]
        for t in transfers
    ]
    return Delivery(
        "disbursements",
        "bank-jatim/SP2D-0451 20231121.csv.gz",
        _at(21, 9),
        formats.gzipped(formats.delimited([head, *rows], "|")),
        "Batch SP2D-0451 on the day of instruction, every row PROSES; superseded by the next file. GZ of CSV `|`, "
        "amounts `1.000.000,00`.",
        state="superseded",
        rows_read=len(rows),
        rows_superseded=len(rows),
    )


def _second_statement(transfers: Sequence[Transfer]) -> Delivery:
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
        "The same batch three days later with failures, returns and a few rows still PROSES. XLSX, amounts "
        "`Rp 1.000.000`.",
        rows_read=len(rows),
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


def _retry_file(transfers: Sequence[Transfer]) -> Delivery:
    name = "SP2D-0467 ulang.csv"
    controls: list[list[Cell]] = [
        ["JUMLAH TRANSAKSI", len(transfers)],
        ["TOTAL NOMINAL", _indonesian(sum(t.amount for t in transfers))],
    ]
    traps = []
    for row, transfer in enumerate(transfers, start=2):
        if transfer.person is None:
            traps.append(Trap("TRANSFER_ACCOUNT_UNKNOWN", "a transfer to an account that nobody has", name, row))
        elif transfer.event == OTHER_EVENT:
            what = f"a transfer for event {OTHER_EVENT}, which no events file names"
            traps.append(Trap("TRANSFER_EVENT_UNKNOWN", what, name, row))
    return Delivery(
        "disbursements",
        f"bank-jatim/{name}",
        _at(30, 8),
        formats.delimited([SHORT_HEAD, *_short_rows(transfers), *controls], ";"),
        "Retries of failed and returned transfers, one second payment, one stranger's account, one unknown event. "
        "CSV `;` with control lines that agree.",
        rows_read=len(transfers),
        traps=tuple(traps),
    )


def _held_file(cast: Cast) -> Delivery:
    """Three rows, but the control lines speak of four."""
    name = "SP2D-0479.csv"
    transfers = [
        replace(_transfer(29, number, HELD_BATCH, person), status="SUKSES", settled=date(2023, 11, 29))
        for number, person in enumerate(cast.held_batch, start=1)
    ]
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
