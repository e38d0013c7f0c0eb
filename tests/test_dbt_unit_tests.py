"""The small readable rows beside the models (``_unit_tests.yml``) hold: dbt runs all of them over a built warehouse."""

from __future__ import annotations

import json
import shutil

import yaml

from pilar import build
from pilar.config import Home
from tests.conftest import Night


def test_every_unit_test_beside_a_model_holds(sample_night: Night, home: Home) -> None:
    written = {
        test["name"]
        for path in (build.DBT_PROJECT / "models").rglob("_unit_tests.yml")
        for test in yaml.safe_load(path.read_text("utf-8"))["unit_tests"]
    }
    shutil.copy(sample_night.home.warehouse, home.warehouse)
    shutil.copy(sample_night.home.root / "pii.key", home.root / "pii.key")
    ended = build.dbt(home, "test", "--select", "test_type:unit")
    assert ended.returncode == 0, ended.stdout[-3000:]
    results = json.loads((home.dbt / "target" / "run_results.json").read_text("utf-8"))["results"]
    passed = {result["unique_id"].rpartition(".")[2] for result in results if result["status"] == "pass"}
    assert passed == written != set()
