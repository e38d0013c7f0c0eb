"""All DAGs keep all policies, and each policy is shown to catch a DAG that does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from policies import BAD, DAGS, POLICIES, Policy, broken, load

pytestmark = pytest.mark.airflow


def test_these_are_the_dags() -> None:
    assert {dag.dag_id for file in DAGS for dag in load(file)} == {"nightly", "fetch_bps_poverty", "maintain"}


@pytest.mark.parametrize("file", DAGS, ids=lambda file: file.stem)
def test_dag_keeps_every_policy(file: Path) -> None:
    assert broken(file) == {}


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
def test_policy_can_fail(policy: Policy) -> None:
    assert list(broken(BAD, [policy])) == [policy.__name__]
