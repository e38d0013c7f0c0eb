"""What later and disordered deliveries make of the tables; the nights are in memory (``tests/harness``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilar import samples
from pilar.config import Home
from tests.harness.memory import Memory
from tests.harness.nights import Nights

HEADER = "NIK;NAMA;L/P;TANGGAL LAHIR;PILAR;KAB/KOTA;NO REKENING;KEGIATAN\n"
SARI = "3523010101909001;SARI;L;01/01/1990;PKH;Kab. Tuban;0011111111;BJN-20231120\n"
RINA = "3523015101909005;RINA;P;11/01/1990;PKH;Kab. Tuban;0011111119;BJN-20231120\n"
BUDI = "3524010101909002;BUDI;L;01/01/1990;PKH;Kab. Lamongan;0022222222;BJN-20231120\n"

TOLD = {
    "file_ledger": "SELECT * EXCLUDE (received_at) FROM file_ledger",
    "quality_findings": "SELECT * EXCLUDE (first_seen, last_seen) FROM quality_findings",
}
"""When Pilar took a file is no fact of the world."""


def with_events(home: Home, memory: Memory) -> Nights:
    """Nights over a home in which the events of the samples have landed."""
    memory.forget()
    nights = Nights(home, memory)
    for path in (samples.SAMPLES / "events").rglob("*.*"):
        nights.drop(f"events/{path.name}", path.read_bytes(), at=1_699_000_000)
    return nights


@pytest.fixture
def nights(home: Home, memory: Memory) -> Nights:
    return with_events(home, memory)


def test_a_correction_supersedes_its_slice_and_only_that(nights: Nights) -> None:
    nights.drop("rosters/semua.csv", HEADER + SARI + BUDI, at=1_700_000_000)
    nights.run()
    assert nights.ask("SELECT count(*) FROM dim_participant") == [(2,)]
    corrected = HEADER + SARI.replace("0011111111", "0033333333")
    nights.drop("rosters/tuban lagi.csv", corrected, at=1_700_100_000)
    nights.run()
    assert nights.ask("SELECT count(*) FROM dim_participant") == [(2,)]
    assert nights.ask(
        "SELECT file_name, state, rows_accepted, rows_superseded FROM file_ledger WHERE feed = 'rosters' ORDER BY 1"
    ) == [("semua.csv", "accepted", 1, 1), ("tuban lagi.csv", "accepted", 1, 0)]


def test_deliveries_out_of_order_say_the_same(memory: Memory, tmp_path: Path) -> None:
    files = {"lama": (HEADER + SARI, 1_700_000_000), "baru": (HEADER + SARI + RINA, 1_700_100_000)}
    said = []
    for name, taken in (("together", [["lama", "baru"]]), ("backward", [["baru"], ["lama"]])):
        nights = with_events(Home(tmp_path / name).make(), memory)
        for night in taken:
            for file in night:
                content, at = files[file]
                nights.drop(f"rosters/{file}.csv", content, at=at)
            nights.run()
        tables = nights.ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'marts' ORDER BY 1")
        said.append({table: nights.ask(f"{TOLD.get(table, 'FROM ' + table)} ORDER BY ALL") for (table,) in tables})
    assert said[0] == said[1]
    assert len(said[0]["dim_participant"]) == 2
    assert len(said[0]) > 10


def test_two_events_of_one_name_are_told_apart_by_code_only(home: Home, memory: Memory) -> None:
    memory.forget()
    nights = Nights(home, memory)
    head = "KEGIATAN;NAMA KEGIATAN;TANGGAL KEGIATAN;BAKORWIL;PILAR;PROGRAM;NOMINAL\n"
    for code, day in (("A-1", "20/11/2023"), ("A-2", "21/11/2023")):
        line = f"{code};Tali Asih;{day};Bojonegoro;PKH;TALI_ASIH;1000000\n"
        nights.drop(f"events/{code}.csv", head + line, at=1_700_000_000)
    roster = HEADER + SARI.replace("BJN-20231120", "A-2") + RINA.replace("BJN-20231120", "TALI ASIH")
    nights.drop("rosters/tuban.csv", roster, at=1_700_000_000)
    nights.run()
    assert nights.ask("SELECT event_id, entitled_idr::INTEGER FROM mart_disbursement_reconciliation") == [
        ("A-2", 1000000)
    ]
    assert nights.ask("SELECT source_row FROM quality_findings WHERE rule_code = 'ROSTER_EVENT_UNKNOWN'") == [(3,)]
