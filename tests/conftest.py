"""Fixtures that every test may use."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from xdist.scheduler import LoadFileScheduling

from pilar import night, samples
from pilar.config import Home
from pilar.services.environment import environment, prepare

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Night:
    """A night that was run: its home and how it ended."""

    home: Home
    ended: dict[str, Any]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query over the published release."""
        with duckdb.connect(str(self.home.current_marts), read_only=True) as release:
            return release.execute(query).fetchall()


@pytest.fixture(scope="session", autouse=True)
def _nights_of_tests() -> Iterator[None]:
    """Test files are at rest when they are written; nights need not wait for them. And dbt logs each statement, so that
    tests can count them, and look in them for what may not be told."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PILAR_SETTLE_SECONDS", "0")
    patch.setenv("DBT_LOG_LEVEL_FILE", "debug")
    yield
    patch.undo()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data folder beside the checkout: real BPS files, real API answers. Absent: skip."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder is not beside the checkout")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty runtime folder."""
    return Home(tmp_path / "home").make()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Content is named by its size: bytes may hold the hour (gzip) or a NIK, and ids must be alike everywhere."""
    if isinstance(val, bytes):
        return f"{len(val)}bytes"
    if isinstance(val, str) and re.search(r"\d{11}", val):
        return f"{len(val)}letters"
    return None


SAMPLES_KEY = "a key that everybody may know, good for the samples alone"
"""Pseudonyms that pages print come from it."""
FIRST_DAY = date(2023, 11, 21)
"""The samples' bank sends on this day, and nothing comes on the two days after it."""


LONGEST_FIRST = (
    "tests/held/test_question.py",
    "tests/differential/test_differential.py",
    "tests/counted/test_work.py",
    "tests/night/test_nights.py",
    "tests/personal/test_airflow.py",
    "tests/faults/test_kills.py",
    "tests/test_services.py",
    "tests/test_difference.py",
    "tests/night/test_worked_example.py",
    "tests/test_compose.py",
    "tests/harness/test_harness.py",
    "tests/held/test_answers.py",
    "tests/web/test_in_airflow.py",
    "tests/workbooks/test_round_trip.py",
    "tests/recovery/test_backup.py",
    "tests/recovery/test_room.py",
    "tests/test_cli.py",
    "tests/persons/test_forget_night.py",
    "tests/night/test_shared_night.py",
    "tests/report/test_browser.py",
    "tests/differential/test_metamorphic.py",
    "tests/faults/test_state.py",
    "tests/recovery/test_warehouse.py",
    "tests/money/test_narrow_nights.py",
)
"""Files that take longest: begun last, one would keep one worker busy alone. The first ones need different things that
are made once for all, so that no worker waits for another."""


TOGETHER = ("tests/open_data", "tests/personal", "tests/workbooks")
"""Folders whose files share what takes long: one worker has them all, or each would make it."""


class ByFile(LoadFileScheduling):
    """A worker has a file at a time, or a folder of :data:`TOGETHER`."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        folder = file.rpartition("/")[0]
        return folder if folder in TOGETHER else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {CHECKOUT / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def for_all_workers(factory: pytest.TempPathFactory) -> Path:
    """A folder of this session that the workers of pytest-xdist have in common."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Other workers wait. The lock goes with the process."""
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Home], dict[str, Any]]) -> Night:
    """A night that one worker runs for all. Each has a copy of its home: DuckDB lets one process in at a time."""
    folder = for_all_workers(factory) / f"{name} for all"
    ended = folder / "ended.json"
    with one_at_a_time(folder.with_suffix(".lock")):
        if not ended.exists():
            shutil.rmtree(folder, ignore_errors=True)
            facts = make(Home(folder / "home").make())
            ended.write_text(json.dumps(facts), "utf-8")
    place = Home(factory.mktemp(name) / "home")
    shutil.copytree(folder / "home", place.root, symlinks=True)
    return Night(place, json.loads(ended.read_text("utf-8")))


def free_port() -> int:
    """A port that nobody listens on, and none of those that the system gives to outgoing connections: until Airflow has
    come, half a minute later, another worker's connection might stand on it."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


Migrated = Callable[[Home], None]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    """``migrated(home)`` lays Airflow's metadata into a home, brought up to date once for all that do not test that."""
    folder = for_all_workers(tmp_path_factory)
    made = Home(folder / "airflow for all" / "home")
    with one_at_a_time(folder / "airflow for all.lock"):
        prepare(made.make(), environment(made))

    def lay(home: Home) -> None:
        home.airflow.mkdir(exist_ok=True)
        for name in ("airflow.db", "migrated"):
            shutil.copyfile(made.airflow / name, home.airflow / name)

    return lay


@pytest.fixture(scope="session")
def first_of_two(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """A night over what had come of the samples by :data:`FIRST_DAY`. Copy it, do not touch."""

    def make(place: Home) -> dict[str, Any]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PILAR_PII_KEY", SAMPLES_KEY)
            samples.lay(place, until=FIRST_DAY)
            return night.run(place)

    made = made_once(tmp_path_factory, "first of two", make)
    assert made.ended["outcome"] == "published", made.ended["text"]
    return made


@pytest.fixture(scope="session")
def two_nights(first_of_two: Night, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The samples in two nights, the second over what came after :data:`FIRST_DAY`. Look, do not touch."""

    def make(place: Home) -> dict[str, Any]:
        shutil.copytree(first_of_two.home.root, place.root, symlinks=True, dirs_exist_ok=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PILAR_PII_KEY", SAMPLES_KEY)
            samples.lay(place)
            return night.run(place)

    return made_once(tmp_path_factory, "two nights", make)


@pytest.fixture(scope="session")
def waived_night(sample_night: Night, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The night after the samples, with two waivers: of NIK_DATE_IMPOSSIBLE, which ran out in 2024, and of NIK_LENGTH,
    in force, whose reason tells more of the person than it should. Look, do not touch."""
    rows = sample_night.ask(
        "SELECT rule_code, finding_key, file_sha256, sheet, source_row FROM quality_findings "
        "WHERE rule_code IN ('NIK_LENGTH', 'NIK_DATE_IMPOSSIBLE')"
    )
    found = {rule: (key, sha256.replace("-", ""), sheet, row) for rule, key, sha256, sheet, row in rows}

    def make(place: Home) -> dict[str, Any]:
        shutil.copytree(sample_night.home.root, place.root, symlinks=True, dirs_exist_ok=True)
        key, sha256, sheet, row = found["NIK_LENGTH"]
        person = duckdb.execute(
            "SELECT name, nik FROM read_parquet($1) WHERE sheet = $2 AND source_row = $3",
            [str(place.raw / "rosters" / sha256 / "rows.parquet"), sheet, row],
        ).fetchone()
        assert person is not None
        reason = f"kartu {person[0]} diperiksa di Dinsos; NIK {person[1]}; HP 0812 3456 7890"
        for name, line, moment in (
            ("ran out", f"{found['NIK_DATE_IMPOSSIBLE'][0]},waive,diperiksa,petugas,2024-06-30", 1_701_000_000),
            ("in force", f'{key},waive,"{reason}",petugas.tuban,2099-12-31', 1_702_000_000),
        ):
            path = place.landing / "decisions" / f"{name}.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"finding_key,verdict,reason,decided_by,expires_on\n{line}\n", "utf-8")
            os.utime(path, (moment, moment))
        return night.run(place)

    return made_once(tmp_path_factory, "waived", make)


@pytest.fixture(scope="session")
def sample_night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The first night over the samples. Shared by many tests: look, do not touch."""

    def make(place: Home) -> dict[str, Any]:
        samples.lay(place)
        return night.run(place)

    return made_once(tmp_path_factory, "samples", make)
