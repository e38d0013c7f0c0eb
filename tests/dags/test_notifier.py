"""One message a night: once, never with an address in the log, and left as a file when its channel fails."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pilar_notifier import NightNotifier

from pilar.config import Home

pytestmark = pytest.mark.airflow

NIGHT = "20261124T180000Z"
BEGAN = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
CLOSED_PORT = 9


@pytest.fixture
def run(home: Home, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("PILAR_HOME", str(home.root))
    run = SimpleNamespace(start_date=BEGAN, triggering_user_name="admin")
    return {"dag_run": run, "run_id": "scheduled__2026-11-24T18:00:00+00:00"}


def facts(home: Home, name: str, **said: Any) -> None:
    folder = home.nights / NIGHT
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(said), "utf-8")


def channel(monkeypatch: pytest.MonkeyPatch, **connection: Any) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PILAR_MESSAGE", json.dumps(connection))


@pytest.mark.parametrize("kind", ["http", "smtp", "ftp"])
def test_a_channel_that_fails_leaves_a_file_and_tells_no_address(
    kind: str, home: Home, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    facts(home, "plan", unchanged=True)
    extra = {"to": "rahasia@example.org", "from_email": "a@example.org", "retry_limit": 1}
    channel(monkeypatch, conn_type=kind, host="127.0.0.1", port=CLOSED_PORT, password="rahasia", extra=extra)
    with caplog.at_level(logging.INFO):
        NightNotifier()(run)
    text = (home.messages / f"{NIGHT}.txt").read_text("utf-8")
    assert text.startswith("Pilar 2026-11-25: tidak berubah / unchanged")
    assert json.loads((home.nights / NIGHT / "message.json").read_text())["channel"] == "file"
    assert "rahasia" not in caplog.text


def test_a_night_is_told_once(home: Home, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    facts(home, "plan", unchanged=True)
    channel(monkeypatch, conn_type="ftp")
    NightNotifier()(run)
    (home.messages / f"{NIGHT}.txt").unlink()
    NightNotifier()(run)
    assert list(home.messages.glob("*.txt")) == []


def test_a_run_whose_night_never_began_is_told(
    home: Home, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The night on disk is an older run's."""
    facts(home, "plan", unchanged=True)
    channel(monkeypatch, conn_type="ftp")
    run["dag_run"].start_date = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
    NightNotifier()(run)
    (path,) = home.messages.glob("*.txt")
    assert "the night never began" in path.read_text("utf-8")
    NightNotifier()(run)
    assert len(list(home.messages.iterdir())) == 3, "the text, its mark and the lock"


def test_a_message_counts_and_names_rules_but_hides_long_numbers(
    home: Home, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts(home, "plan", unchanged=False)
    said = {"table": "mart_claims", "severity": "critical", "success": False, "expectation": "expect_x", "observed": 3}
    said |= {"description_id": "Klaim cocok.", "description_en": "Claims agree."}
    facts(home, "gate_candidate", status="held", held=True, results=[said])
    (home.nights / NIGHT / "ingest").mkdir()
    rejected = {"feed": "rosters", "file_name": "kab-tuban/3523010101909001 {{ ti }}.csv", "outcome": "rejected"}
    (home.nights / NIGHT / "ingest" / "a.json").write_text(json.dumps(rejected | {"rule_code": "FILE_UNREADABLE"}))
    channel(monkeypatch, conn_type="ftp")
    NightNotifier()(run)
    text = (home.messages / f"{NIGHT}.txt").read_text("utf-8")
    assert text.startswith("Pilar 2026-11-25: DITAHAN, menunggu jawaban / HELD, waiting for an answer")
    assert "- Klaim cocok. (mart_claims) Teramati: 3." in text
    assert "- Claims agree. (mart_claims) Observed: 3." in text
    assert "  - rosters/kab-tuban/••• {{ ti }}.csv: FILE_UNREADABLE" in text
    assert "required_actions" in text
    facts(home, "build", status="held", failed_tests=["money_closes"])
    (home.nights / NIGHT / "message.json").unlink()
    NightNotifier()(run)
    text = (home.messages / f"{NIGHT}.txt").read_text("utf-8")
    assert text.startswith("Pilar 2026-11-25: DITAHAN / HELD\n"), "nobody may overrule that: nobody is asked"
    assert "keys or sums of money failed" in text
