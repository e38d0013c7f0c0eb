"""What the nightly DAG promises beyond the policies: its order, and which failures are worth a second try."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from airflow.sdk import DAG, RetryAction, TriggerRule
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction
from pilar_question import AskAgain
from policies import load

from pilar.held import NEXT_NIGHT

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def nightly() -> DAG:
    (dag,) = load(Path(__file__).resolve().parents[2] / "dags" / "nightly.py")
    return dag


def test_steps_follow_one_another(nightly: DAG) -> None:
    order = ["begin", "ingest", "load", "gate_arrivals", "build", "gate_candidate", "publish", "report", "conclude"]
    order += ["ask", "answer"]
    assert set(nightly.task_ids) == set(order)
    for before, after in pairwise(order):
        assert nightly.get_task(before).downstream_task_ids == {after}


def test_the_night_is_concluded_and_reported_whatever_happens(nightly: DAG) -> None:
    for name in ("load", "report", "conclude"):
        assert nightly.get_task(name).trigger_rule == TriggerRule.ALL_DONE


def test_a_failed_night_stays_red_whatever_comes_after_it(nightly: DAG) -> None:
    """A run is as its last tasks are: they must not succeed where `conclude` failed."""
    for name in ("ask", "answer"):
        assert nightly.get_task(name).trigger_rule == TriggerRule.ALL_SUCCESS


def test_one_message_goes_out_however_the_night_ends(nightly: DAG) -> None:
    for callbacks in (
        nightly.get_task("conclude").on_success_callback,
        nightly.get_task("conclude").on_failure_callback,
        nightly.on_failure_callback,
    ):
        assert [type(callback).__name__ for callback in callbacks] == ["NightNotifier"]


def test_a_question_closes_before_the_next_night_begins(nightly: DAG) -> None:
    hour, minute = NEXT_NIGHT.hour, NEXT_NIGHT.minute
    assert nightly.timetable.expression == f"{minute} {hour} * * *"
    assert nightly.dagrun_timeout == timedelta(days=1)


def test_switched_on_after_one_the_first_night_is_the_next(nightly: DAG, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the scheduler reckons, from the DAG as it is kept in the metadata."""
    just_after = datetime(2026, 11, 28, 18, 2, tzinfo=UTC)
    monkeypatch.setattr("airflow.timetables.trigger.utcnow", lambda: just_after)
    kept = DagSerialization.from_dict(DagSerialization.to_dict(nightly))
    first = kept.timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=TimeRestriction(None, None, False))
    assert first is not None
    assert first.run_after == datetime(2026, 11, 29, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (OSError("stale file handle"), RetryAction.RETRY),
        (TimeoutError("slow share"), RetryAction.RETRY),
        (duckdb.IOException("Could not set lock on file"), RetryAction.RETRY),
        (duckdb.BinderException("no such column"), RetryAction.FAIL),
        (ValueError("wrong"), RetryAction.FAIL),
        (AskAgain("no reason"), RetryAction.RETRY),
    ],
)
def test_only_a_hiccup_is_tried_again(nightly: DAG, error: Exception, action: RetryAction) -> None:
    policy = nightly.get_task("load").retry_policy
    assert policy is not None
    assert policy.evaluate(error, 1, 2).action is action
