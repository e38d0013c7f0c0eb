"""Whatever a step stumbles over, the values that the error quotes are told nowhere: not in what it raises, not in its
account on disk, not in a log."""

from __future__ import annotations

import errno
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pydantic
import pytest

from pilar import build as dbt_build
from pilar import config, disk, landing, night, publish
from pilar import load as raw_load
from pilar.config import Home
from pilar.privacy.told import Withheld, fit_to_tell, told
from pilar.report import read_night

NAME, NIK, ACCOUNT = "KSARAVINI VRUNJIKONA", "3522014101809001", "0021456789"
VALUES = (NAME, NIK, ACCOUNT, NAME.title(), "KSARAVINI")


class _Row(pydantic.BaseModel):
    amount: int


def quoting() -> dict[str, Exception]:
    """Errors as libraries raise them over a cell, each with the cell in its text."""
    made: dict[str, Exception] = {}
    with duckdb.connect() as connection:
        for kind, query in {
            "conversion": f"SELECT CAST('{NAME} {NIK}' AS INTEGER)",
            "format": f"SELECT strptime('{NAME} {ACCOUNT}', '%Y')",
            "constraint": f"CREATE TABLE t (n VARCHAR PRIMARY KEY); INSERT INTO t VALUES ('{NAME}'), ('{NAME}')",
            "said": f"SELECT error('{NAME} {NIK}')",
        }.items():
            try:
                connection.execute(query)
            except duckdb.Error as error:
                made[kind] = error
    for kind, provoke in {
        "pydantic": lambda: _Row.model_validate({"amount": f"{NAME} {NIK}"}),
        "json": lambda: json.loads(f'{{"{NAME}": {NIK} {ACCOUNT}}}'),
        "integer": lambda: int(f"{NAME} {NIK}"),
        "key": lambda: {}[f"{NAME} {NIK}"],
        "decoding": lambda: f"{NAME} {NIK} é".encode("cp1252").decode("utf-8"),
        "path": lambda: Path(f"/nowhere/{NIK} rek {ACCOUNT}.csv").read_bytes(),
    }.items():
        try:
            provoke()
        except Exception as error:
            made[kind] = error
    made["cause"] = ValueError("a harmless one")
    made["cause"].__cause__ = made["pydantic"]
    return made


QUOTING = quoting()
STEPS: dict[str, tuple[Any, str]] = {
    "begin": (landing, "scan"),
    "ingest": (landing, "ingest"),
    "load": (raw_load, "load"),
    "gate_arrivals": (None, "pilar.quality.gate.judge"),
    "build": (dbt_build, "build"),
    "gate_candidate": (None, "pilar.privacy.scan"),
    "publish": (publish, "finish"),
    "report": (None, "pilar.report.write"),
    "conclude": (None, "pilar.report.operator_summary"),
}


def test_errors_quote_values_to_begin_with() -> None:
    """Else nothing would be shown by the rest."""
    for kind, error in QUOTING.items():
        quoted = "".join(traceback.format_exception(error)) + (str(vars(error)) if kind == "decoding" else "")
        assert any(value in quoted for value in VALUES) or kind in ("json", "decoding"), kind


@pytest.mark.parametrize("kind", QUOTING)
def test_what_is_told_of_an_error_has_no_value(kind: str) -> None:
    error = QUOTING[kind]
    safe = fit_to_tell(error)
    again = pickle.loads(pickle.dumps(safe))  # noqa: S301 (as it comes out of a pool of processes)
    for said in (told(error), str(safe), repr(safe), repr(again), _shown(safe)):
        assert not [value for value in VALUES if value in said], kind
    assert type(error).__name__ in told(error) or isinstance(error, FileNotFoundError)
    assert "test_errors.py, line" in told(error) or isinstance(error, OSError) or kind == "cause"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (disk.NoRoom("12 MB are free, 40 MB are needed"), "12 MB are free"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/pilar/raw"), "/srv/pilar/raw"),
        (duckdb.IOException("Could not set lock on file /srv/pilar/warehouse.duckdb"), "warehouse.duckdb"),
        (duckdb.BinderException('Referenced column "amount" not found'), '"amount"'),
        (dbt_build.BuildError("stg_events: Runtime Error"), "stg_events"),
    ],
)
def test_what_an_operator_needs_is_told(error: Exception, said: str) -> None:
    assert said in told(error)
    assert fit_to_tell(error) is error


def test_a_full_disk_is_told_also_where_the_rest_of_the_text_is_not() -> None:
    error = duckdb.TransactionException(f"Failed to commit {NAME}: could not write: No space left on device")
    assert NAME not in told(error)
    assert told(error).endswith("not told (No space left on device)")


def test_a_sentence_of_ours_is_told_whatever_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAR_MAX_COLUMNS", "banyak")
    with pytest.raises(ValueError, match="must be") as caught:
        config.limits()
    assert told(caught.value) == "ValueError: PILAR_MAX_COLUMNS must be a int"
    with pytest.raises(ValueError, match="invalid literal") as caught:
        parsed(NAME)
    assert NAME not in told(caught.value)


def parsed(text: str) -> int:
    """A value that a library cannot take, in code of ours."""
    return int(text)


def test_a_hiccup_is_still_one_when_its_path_is_masked() -> None:
    masked = fit_to_tell(QUOTING["path"])
    assert isinstance(masked, FileNotFoundError)
    assert isinstance(fit_to_tell(duckdb.IOException(f"cannot open {NIK}.csv")), duckdb.IOException)
    assert isinstance(fit_to_tell(QUOTING["integer"]), Withheld)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_breaks_tells_no_value(
    step: str, home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (home.landing / "rosters").mkdir()
    (home.landing / "rosters" / f"{NIK} {ACCOUNT}.csv").write_text("NIK;NAMA\n")
    plan = night.begin(home)
    night_id = plan["night_id"]
    _pretend(home, night_id)
    calls: dict[str, Callable[[], object]] = {
        "begin": lambda: night.begin(home, night_id, force=True),
        "ingest": lambda: night.ingest(home, night_id, plan["items"][0]),
    }
    call = calls.get(step, lambda: getattr(night, step)(home, night_id))
    place, name = STEPS[step]
    for kind, error in QUOTING.items():

        def broken(*_: object, error: Exception = error, **__: object) -> object:
            raise error

        with monkeypatch.context() as patch, caplog.at_level(logging.DEBUG):
            if place is None:
                patch.setattr(name, broken)
            else:
                patch.setattr(place, name, broken)
            with pytest.raises(Exception) as caught:
                call()
        said = _shown(caught.value) + caplog.text
        said += "".join(path.read_text("utf-8") for path in home.nights.rglob("*.json"))
        assert not [value for value in VALUES if value in said], f"{step}: {kind}"
    if step not in ("begin", "conclude"):
        assert read_night(home, night_id).outcome == "failed"


def _pretend(home: Home, night_id: str) -> None:
    """What the steps before left, so that each step comes as far as where it breaks."""
    folder = home.nights / night_id
    for name, facts in {
        "load": {"full_refresh": True, "narrow": False},
        "gate_arrivals": {"held": False, "results": []},
        "build": {"state": {}},
        "gate_candidate": {"held": False, "results": [], "content_digest": "x"},
    }.items():
        (folder / f"{name}.json").write_text(json.dumps({"step": name, "status": "ok"} | facts))


def _shown(error: BaseException) -> str:
    """As a log shows it, causes included."""
    return "".join(traceback.format_exception(error))


MESSAGE = f"""Runtime Error in model stg_rosters (models/staging/rosters/stg_rosters.sql)
  {str(QUOTING["conversion"]).splitlines()[0]}

  LINE 12: {NAME}"""


def test_dbts_results_and_log_are_cleared_of_what_an_error_quoted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """As dbt writes them; the words of the error are DuckDB's own."""

    def dbt(*_: object, **__: object) -> Any:
        (home.dbt / "target").mkdir(parents=True)
        (home.dbt / "logs").mkdir()
        result = {"unique_id": "model.pilar.stg_rosters", "status": "error", "message": MESSAGE, "execution_time": 1}
        (home.dbt / "target" / "run_results.json").write_text(json.dumps({"metadata": {}, "results": [result]}))
        (home.dbt / "logs" / "dbt.log").write_text(f"before\n{MESSAGE}\nduckdb: {MESSAGE}\nafter\n")

        class Finished:
            returncode, stdout, stderr = 1, MESSAGE, ""

        return Finished

    monkeypatch.setattr(dbt_build.subprocess, "run", dbt)
    with pytest.raises(dbt_build.BuildError) as caught:
        dbt_build.build(home, night_date=night.date(2023, 11, 20))
    written = "".join(path.read_text("utf-8") for path in home.dbt.rglob("*") if path.is_file())
    for said in (written, str(caught.value)):
        assert not [value for value in VALUES if value in said]
        assert "stg_rosters" in said
        assert "Conversion Error" in said
    assert "before" in written
    assert "after" in written
