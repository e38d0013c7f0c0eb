"""The raw store: whole contents or nothing, idempotent, safe between processes."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pilar import landing, raw
from pilar.config import Home, Limits

AT_ONCE = Limits(settle_seconds=0)
ROSTER = "NIK;NAMA;PILAR;KAB/KOTA\n3522010101900001;SITI CONTOH;PKH;3523\n"


def land(home: Home, name: str, content: str = ROSTER, feed: str = "rosters") -> Path:
    path = home.landing / feed / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


def night(home: Home) -> list[landing.Ingested]:
    return [landing.ingest(home, item, AT_ONCE) for item in landing.scan(home, AT_ONCE).items]


def contents(home: Home) -> list[Path]:
    """Content folders, whatever state they are in; the folder for what is being prepared is none."""
    return list(home.raw.glob("[!.]*/*"))


def test_a_content_is_bytes_receipt_rows_and_arrivals(home: Home) -> None:
    path = land(home, "dinsos/tuban.csv")
    night(home)
    (receipt,) = raw.receipts(home)
    place = raw.folder(home, "rosters", receipt.sha256)
    assert sorted(item.name for item in place.iterdir()) == [
        "arrivals.jsonl",
        "original.csv",
        "receipt.json",
        "rows.parquet",
    ]
    original = raw.original_path(home, receipt)
    assert original.read_bytes() == path.read_bytes()
    assert stat.S_IMODE(original.stat().st_mode) == 0o444
    assert (receipt.file_name, receipt.submitter, receipt.state) == ("dinsos/tuban.csv", "dinsos", "read")
    assert receipt.delivered_at == raw.utc(path.stat().st_mtime_ns)
    assert datetime.now(UTC) - receipt.received_at < timedelta(minutes=5)
    assert receipt.reader_version == raw.reader_version("rosters")
    (line,) = (place / "arrivals.jsonl").read_text("utf-8").splitlines()
    assert set(json.loads(line)) == {"file_name", "submitter", "delivered_at", "received_at", "size", "mtime_ns"}


def test_receipts_hold_no_value_of_a_row(home: Home) -> None:
    land(home, "tuban.csv")
    night(home)
    (place,) = contents(home)
    assert "SITI" not in (place / "receipt.json").read_text("utf-8")
    assert "3522010101900001" not in (place / "receipt.json").read_text("utf-8")


@pytest.mark.parametrize("step", ["write_receipt", "_append", "sync"])
def test_a_crash_between_steps_leaves_nothing_that_counts(
    home: Home, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    land(home, "tuban.csv")
    (item,) = landing.scan(home, AT_ONCE).items
    with monkeypatch.context() as patched:

        def crash(*args: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(raw, step, crash)
        patched.setattr(raw.shutil, "rmtree", lambda *_, **__: None)  # a killed process cleans nothing
        with pytest.raises(KeyboardInterrupt):
            landing.ingest(home, item, AT_ONCE)
    assert raw.receipts(home) == []
    assert raw.arrivals(home) == []
    assert contents(home) == []
    assert [done.outcome for done in night(home)] == ["read"]


def test_a_folder_without_a_receipt_is_in_nobodys_way(home: Home) -> None:
    land(home, "a.csv")
    night(home)
    (place,) = contents(home)
    (place / "receipt.json").unlink()
    assert raw.receipts(home) == []
    assert [done.outcome for done in night(home)] == ["read"]
    assert contents(home) == [place]


def test_what_a_crash_left_is_swept(home: Home) -> None:
    with raw.incoming(home) as place:
        pass
    assert not place.exists()
    left = place.parent / "left"
    left.mkdir()
    (left / "original.csv").write_text("x")
    assert raw.sweep(home) == 1
    assert not left.exists()


def test_a_line_that_a_crash_cut_off_is_no_arrival_and_spoils_no_other(home: Home) -> None:
    land(home, "a.csv")
    night(home)
    (place,) = contents(home)
    with (place / "arrivals.jsonl").open("ab") as handle:
        handle.write(b'{"file_name": "half')
    assert [arrival.file_name for arrival in raw.arrivals(home)] == ["a.csv"]
    land(home, "b.csv")
    assert [done.outcome for done in night(home)] == ["duplicate"]
    assert [arrival.file_name for arrival in raw.arrivals(home)] == ["a.csv", "b.csv"]


def test_other_code_reads_again_from_the_bytes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    land(home, "a.csv")
    land(home, "b.csv", "NAMA;PILAR;KAB/KOTA\nSITI CONTOH;PKH;3523\n")
    night(home)
    assert raw.outdated(home) == []
    before = {receipt.file_name: receipt for receipt in raw.receipts(home)}
    arrivals = raw.arrivals(home)
    for receipt in before.values():
        stale = receipt.model_copy(update={"reader_version": "older", "rows_read": 99, "state": "read"})
        raw.write_receipt(raw.folder(home, receipt.feed, receipt.sha256), stale)
    rows = raw.rows_path(home, before["a.csv"])
    rows.write_bytes(b"older")
    raw.rows_path(home, before["b.csv"]).write_bytes(b"older")
    for receipt in raw.outdated(home):
        landing.reread(home, receipt, AT_ONCE)
    assert {receipt.file_name: receipt for receipt in raw.receipts(home)} == before
    assert rows.read_bytes()[:4] == b"PAR1"
    assert not raw.rows_path(home, before["b.csv"]).exists()
    assert raw.arrivals(home) == arrivals
    assert raw.outdated(home) == []


def test_the_reader_version_follows_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {feed: raw.reader_version(feed) for feed in ("rosters", "events", raw.UNKNOWN)}
    assert len(set(versions.values())) == 3
    assert all(len(version) == 12 for version in versions.values())
