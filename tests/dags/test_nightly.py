"""What the nightly DAG promises beyond the policies: its order, and which failures are worth a second try."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from airflow.sdk import DAG, RetryAction, TriggerRule
from policies import load

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def nightly() -> DAG:
    (dag,) = load(Path(__file__).resolve().parents[2] / "dags" / "nightly.py")
    return dag


def test_steps_follow_one_another(nightly: DAG) -> None:
    order = ["begin", "ingest", "load", "gate_arrivals", "build", "gate_candidate", "publish", "report", "conclude"]
    assert set(nightly.task_ids) == set(order)
    for before, after in pairwise(order):
        assert nightly.get_task(before).downstream_task_ids == {after}


def test_the_night_is_concluded_and_reported_whatever_happens(nightly: DAG) -> None:
    for name in ("load", "report", "conclude"):
        assert nightly.get_task(name).trigger_rule == TriggerRule.ALL_DONE


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (OSError("stale file handle"), RetryAction.RETRY),
        (TimeoutError("slow share"), RetryAction.RETRY),
        (duckdb.IOException("Could not set lock on file"), RetryAction.RETRY),
        (duckdb.BinderException("no such column"), RetryAction.FAIL),
        (ValueError("wrong"), RetryAction.FAIL),
    ],
)
def test_only_a_hiccup_is_tried_again(nightly: DAG, error: Exception, action: RetryAction) -> None:
    policy = nightly.get_task("load").retry_policy
    assert policy is not None
    assert policy.evaluate(error, 1, 2).action is action
