"""Claims on an event: people, districts, and what each was promised and paid, judged by the person furthest off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.claims.conftest import moment
from tests.harness.nights import Nights

EVENTS = "KEGIATAN;NAMA KEGIATAN;TANGGAL KEGIATAN;KAB/KOTA;PILAR;PROGRAM;NOMINAL;JUMLAH BULAN;MULAI\n"
PROMISES = "".join(
    f"BJN-20231120;Tali Asih;20/11/2023;Kab. Tuban;{pillar};TALI_ASIH;{amount};;\n"
    for pillar, amount in {"PKH": "1.000.000", "TAGANA": "1.000.000", "TKSK": "1.000.000"}.items()
) + "".join(
    f"BJN-20231120;Tali Asih;20/11/2023;Kab. Tuban;{pillar};BPJS_TK;16.800;12;2023-01\n"
    for pillar in ("TAGANA", "TKSK")
)
ROSTER = "NIK;NAMA;L/P;TANGGAL LAHIR;PILAR;KAB/KOTA;KECAMATAN;NO REKENING;KPJ;KEGIATAN\n" + "".join(
    f"3523010101909{number:03d};{name};L;01/01/1990;{pillar};Kab. Tuban;;00111111{number:02d};230000090{number:02d};"
    "BJN-20231120\n"
    for number, (name, pillar) in enumerate(
        [("SARI", "PKH"), ("RINA", "PKH"), ("BUDI", "TAGANA"), ("WATI", "TKSK")], start=1
    )
)
MONTHS = [f"2023-{month:02d}" for month in range(1, 13)]


def premiums(paid: dict[str, list[str]]) -> str:
    """A premium file: member numbers and the months paid for each."""
    lines = [
        f"{member};;;{month};JKK+JKM;16.800;LUNAS\n" for member, months in sorted(paid.items()) for month in months
    ]
    return "KPJ;NIK;NAMA;BULAN;PROGRAM;IURAN;STATUS\n" + "".join(lines)


BUDI, WATI = "23000009003", "23000009004"


def said(nights: Nights, claim: str) -> tuple[Any, ...]:
    (row,) = nights.ask(f"SELECT recomputed_value, verdict FROM mart_claims WHERE claim_id = '{claim}'")
    return row


@pytest.fixture
def event(nights: Nights) -> Nights:
    nights.drop("events/e.csv", EVENTS + PROMISES, at=moment("2023-11-01 04:00"))
    nights.drop("rosters/r.csv", ROSTER, at=moment("2023-11-02 04:00"))
    return nights


def test_people_amounts_and_districts_are_counted(event: Nights) -> None:
    event.run()
    assert said(event, "people-pkh") == (Decimal(2), "DIFFERS")
    assert said(event, "people-total") == (Decimal(4), "DIFFERS")
    assert said(event, "amount-each") == (Decimal(1000000), "CONFIRMED")
    assert said(event, "tksk-each-district") == (Decimal(19), "DIFFERS"), "Tuban has 20 districts and one TKSK"
    assert said(event, "premium-months") == (None, "NOT_VERIFIABLE"), "no premium was delivered yet"
    assert event.ask("SELECT count(*) FROM mart_claim_history") == [(0,)]


def test_one_person_with_another_amount_denies_each(event: Nights) -> None:
    changed = PROMISES.replace("TKSK;TALI_ASIH;1.000.000", "TKSK;TALI_ASIH;900.000")
    event.drop("events/e.csv", EVENTS + changed, at=moment("2023-11-01 04:00"))
    event.run()
    assert said(event, "amount-each") == (Decimal(900000), "DIFFERS")
    ((basis,),) = event.ask("SELECT basis FROM mart_claims WHERE claim_id = 'amount-each'")
    assert "rupiah per orang TALI_ASIH BJN-20231120: 900000 (1 dari 4 orang lain) / " in basis
    assert basis.endswith("900000 (1 of 4 people otherwise)")


def test_twelve_months_hold_only_if_everyone_has_twelve(event: Nights) -> None:
    event.drop("premiums/p.csv", premiums({BUDI: MONTHS, WATI: MONTHS}), at=moment("2024-01-10 04:00"))
    event.run()
    assert said(event, "premium-months") == (Decimal(12), "CONFIRMED")
    event.drop("premiums/p.csv", premiums({BUDI: MONTHS, WATI: MONTHS[:-1]}), at=moment("2024-01-11 04:00"))
    event.run()
    assert said(event, "premium-months") == (Decimal(11), "DIFFERS")


def test_nobody_is_short_of_months_that_nobody_was_paid_for_yet(event: Nights) -> None:
    event.drop("premiums/p.csv", premiums({BUDI: MONTHS[:6], WATI: MONTHS[:6]}), at=moment("2023-12-10 04:00"))
    event.run()
    assert said(event, "premium-months") == (None, "NOT_VERIFIABLE")
