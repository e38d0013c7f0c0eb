"""dbt's docs as one file: nothing of this machine, nothing from elsewhere, and it draws."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pilar.config import PROJECT, Home
from pilar.dictionary import dbt_docs
from tests.conftest import Night

CHROMIUM = Path("/usr/bin/chromium")
PAGE = '<html><head></head><script>n=["MANIFEST.JSON INLINE DATA","CATALOG.JSON INLINE DATA"]</script></html>'


def manifest(**node: Any) -> dict[str, Any]:
    return {
        "metadata": {"project_name": "pilar", "user_id": "someone", "env": {"SECRET": "x"}},
        "nodes": {"model.pilar.a": {"name": "a", "schema": "marts", "database": "warehouse", **node}},
        "sources": {},
        "macros": {"macro.dbt.x": {"package_name": "dbt"}, "macro.pilar.y": {"package_name": "pilar"}},
        "unit_tests": {"unit_test.pilar.t": {"given": ["SITI REKAAN"]}},
    }


def test_data_go_in_and_what_is_of_the_machine_stays_out() -> None:
    columns = {"x": {"name": "x", "data_type": "decimal(18,2)"}}
    page = dbt_docs.render(PAGE, manifest(compiled_path="/somewhere/a.sql", columns=columns, description="</script>"))
    for secret in ("/somewhere", "someone", "SECRET", "SITI REKAAN", "macro.dbt.x"):
        assert secret not in page
    assert "macro.pilar.y" in page
    assert "decimal(18,2)" in page
    assert page.count("</script>") == 1


@pytest.mark.parametrize(
    "page",
    [
        PAGE.replace("MANIFEST", "OTHER"),
        PAGE.replace("<head>", "<header>"),
        PAGE.replace("<head>", '<head><script src="https://cdn.example/a.js"></script>'),
        PAGE.replace("<head>", '<head><script>i.src="//cdn.example/t.js"</script>'),
    ],
)
def test_a_page_that_is_not_what_we_know_is_refused(page: str) -> None:
    with pytest.raises(dbt_docs.DocsError):
        dbt_docs.render(page, manifest())


def test_a_path_of_this_machine_is_never_written(home: Home) -> None:
    (home.dbt / "target").mkdir(parents=True)
    told = manifest(description=f"see {PROJECT}/models")
    (home.dbt / "target" / "manifest.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(dbt_docs.DocsError, match="folder of this machine"):
        dbt_docs.write(home)
    assert not (home.reports / "dbt_docs" / "index.html").exists()


def test_without_a_build_there_is_nothing_to_show(home: Home) -> None:
    assert dbt_docs.write(home) is None


def test_it_is_written_once_for_each_version_of_the_code(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (home.dbt / "target").mkdir(parents=True)
    (home.dbt / "target" / "manifest.json").write_text(json.dumps(manifest()), "utf-8")
    assert dbt_docs.write(home) == home.reports / "dbt_docs" / "index.html"
    assert dbt_docs.write(home) is None
    monkeypatch.setattr(dbt_docs, "code_version", lambda: "another")
    assert dbt_docs.write(home) is not None


def test_the_nights_page_has_the_models_and_no_place_or_person(sample_night: Night) -> None:
    page = (sample_night.home.reports / "dbt_docs" / "index.html").read_text("utf-8")
    assert "model.pilar.mart_disbursement_reconciliation" in page
    assert str(sample_night.home.root) not in page
    data = page[page.index("model.pilar.") :]
    assert [run for run in re.findall(r"\d{16}", data) if run not in ("1797693134862315", "9007199254740991")] == []
    assert page.count("unit_test.pilar") == 0


@pytest.mark.browser
def test_it_draws_without_a_network(sample_night: Night) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.is_file():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    page_file = sample_night.home.reports / "dbt_docs" / "index.html"
    asked: list[str] = []
    said: list[str] = []
    with playwright.sync_playwright() as engine:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
        browser = engine.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{page_file.as_uri()}#!/model/model.pilar.fct_disbursement")
        page.wait_for_selector("text=Transfer attempts as the bank last stated them")
        assert page.locator("text=decimal(18,2)").count() >= 1
        browser.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []
