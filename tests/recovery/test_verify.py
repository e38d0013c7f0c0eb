"""Bytes of ``raw/`` that are no longer those that landed: what is noticed, what goes on, and what heals it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from pilar import night, raw, verify
from pilar.config import Home
from tests.harness.memory import Memory, Rows
from tests.harness.nights import Nights
from tests.recovery.conftest import HEAD, TUBAN, overwrite

LAMONGAN = HEAD + "3524100202900002;BUDI REKAAN;L;02/02/1990;TAGANA;Kab. Lamongan;0012345679\n"
NEWER = HEAD + "3522100303910003;WATI KARANGAN;P;03/03/1991;PKH;Kab. Bojonegoro;0012345680\n"
TABLES = ("dim_participant", "file_ledger", "fct_roster_membership", "quality_findings")
DAMAGE = "SELECT severity, state, file_name FROM quality_findings WHERE rule_code = 'RAW_BYTES_DAMAGED'"


@pytest.fixture
def nights(home: Home, memory: Memory) -> Nights:
    """A night over two rosters."""
    memory.forget()
    done = Nights(home, memory)
    done.drop("rosters/tuban.csv", TUBAN, at=1_700_000_000)
    done.drop("rosters/lamongan.csv", LAMONGAN, at=1_700_000_000)
    run(done)
    return done


def run(nights: Nights) -> dict[str, object]:
    """A night with its second look at raw/, as the step ``load`` takes it."""
    nights.passed += 1
    plan = night.begin(nights.home, f"night-{nights.passed}", force=True)
    for item in plan["items"]:
        night.ingest(nights.home, plan["night_id"], item)
    verify.check(nights.home)
    nights.memory.night(nights.home)
    assert nights.memory.failing_tests() == []
    return plan


def content(home: Home, name: str) -> raw.Receipt:
    (found,) = (receipt for receipt in raw.receipts(home) if receipt.file_name == name)
    return found


def rot(path: Path) -> None:
    """Damage that neither size nor time tell of."""
    before = path.stat()
    overwrite(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def told(nights: Nights) -> dict[str, Rows]:
    return {table: sorted(nights.ask(f"FROM {table}"), key=repr) for table in TABLES}


SPOIL: dict[str, Callable[[Path], None]] = {
    "overwritten": overwrite,
    "cut": lambda path: (path.chmod(0o600), os.truncate(path, 10))[1],
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("spoil", SPOIL.values(), ids=SPOIL)
def test_damaged_bytes_are_a_critical_finding_and_the_night_goes_on(
    nights: Nights, spoil: Callable[[Path], None]
) -> None:
    home, before = nights.home, told(nights)
    spoil(raw.original_path(home, content(home, "tuban.csv")))
    (home.landing / "rosters" / "tuban.csv").unlink()
    nights.drop("rosters/baru.csv", NEWER, at=1_700_100_000)
    plan = run(nights)
    assert plan["damaged"] == [f"rosters/{content(home, 'tuban.csv').sha256}"]
    assert nights.ask(DAMAGE) == [("critical", "open", "tuban.csv")]
    assert nights.ask("SELECT count(*) FROM dim_participant") == [(3,)], "its rows are whole and count as before"

    # What heals it: the very same bytes, under whatever name.
    nights.drop("rosters/kiriman kedua.csv", TUBAN, at=1_700_200_000)
    run(nights)
    assert nights.ask(DAMAGE) == []
    assert verify.damaged(home) == []
    assert raw.original_path(home, content(home, "tuban.csv")).read_text("utf-8") == TUBAN
    assert [row for row in told(nights)["dim_participant"] if row in before["dim_participant"]] == before[
        "dim_participant"
    ]


def test_bytes_that_still_lie_in_landing_are_fetched_at_once(nights: Nights) -> None:
    home, before = nights.home, told(nights)
    overwrite(raw.original_path(home, content(home, "tuban.csv")))
    plan = run(nights)
    assert (plan["damaged"], plan["mended"]) == ([], [f"rosters/{content(home, 'tuban.csv').sha256}"])
    assert raw.is_whole(raw.original_path(home, content(home, "tuban.csv")), content(home, "tuban.csv"))
    assert told(nights) == before


def test_other_bytes_in_landing_heal_nothing(nights: Nights) -> None:
    home = nights.home
    overwrite(raw.original_path(home, content(home, "tuban.csv")))
    nights.drop("rosters/tuban.csv", TUBAN.replace("SITI", "SITO"), at=1_700_000_000)
    assert [one.file_name for one in verify.check(home).damage] == ["tuban.csv"]


@pytest.mark.parametrize("spoil", SPOIL.values(), ids=SPOIL)
def test_damaged_rows_are_read_again_from_the_bytes(nights: Nights, spoil: Callable[[Path], None]) -> None:
    home, before, receipt = nights.home, told(nights), content(nights.home, "tuban.csv")
    spoil(raw.rows_path(home, receipt))
    plan = run(nights)
    assert (plan["damaged"], plan["mended"]) == ([], [f"rosters/{receipt.sha256}"])
    assert raw.digest(raw.rows_path(home, receipt)) == content(home, "tuban.csv").rows_sha256
    nights.memory.forget()
    run(nights)
    assert told(nights) == before, "built whole from the mended rows"


def test_rows_that_are_lost_hold_the_night_until_the_bytes_are_back(nights: Nights) -> None:
    home, before, receipt = nights.home, told(nights), content(nights.home, "tuban.csv")
    landed = home.landing / "rosters" / "tuban.csv"
    landed.unlink()
    raw.original_path(home, receipt).unlink()
    raw.rows_path(home, receipt).unlink()
    run(nights)
    assert nights.ask("SELECT is_lost FROM warehouse.raw.damage") == [(False,)], "staging still has its rows"
    assert nights.ask(DAMAGE) == [("critical", "open", "tuban.csv")]
    nights.memory.forget()  # as with other code: all is built anew
    nights.memory.night(home)
    assert nights.ask("SELECT is_lost FROM warehouse.raw.damage") == [(True,)], "and now the arrivals gate holds"
    assert nights.memory.failing_tests() != []
    nights.drop("rosters/tuban.csv", TUBAN, at=1_700_000_000)
    nights.memory.forget()
    plan = run(nights)
    assert plan["mended"] == [f"rosters/{receipt.sha256}"]
    assert told(nights) == before


def test_readers_that_changed_do_not_read_damaged_bytes(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    home, receipt = nights.home, content(nights.home, "tuban.csv")
    overwrite(raw.original_path(home, receipt))
    (home.landing / "rosters" / "tuban.csv").unlink()
    monkeypatch.setattr("pilar.raw.reader_version", lambda feed: f"other-{feed}")
    plan = night.begin(home, "night-9", force=True)
    assert plan["stale"] == [content(home, "lamongan.csv").sha256]
    assert content(home, "tuban.csv") == receipt


def test_each_content_is_read_whole_once_in_thirty_nights(nights: Nights) -> None:
    home = nights.home
    rot(raw.original_path(home, content(home, "tuban.csv")))
    (home.landing / "rosters" / "tuban.csv").unlink()
    assert verify.check(home).damage == [], "neither its size nor its time tell"
    start = date(2024, 1, 1)
    checks = [verify.check(home, day=start + timedelta(days=number)) for number in range(verify.PARTS)]
    assert sum(len(check.damage) > 0 for check in checks) > 0
    assert [one.file_name for one in checks[-1].damage] == ["tuban.csv"]
    assert sum(check.read_whole for check in checks) < 2 * verify.PARTS, "not all of them each night"


def test_verify_reads_all(nights: Nights) -> None:
    home = nights.home
    rot(raw.original_path(home, content(home, "tuban.csv")))
    (home.landing / "rosters" / "tuban.csv").unlink()
    checked = verify.check(home, every=True)
    assert (checked.contents, checked.read_whole) == (2, 2)
    assert [one.file_name for one in checked.damage] == ["tuban.csv"]


def test_an_untouched_store_is_not_read(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    home = nights.home
    verify.check(home)
    monkeypatch.setattr("pilar.raw.digest", lambda path: pytest.fail(f"{path} was read"))
    noted = (home.raw / verify.SEEN).stat().st_mtime_ns
    assert verify.check(home).read_whole == 0
    assert (home.raw / verify.SEEN).stat().st_mtime_ns == noted


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"rosters/x": {"original": 1}})])
def test_a_damaged_memory_of_what_was_seen_is_no_trouble(nights: Nights, text: str) -> None:
    (nights.home.raw / verify.SEEN).write_text(text, "utf-8")
    assert verify.check(nights.home) == verify.Checked(2, 0)
