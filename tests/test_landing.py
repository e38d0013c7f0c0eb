"""Landing: what is new and at rest is taken, once; a bad file stops nobody."""

from __future__ import annotations

import errno
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pilar import landing, raw
from pilar.config import Home, Limits
from pilar.reading import sandbox

AT_ONCE = Limits(settle_seconds=0)
ROSTER = "NIK;NAMA;PILAR;KAB/KOTA\n3522010101900001;SITI CONTOH;PKH;3523\n"


def land(home: Home, name: str, content: str | bytes = ROSTER) -> Path:
    path = home.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def night(home: Home) -> dict[str, landing.Ingested]:
    found = landing.scan(home, AT_ONCE)
    return {item.file_name: landing.ingest(home, item, AT_ONCE) for item in found.items}


def test_every_new_file_is_found_once(home: Home) -> None:
    land(home, "rosters/a.csv")
    land(home, "rosters/dinsos_tuban/2023/b.csv", ROSTER + ROSTER[24:])
    land(home, "surat/c.csv", "x;y\n1;2\n")
    land(home, "d.csv", "lain;isi\n1;2\n")
    assert {name: done.outcome for name, done in night(home).items()} == {
        "surat/c.csv": "rejected",
        "d.csv": "rejected",
        "a.csv": "read",
        "dinsos_tuban/2023/b.csv": "read",
    }
    assert landing.scan(home, AT_ONCE) == landing.Scan()
    by_name = {receipt.file_name: receipt for receipt in raw.receipts(home)}
    assert by_name["dinsos_tuban/2023/b.csv"].submitter == "dinsos_tuban"
    assert by_name["a.csv"].submitter is None
    for name in ("surat/c.csv", "d.csv"):
        assert by_name[name].feed == raw.UNKNOWN
        assert by_name[name].rule_code == "FILE_UNKNOWN_FEED"
        assert "rosters" in (by_name[name].reason_id or "")
        assert not raw.rows_path(home, by_name[name]).exists()
        assert raw.original_path(home, by_name[name]).read_bytes() == (home.landing / name).read_bytes()


def test_a_known_file_is_not_opened_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = land(home, "rosters/a.csv")
    night(home)
    path.chmod(0o000)  # to root it stays readable; so opening is forbidden too

    def no_open(*args: object, **kwargs: object) -> int:
        raise AssertionError("a known file was opened")

    monkeypatch.setattr(landing.os, "open", no_open)
    assert landing.scan(home, AT_ONCE).items == []


def test_the_same_bytes_under_another_name_are_a_duplicate(home: Home) -> None:
    land(home, "rosters/a.csv")
    land(home, "rosters/dinsos/b.csv")
    outcomes = night(home)
    assert [outcomes[name].outcome for name in ("a.csv", "dinsos/b.csv")] == ["read", "duplicate"]
    assert len(raw.receipts(home)) == 1
    assert outcomes["dinsos/b.csv"].rows_read == 0
    assert [arrival.file_name for arrival in raw.arrivals(home)] == ["a.csv", "dinsos/b.csv"]
    assert night(home) == {}


def test_a_rejected_content_can_be_a_duplicate_too(home: Home) -> None:
    land(home, "rosters/a.csv", "NAMA;PILAR\nSITI;PKH\n")
    assert night(home)["a.csv"].outcome == "rejected"
    land(home, "rosters/b.csv", "NAMA;PILAR\nSITI;PKH\n")
    again = night(home)["b.csv"]
    assert (again.outcome, again.rule_code) == ("duplicate", "FILE_MISSING_COLUMN")


def test_new_content_under_an_old_name_is_new(home: Home) -> None:
    path = land(home, "rosters/a.csv")
    night(home)
    path.write_text(ROSTER + ROSTER[24:], "utf-8")
    assert night(home)["a.csv"].outcome == "read"
    assert len(raw.receipts(home)) == 2


def test_taking_the_same_file_again_changes_nothing(home: Home) -> None:
    land(home, "rosters/a.csv")
    (item,) = landing.scan(home, AT_ONCE).items
    first = landing.ingest(home, item, AT_ONCE)
    assert landing.ingest(home, item, AT_ONCE) == first
    assert first.outcome == "read"
    assert len(raw.arrivals(home)) == 1


def test_a_full_disk_is_no_verdict_on_a_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    land(home, "rosters/a.csv")

    def full(*args: object, **kwargs: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(sandbox, "read", full)
        with pytest.raises(OSError, match="No space left"):
            night(home)
    assert raw.receipts(home) == []
    assert night(home)["a.csv"].outcome == "read"


def test_names_that_are_not_taken(home: Home) -> None:
    for name in (".gitkeep", ".a.csv.swp", "~$a.xlsx", ".~lock.a.ods#", ".rahasia/a.csv"):
        land(home, f"rosters/{name}")
    land(home, "rosters/a.csv.part")
    land(home, "rosters/b.tmp")
    found = landing.scan(home, AT_ONCE)
    assert found.items == []
    assert sorted(waiting.file_name for waiting in found.waiting) == ["a.csv.part", "b.tmp"]
    assert all("sementara" in waiting.reason and "temporary" in waiting.reason for waiting in found.waiting)


def test_links_pipes_and_folders_of_links_are_never_opened(home: Home, tmp_path: Path) -> None:
    outside = tmp_path / "luar"
    outside.mkdir()
    (outside / "a.csv").write_text(ROSTER, "utf-8")
    folder = home.landing / "rosters"
    folder.mkdir()
    (folder / "tautan.csv").symlink_to(outside / "a.csv")
    (folder / "map").symlink_to(outside)
    os.mkfifo(folder / "pipa.csv")
    found = landing.scan(home, AT_ONCE)
    assert found.items == []
    assert sorted(waiting.file_name for waiting in found.waiting) == ["map", "pipa.csv", "tautan.csv"]
    assert {waiting.feed for waiting in found.waiting} == {"rosters"}


def test_a_link_that_takes_a_files_place_is_not_followed(home: Home, tmp_path: Path) -> None:
    path = land(home, "rosters/a.csv")
    (item,) = landing.scan(home, AT_ONCE).items
    path.rename(tmp_path / "a.csv")
    path.symlink_to(tmp_path / "a.csv")
    assert landing.ingest(home, item, AT_ONCE).outcome == "waiting"
    assert raw.receipts(home) == []


def test_a_file_that_is_being_written_waits(home: Home) -> None:
    path = land(home, "rosters/a.csv")
    rested = land(home, "rosters/b.csv", ROSTER + ROSTER[24:])
    os.utime(rested, (time.time() - 60, time.time() - 60))
    stop = threading.Event()

    def write_on() -> None:
        with path.open("a") as handle:
            while not stop.wait(0.05):
                handle.write(ROSTER[24:])
                handle.flush()

    writer = threading.Thread(target=write_on)
    writer.start()
    found = landing.scan(home, Limits(settle_seconds=0.5))
    stop.set()
    writer.join()
    assert [item.file_name for item in found.items] == ["b.csv"]
    assert [waiting.file_name for waiting in found.waiting] == ["a.csv"]
    assert "ditulis" in found.waiting[0].reason
    assert [item.file_name for item in landing.scan(home, Limits(settle_seconds=0.2)).items] == ["a.csv", "b.csv"]


def test_a_file_that_changes_or_goes_while_it_is_read_waits(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = land(home, "rosters/a.csv")
    (item,) = landing.scan(home, AT_ONCE).items
    path.write_text(ROSTER + "x", "utf-8")
    assert landing.ingest(home, item, AT_ONCE).outcome == "waiting"
    (item,) = landing.scan(home, AT_ONCE).items
    unchanged = landing._unchanged

    def grows(found: landing.LandingFile) -> bool:
        with path.open("a") as handle:
            handle.write("y")
        return unchanged(found)

    monkeypatch.setattr(landing, "_unchanged", grows)
    assert landing.ingest(home, item, AT_ONCE).outcome == "waiting"
    path.unlink()
    assert landing.ingest(home, item, AT_ONCE).outcome == "waiting"
    assert raw.receipts(home) == []
    assert list((home.raw / ".incoming").iterdir()) == []


def test_a_broken_file_stops_nobody_and_tells_only_its_class(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    land(home, "rosters/a.csv", ROSTER.replace("SITI", "BUDI"))
    land(home, "rosters/b.csv")
    real = sandbox.read

    def sometimes(path: Path, contract: object, **given: object) -> object:
        if given["file_name"] == "a.csv":
            raise ZeroDivisionError("BUDI CONTOH 3522010101900001")
        return real(path, contract, **given)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(sandbox, "read", sometimes)
    outcomes = night(home)
    assert outcomes["b.csv"].outcome == "read"
    assert outcomes["a.csv"].rule_code == "FILE_UNREADABLE"
    assert "ZeroDivisionError" in (outcomes["a.csv"].reason_en or "")
    everything = caplog.text + "".join(str(asdict(done)) for done in outcomes.values())
    assert "BUDI" not in everything
    assert "3522010101900001" not in everything


def test_a_file_above_the_limit_is_refused(home: Home) -> None:
    land(home, "rosters/a.csv")
    (item,) = landing.scan(home, AT_ONCE).items
    assert landing.ingest(home, item, Limits(max_file_bytes=10)).rule_code == "FILE_TOO_LARGE"


def test_names_beyond_ascii_and_beyond_utf8(home: Home) -> None:
    folder = os.fsencode(home.landing / "rosters")
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103 (pathlib holds no bytes)
    for number, name in enumerate([b"caf\xe9.csv", "daftar é – 1.csv".encode(), b"dua\nbaris.csv"]):
        with open(os.path.join(folder, name), "wb") as handle:  # noqa: PTH118, PTH123
            handle.write((ROSTER + "\n" * number).encode())
    outcomes = night(home)
    assert sorted(outcomes) == ["caf\ufffd.csv", "daftar é – 1.csv", "dua\\nbaris.csv"]
    assert {done.outcome for done in outcomes.values()} == {"read"}
    assert night(home) == {}


def _take(home: Home, item: landing.LandingFile, gate: object, outcomes: object) -> None:
    gate.wait()  # type: ignore[attr-defined]  # a multiprocessing barrier
    outcomes.put(landing.ingest(home, item, AT_ONCE).outcome)  # type: ignore[attr-defined]  # and its queue


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("a.csv", "a.csv")])
def test_two_processes_with_the_same_bytes(home: Home, names: tuple[str, str]) -> None:
    for name in set(names):
        land(home, f"rosters/{name}", ROSTER + "".join(f"35220101{n:08d};SITI;PKH;3523\n" for n in range(20_000)))
    items = {item.file_name: item for item in landing.scan(home, AT_ONCE).items}
    spawn = multiprocessing.get_context("spawn")
    gate, outcomes = spawn.Barrier(2), spawn.Queue()
    workers = [spawn.Process(target=_take, args=(home, items[name], gate, outcomes)) for name in names]
    for worker in workers:
        worker.start()
    got = sorted(outcomes.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join(60)
    assert got == (["duplicate", "read"] if len(set(names)) == 2 else ["read", "read"])
    (receipt,) = raw.receipts(home)
    assert pq.read_metadata(raw.rows_path(home, receipt)).num_rows == receipt.rows_read == 20_001
    assert sorted(arrival.file_name for arrival in raw.arrivals(home)) == sorted(set(names))
    assert list((home.raw / ".incoming").iterdir()) == []


def test_a_killed_process_leaves_nothing_that_counts(home: Home) -> None:
    land(home, "rosters/a.csv")
    code = (
        "import os, signal, sys; from pilar import landing, raw; from pilar.config import Home, Limits; "
        "from pathlib import Path; home = Home(Path(sys.argv[1])); bounds = Limits(settle_seconds=0); "
        "raw.sync = lambda path: os.kill(os.getpid(), signal.SIGKILL); "
        "landing.ingest(home, landing.scan(home, bounds).items[0], bounds)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home.root)], check=False, capture_output=True)
    assert done.returncode == -9
    assert raw.receipts(home) == []
    assert list(home.raw.glob("[!.]*/*")) == []
    assert night(home)["a.csv"].outcome == "read"


def test_taking_a_file_loads_no_heavy_library(home: Home) -> None:
    """Each file may be a process of its own: what it imports is paid once a file."""
    land(home, "rosters/a.csv")
    land(home, "rosters/b.json", '[{"NIK": "3522010101900002", "NAMA": "ANDI", "PILAR": "PKH", "KAB/KOTA": "3523"}]')
    code = (
        "import sys; from pilar import landing; from pilar.config import Home, Limits; from pathlib import Path; "
        "home = Home(Path(sys.argv[1])); bounds = Limits(settle_seconds=0); "
        "print({landing.ingest(home, item, bounds).outcome for item in landing.scan(home, bounds).items}); "
        "print(sorted({'pandas', 'duckdb', 'great_expectations', 'airflow', 'dbt'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home.root)], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["{'read'}", "[]"]
