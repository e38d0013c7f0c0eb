"""Data Docs without a network: nothing is asked of another host, and the pages are styled."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable
from importlib import resources, util
from pathlib import Path

import pytest

from pilar.quality.docs import RemoteAddressError, localise, publish
from pilar.quality.gate import judge
from pilar.quality.suites import suites

ASSETS = Path(str(resources.files("pilar.quality"))) / "assets"
CHROMIUM = Path("/usr/bin/chromium")


def templates() -> list[Path]:
    found = util.find_spec("great_expectations")
    assert found is not None
    assert found.origin is not None
    return sorted((Path(found.origin).parent / "render" / "view" / "templates").glob("*.j2"))


def test_style_sheets_and_scripts_come_from_beside_the_page() -> None:
    page = (
        '<link rel="stylesheet" href="https://unpkg.com/bootstrap-table@1.19.1/dist/bootstrap-table.min.css">'
        '<script src="https://code.jquery.com/jquery-3.7.1.min.js" integrity="x" crossorigin="anonymous"></script>'
        '<script src="https://cdn.jsdelivr.net/npm/vega@5"></script>'
        '<a href="https://greatexpectations.io">a link is not a request</a>'
    )
    assert localise(page, 2) == (
        '<link rel="stylesheet" href="../../static/pilar/bootstrap-table.min.css">'
        '<script src="../../static/pilar/jquery.min.js"></script>'
        '<a href="https://greatexpectations.io">a link is not a request</a>'
    )


def test_pictures_of_other_hosts_go() -> None:
    page = "<style>a { background: url('https://assets.example/logo.png'); }</style><img\n src=\"https://x.example/a.png?d=1\">"
    assert localise(page, 0) == "<style>a { background: none; }</style><img alt='' />"


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/npm/tracker.js"></script>',
        '<link rel="stylesheet" href="https://cdn.example/other.css">',
        "<iframe src='//video.example/1'></iframe>",
        "<style>@import url(https:fonts.example/a.css)</style>",
    ],
)
def test_an_address_that_we_do_not_know_stops_the_build(page: str) -> None:
    with pytest.raises(RemoteAddressError, match="would request"):
        localise(page, 0)


def test_every_address_in_the_templates_of_the_installed_great_expectations_is_known() -> None:
    pages = [path.read_text("utf-8") for path in templates()]
    assert sum("https://" in page for page in pages) >= 4
    for page in pages:
        assert "https://cdn" not in localise(page, 1)


def test_assets_are_the_files_that_their_readme_names_and_small() -> None:
    told = dict(re.findall(r"^\| `([^`]+)` \| [^|]+ \| `([0-9a-f]{64})` \|$", (ASSETS / "README.md").read_text(), re.M))
    present = {path.name for path in ASSETS.iterdir() if path.is_file()} - {"README.md", "pilar.css"}
    assert set(told) == present
    for name, digest in told.items():
        assert hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() == digest, name
    assert sum(path.stat().st_size for path in ASSETS.rglob("*") if path.is_file()) < 1_000_000


def site(folder: Path, text: str) -> Path:
    (folder / "validations" / "deep").mkdir(parents=True)
    (folder / "static" / "fonts").mkdir(parents=True)
    (folder / "static" / "images").mkdir()
    (folder / "static" / "images" / "favicon.ico").write_bytes(b"i")
    (folder / "static" / "images" / "film.gif").write_bytes(b"g" * 1000)
    (folder / "index.html").write_text(text, "utf-8")
    (folder / "validations" / "deep" / "page.html").write_text(text, "utf-8")
    return folder


VERDICT = {"gate": "arrivals", "night_id": "n1", "held": False, "results": [], "seconds": 1.0}


def test_a_new_night_replaces_the_old_in_one_step(tmp_path: Path) -> None:
    """A reader that asks all the while never finds the page missing."""
    docs = tmp_path / "docs"
    publish(site(tmp_path / "a", "night 1"), docs, "arrivals", "n1", VERDICT)
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add((docs / "arrivals").readlink().name)

    reader = threading.Thread(target=read)
    reader.start()
    for night in range(2, 40):
        publish(site(tmp_path / f"s{night}", f"night {night}"), docs, "arrivals", f"n{night}", VERDICT)
    done.set()
    reader.join()
    assert len(seen) > 1
    assert (docs / "arrivals" / "index.html").read_text() == "night 39"
    assert [path.name for path in (docs / "sites").iterdir()] == ["arrivals-n39"]


def test_the_same_night_may_be_judged_again(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    for text in ("first", "second", "third"):
        publish(site(tmp_path / text, text), docs, "arrivals", "n1", VERDICT)
    assert (docs / "arrivals" / "validations" / "deep" / "page.html").read_text() == "third"
    assert len(list((docs / "sites").iterdir())) == 1


def test_one_gate_leaves_the_other_alone_and_the_index_shows_both(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    publish(site(tmp_path / "a", "a"), docs, "arrivals", "n1", VERDICT)
    item = {
        "severity": "critical", "table": "file_ledger", "success": False, "observed": 3, "rules": ["FILE_EMPTY"],
        "description_id": "Baris <hilang>", "description_en": "Rows lost",
    }  # fmt: skip
    kept = item | {"success": True, "description_id": "Baris ada", "rules": []}
    held = VERDICT | {"gate": "candidate", "held": True, "results": [item, kept]}
    built = site(tmp_path / "c", "c")
    result = built / "validations" / "candidate_file_ledger" / "n1" / "page.html"
    result.parent.mkdir(parents=True)
    result.write_text("c", "utf-8")
    publish(built, docs, "candidate", "n1", held)
    index = (docs / "index.html").read_text("utf-8")
    assert (docs / "arrivals" / "index.html").read_text() == "a"
    assert index.index("Lolos") < index.index("Ditahan")
    assert "Baris &lt;hilang&gt;" in index
    assert "Baris ada" not in index
    assert 'href="../rules.html#FILE_EMPTY"' in index
    assert 'href="candidate/validations/candidate_file_ledger/n1/page.html"' in index
    assert "<script" not in index
    assert json.loads((docs / "candidate" / "verdict.json").read_text("utf-8"))["held"] is True


def test_only_what_pages_use_is_kept(tmp_path: Path) -> None:
    built = publish(site(tmp_path / "a", "a"), tmp_path / "docs", "arrivals", "n1", VERDICT)
    static = {str(path.relative_to(built / "static")) for path in (built / "static").rglob("*") if path.is_file()}
    assert "images/favicon.ico" in static
    assert "pilar/bootstrap.min.css" in static
    assert not {name for name in static if "fonts" in name or name.endswith(".gif")}


@pytest.mark.browser
def test_pages_render_offline(candidate: Path, tmp_path: Path, change: Callable[[Path, str], None]) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.is_file():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    docs = tmp_path / "docs"
    change(candidate, "UPDATE marts.file_ledger SET rows_read = 0 WHERE feed = 'rosters'")
    judge("candidate", candidate, docs=docs, night_id="n")
    pages = {
        "start": docs / "index.html",
        "gate": docs / "candidate" / "index.html",
        "suite": docs / "candidate" / "expectations" / "candidate_file_ledger.html",
        "result": next((docs / "candidate" / "validations" / "candidate_file_ledger").rglob("*.html")),
    }
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    asked: list[str] = []
    broken: list[str] = []
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=str(CHROMIUM), args=[*flags, "--disable-component-update"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        # A click on a row starts a navigation of the row's that the link's own overtakes: aborted, not failed.
        page.on(
            "requestfailed", lambda r: broken.append(f"{r.failure} {r.url}") if "ABORTED" not in r.failure else None
        )
        page.on("pageerror", lambda error: broken.append(str(error)))
        for name, path in pages.items():
            page.goto(path.as_uri())
            page.wait_for_load_state("networkidle")
            # Bootstrap's own: unstyled pages are set in Times.
            assert "Segoe UI" in page.evaluate("getComputedStyle(document.body).fontFamily"), name
        # `result` is open: marks of results are text now, and scripts have run.
        mark = "getComputedStyle(document.querySelector('.fa-times'), '::before').content"
        assert page.evaluate(mark) == '"✘"'
        assert page.evaluate("document.querySelectorAll('.bootstrap-table').length") > 0
        page.goto(pages["gate"].as_uri())
        listed = page.locator("a[href*='expectations/candidate_']:visible")
        assert listed.count() == len(suites("candidate"))
        listed = listed.first
        leads_to = str(listed.get_attribute("href"))
        listed.click()
        assert page.url.endswith(leads_to.rpartition("/")[2])
        page.click("text=Home")
        assert page.url.endswith("candidate/index.html")
        page.goto(pages["start"].as_uri())
        assert page.inner_text("h2 .bad") == "Ditahan"
        page.click(".tables a:text-is('file_ledger')")
        assert "/validations/candidate_file_ledger/" in page.url
        browser.close()
    assert broken == []
    assert asked
    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []
