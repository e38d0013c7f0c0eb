"""The notebook and the desk's page run from top to bottom over the samples, and say what the marts say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from pilar.config import Home
from tests.conftest import CHECKOUT, Night

TOUR = CHECKOUT / "docs" / "notebook" / "tour.py"
PAGE = CHECKOUT / "pilar" / "desk" / "page.py"


def loaded(path: Path) -> ModuleType:
    found = importlib.util.spec_from_file_location(path.stem, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture
def over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in ("CONFIG", "CACHE", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path))
    return monkeypatch


def test_the_tour_answers_the_questions_of_the_readme(sample_night: Night, over: pytest.MonkeyPatch) -> None:
    over.setenv("PILAR_HOME", str(sample_night.home.root))
    _, told = loaded(TOUR).app.run()
    ((payees, paid),) = sample_night.ask(
        "SELECT count(*), count(*) FILTER (WHERE outcome = 'PAID') FROM mart_disbursement_reconciliation"
    )
    assert sum(row["payees"] for row in told["outcomes"]) == payees
    assert told["paid"] == paid > 1600
    ((attempts, returned),) = sample_night.ask(
        "SELECT count(*), sum(amount_idr) FROM fct_disbursement WHERE status = 'RETUR'"
    )
    assert sum(row["attempts"] for row in told["returned"]) == attempts > 0
    assert sum(row["amount_idr"] for row in told["returned"]) == returned
    assert told["missing"] == sample_night.ask("SELECT sum(len(gap_months)) FROM mart_premium_coverage")[0][0] > 0
    verdicts = sample_night.ask("SELECT verdict FROM mart_claims ORDER BY verdict, claim_id")
    assert [row["verdict"] for row in told["claims"]] == [verdict for (verdict,) in verdicts]
    assert len(told["rates"]) == 38
    ((read,),) = sample_night.ask("SELECT sum(rows_read) FROM mart_quality_scorecard")
    assert sum(row["rows_read"] for row in told["quality"]) == read


def test_the_page_runs_without_a_server(sample_night: Night, over: pytest.MonkeyPatch) -> None:
    over.setenv("PILAR_HOME", str(sample_night.home.root))
    _, told = loaded(PAGE).app.run()
    assert told["view"].release_id == sample_night.home.current_marts.resolve().parent.name


def test_before_the_first_release_the_page_says_so(home: Home, over: pytest.MonkeyPatch) -> None:
    over.setenv("PILAR_HOME", str(home.root))
    shown, told = loaded(PAGE).app.run()
    assert "view" not in told
    assert any("Belum ada rilis" in getattr(output, "text", "") for output in shown)
