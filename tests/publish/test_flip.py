"""Whatever happens to a publisher, readers have a whole release."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest

from pilar.config import PROJECT, Home
from pilar.privacy import Violation
from pilar.publish import (
    PersonalDataFound,
    PublishError,
    build_candidate,
    content_digest,
    current,
    finish,
    prune,
    releases,
    rollback,
    table_checksums,
)

from .conftest import NIKS, Change


def publish(home: Home, release_id: str) -> None:
    build_candidate(home, release_id)
    finish(home, release_id)


def read(home: Home) -> tuple[str, str, int]:
    """What an analyst sees through the one name: release, verdict, rows."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{home.current_marts}' AS now (READ_ONLY); USE now.marts")
        release_id, verdict, rows = connection.execute(
            "SELECT release_id, gate_result, (SELECT count(*) FROM fct_disbursement) FROM release_info"
        ).fetchall()[0]
    return str(release_id), str(verdict), int(rows)


MORE = (
    "INSERT INTO marts.fct_disbursement "
    "SELECT 'NEW-' || reference_no, * EXCLUDE reference_no FROM marts.fct_disbursement"
)


def test_a_release_is_whole_read_only_and_described(home: Home, warehouse: Path) -> None:
    build_candidate(home, "r1")
    release = finish(
        home, "r1", gates=[{"suite": "candidate", "held": False}], checks={"dbt_tests": 41}, key_fingerprint="abc"
    )
    assert home.current_marts.readlink() == Path("releases/r1/marts.duckdb")
    whole = ["manifest.json", "marts.duckdb", "notes.json", "notes.md"]
    assert sorted(item.name for item in release.folder.iterdir()) == whole
    assert {stat.S_IMODE((release.folder / name).stat().st_mode) for name in whole} == {0o444}
    assert read(home) == ("r1", "passed", 500)
    manifest = release.manifest()
    assert manifest["release_id"] == "r1"
    assert manifest["gate_result"] == "passed"
    assert manifest["built_at"].endswith("+00:00")
    assert manifest["data_through"] == "2023-11-28"
    assert manifest["inputs"] == [{"feed": "rosters", "file_sha256": "a" * 64}]
    assert manifest["tables"]["fct_disbursement"]["rows"] == 500
    assert manifest["tables"]["fct_disbursement"]["checksum"] == table_checksums(release.path)["fct_disbursement"]
    assert manifest["tables"]["release_info"] == {"rows": 1}
    assert manifest["gates"] == [{"suite": "candidate", "held": False}]
    assert manifest["checks"] == {"dbt_tests": 41, "indexes": 0, "personal_data_violations": 0}
    assert manifest["key_fingerprint"] == "abc"


def test_analysts_open_the_link_without_a_flag_but_cannot_write(home: Home, warehouse: Path) -> None:
    publish(home, "r1")
    with duckdb.connect(str(home.current_marts), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM marts.marts.fct_disbursement").fetchall() == [(500,)]
        with pytest.raises(duckdb.Error):
            connection.execute("DROP TABLE main.fct_disbursement")


def test_a_second_night_with_equal_content_says_so(home: Home, warehouse: Path) -> None:
    publish(home, "r1")
    publish(home, "r2")
    first, second = (json.loads((home.releases / name / "manifest.json").read_text()) for name in ("r1", "r2"))
    assert first["content_digest"] == second["content_digest"]
    assert first["inputs_digest"] == second["inputs_digest"]


def test_a_reader_stays_consistent_across_flip_and_prune(home: Home, change: Change) -> None:
    publish(home, "r1")
    with duckdb.connect(str(home.current_marts), read_only=True) as reader:
        assert reader.execute("SELECT count(*) FROM marts.marts.file_ledger").fetchall() == [(2,)]
        change(MORE)
        publish(home, "r2")
        assert prune(home, keep=1) == ["r1"]
        assert read(home) == ("r2", "passed", 1000)
        assert reader.execute("SELECT count(*), sum(amount_idr) FROM marts.marts.fct_disbursement").fetchall() == [
            (500, 500_000_000)
        ]
        assert reader.execute("SELECT release_id FROM marts.marts.release_info").fetchall() == [("r1",)]


def test_a_held_candidate_leaves_the_old_release(home: Home, change: Change) -> None:
    publish(home, "r1")
    change(MORE)
    build_candidate(home, "r2")
    assert read(home) == ("r1", "passed", 500)
    assert releases(home) == ["r1"]
    with pytest.raises(PublishError, match="pending"):
        finish(home, "r2", gate_result="pending")
    assert read(home) == ("r1", "passed", 500)


def test_planted_personal_data_stops_the_flip_and_is_not_told(home: Home, change: Change) -> None:
    publish(home, "r1")
    change(f"UPDATE marts.fct_disbursement SET reference_no = 'TRX {NIKS[3]}' WHERE reference_no = 'TRX-3'")
    build_candidate(home, "r2")
    with pytest.raises(PersonalDataFound) as caught:
        finish(home, "r2")
    assert NIKS[3] not in str(caught.value)
    assert ("main.fct_disbursement", "reference_no", "digit_run", 1) in [
        (item.table, item.column, item.kind, item.count) for item in caught.value.violations
    ]
    assert read(home) == ("r1", "passed", 500)
    assert releases(home) == ["r1"]


def test_a_gate_vouches_only_for_what_it_scanned(home: Home, change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def clean_scan(path: Path, _warehouse: Path | None) -> list[Violation]:
        asked.append(path)
        return []

    monkeypatch.setattr("pilar.publish.flip.scan", clean_scan)
    clean = content_digest(table_checksums(build_candidate(home, "r1")))
    finish(home, "r1", scanned=clean)
    assert not asked
    change(MORE)
    build_candidate(home, "r2")
    finish(home, "r2", scanned=clean)
    assert len(asked) == 1


def test_a_repeated_finish_after_the_flip_changes_nothing(home: Home, warehouse: Path) -> None:
    publish(home, "r1")
    before = (home.releases / "r1" / "marts.duckdb").stat().st_ino
    finish(home, "r1")
    assert (home.releases / "r1" / "marts.duckdb").stat().st_ino == before
    assert read(home) == ("r1", "passed", 500)


def test_a_published_release_never_changes(home: Home, change: Change) -> None:
    publish(home, "r1")
    publish(home, "r1")
    change(MORE)
    build_candidate(home, "r1")
    with pytest.raises(PublishError, match="never changes"):
        finish(home, "r1")
    assert read(home) == ("r1", "passed", 500)


def test_finish_needs_a_candidate(home: Home) -> None:
    with pytest.raises(PublishError, match="build it first"):
        finish(home, "r1")


def test_rollback_and_back(home: Home, change: Change) -> None:
    publish(home, "r1")
    change(MORE)
    publish(home, "r2")
    assert rollback(home, "r1").release_id == "r1"
    assert read(home) == ("r1", "passed", 500)
    rollback(home, "r2")
    assert read(home) == ("r2", "passed", 1000)
    with pytest.raises(PublishError, match="no release r9; there are: r1, r2"):
        rollback(home, "r9")
    with pytest.raises(PublishError, match="no release"):
        rollback(home, "../releases/r1")


def test_rollback_refuses_a_release_that_was_changed(home: Home, change: Change) -> None:
    publish(home, "r1")
    publish(home, "r2")
    path = home.releases / "r1" / "marts.duckdb"
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE main.fct_disbursement SET amount_idr = 1 WHERE reference_no = 'TRX-1'")
    with pytest.raises(PublishError, match="other content"):
        rollback(home, "r1")
    path.write_bytes(b"not a database")
    with pytest.raises(PublishError, match="cannot be read"):
        rollback(home, "r1")
    assert read(home)[0] == "r2"


def test_prune_keeps_the_newest_and_the_current(home: Home, warehouse: Path) -> None:
    for release_id in ("r1", "r2", "r3", "r4"):
        publish(home, release_id)
    rollback(home, "r1")
    assert prune(home, keep=2) == ["r2"]
    assert releases(home) == ["r1", "r3", "r4"]
    assert read(home)[0] == "r1"
    with pytest.raises(PublishError):
        prune(home, keep=0)


def test_current_before_the_first_release(home: Home) -> None:
    assert current(home) is None
    assert releases(home) == []


KILLED_AT = {
    "copying": "pilar.publish.candidate._copy",
    "sealing": "pilar.publish.flip._seal",
    "sealed": "pilar.publish.flip.scan",
    "written": "pilar.publish.flip.sync",
    "moved": "pilar.publish.flip._audit",
    "linking": "pilar.publish.flip._flip",
    "linked": "pathlib.Path.replace",
}


@pytest.mark.parametrize("point", KILLED_AT)
@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_9_leaves_readers_fine_and_the_next_night_heals(point: str, when: str, home: Home, change: Change) -> None:
    publish(home, "r1")
    change(MORE)
    script = textwrap.dedent(
        f"""
        import importlib, os, signal, sys
        from pilar import config, publish
        owner, name = {KILLED_AT[point]!r}.rsplit(".", 1)
        try:
            holder = importlib.import_module(owner)
        except ModuleNotFoundError:
            module, kind = owner.rsplit(".", 1)
            holder = getattr(importlib.import_module(module), kind)
        real = getattr(holder, name)
        def die(*args, **kwargs):
            if {when!r} == "after":
                real(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)
        setattr(holder, name, die)
        home = config.home(sys.argv[1])
        publish.build_candidate(home, "r2")
        publish.finish(home, "r2")
        """
    )
    done = subprocess.run([sys.executable, "-c", script, str(home.root)], cwd=PROJECT, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    flipped = point in {"linking", "linked"} and when == "after"
    assert read(home) == (("r2", "passed", 1000) if flipped else ("r1", "passed", 500))
    publish(home, "r3")
    assert read(home) == ("r3", "passed", 1000)
    assert not [item.name for item in home.releases.iterdir() if item.name.startswith(".")]
    assert sorted(item.name for item in home.published.iterdir()) == ["marts.duckdb", "releases"]
