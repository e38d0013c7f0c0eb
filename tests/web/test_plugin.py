"""What the plugin registers with Airflow, and whom it takes for a steward. The rest is tried in a running Airflow."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pytest

pytestmark = pytest.mark.airflow

PLUGIN = Path(__file__).resolve().parents[2] / "plugins" / "pilar_pages.py"


@pytest.fixture(scope="module")
def plugin() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pilar_pages", PLUGIN)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    # Airflow reads its environment when first imported.
    with patch.dict(os.environ, {"AIRFLOW_HOME": tempfile.mkdtemp(prefix="pilar-airflow-")}):
        spec.loader.exec_module(made)
    return made


@dataclass
class Role:
    name: str


@dataclass
class Simple:
    """As Airflow's simple auth manager has it."""

    role: str | None


@dataclass
class Several:
    """As FAB's auth manager has it."""

    roles: list[Any] = field(default_factory=list)


@pytest.mark.parametrize(
    ("user", "given", "is_steward"),
    [
        (Simple("op"), None, True),
        (Simple("ADMIN"), None, True),
        (Simple("viewer"), None, False),
        (Simple("user"), "", False),
        (Simple("user"), "user, op", True),
        (Simple("admin"), "petugas", False),
        (Simple(None), None, False),
        (Several([Role("Viewer"), Role("Petugas Data")]), "petugas data", True),
        (Several([Role("Viewer")]), None, False),
        (Several(["Op"]), None, True),
        (Several(), None, False),
        (object(), "none,", False),
    ],
)
def test_stewards_are_told_by_their_role(
    plugin: ModuleType, monkeypatch: pytest.MonkeyPatch, user: object, given: str | None, is_steward: bool
) -> None:
    monkeypatch.delenv("PILAR_STEWARD_ROLES", raising=False)
    if given is not None:
        monkeypatch.setenv("PILAR_STEWARD_ROLES", given)
    assert bool(plugin.roles_of(user) & plugin.steward_roles()) is is_steward


def test_entries_of_the_navigation_are_relative_and_lead_to_the_pages(plugin: ModuleType) -> None:
    views = plugin.PilarPages.external_views
    assert [view["href"] for view in views] == [
        "pilar/reports/", "pilar/reports/restricted/workbooks/", "pilar/decisions", "pilar/reports/data_docs/",
    ]  # fmt: skip
    assert len({view["url_route"] for view in views}) == len(views)
    assert all(view["destination"] == "nav" for view in views)
    assert all(len(view["name"]) <= 12 for view in views), "Airflow cuts longer names off"


def test_airflow_takes_the_plugin_as_it_is(plugin: ModuleType) -> None:
    from airflow.api_fastapi.core_api.datamodels.plugins import ExternalViewResponse, FastAPIAppResponse
    from airflow.plugins_manager import AirflowPlugin

    assert issubclass(plugin.PilarPages, AirflowPlugin)
    for view in plugin.PilarPages.external_views:
        ExternalViewResponse.model_validate(view)
    (served,) = plugin.PilarPages.fastapi_apps
    FastAPIAppResponse.model_validate(served | {"app": "pilar"})
    assert callable(served["app"])
