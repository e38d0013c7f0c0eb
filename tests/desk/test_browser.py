"""The desk in a real browser, served as `make desk` serves it: offline, filtered, downloaded, flipped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

from pilar.config import Home
from pilar.desk.view import Choice, look
from tests.conftest import Night, free_port
from tests.report.conftest import chromium

pytestmark = pytest.mark.browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
"""No name outside this machine is found."""
NEWER = "20990101T000000Z"


@dataclass(frozen=True)
class Served:
    """A running desk, the home it reads and the user's folder it must not write to."""

    process: subprocess.Popen[bytes]
    address: str
    home: Home
    user: Path

    def open_releases(self) -> list[Path]:
        """Files of releases that the server holds open."""
        links = [link.readlink() for link in Path(f"/proc/{self.process.pid}/fd").iterdir() if link.is_symlink()]
        return [path for path in links if "releases" in path.parts]


def is_up(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=30).close()  # noqa: S310 (this machine)
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def desk(sample_night: Night, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = Home(tmp_path_factory.mktemp("desk") / "home").make()
    now = sample_night.home.current_marts.resolve()
    _publish(home, now, now.parent.name)
    user = tmp_path_factory.mktemp("user")
    port = free_port()
    environment = os.environ | {"PILAR_HOME": str(home.root), "PILAR_DESK_PORT": str(port), "HOME": str(user)}
    process = subprocess.Popen([sys.executable, "-m", "pilar.desk"], env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/"
    try:
        deadline = time.monotonic() + 300
        while not is_up(address):
            assert process.poll() is None, "the desk ended"
            assert time.monotonic() < deadline, "the desk does not answer"
            time.sleep(0.1)
        yield Served(process, address, home, user)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(120) == 0, "Ctrl-C ends it, also while a page is open"
        finally:
            process.kill()


@dataclass
class Heard:
    """What a page asked for and complained of."""

    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    answer: Response | None = None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def heard(desk: Served, browser: Browser) -> Iterator[Heard]:
    """One page that the tests below use in their order: opening it is what costs."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    heard = Heard(page)
    page.on("request", lambda asked: heard.outside.append(asked.url) if _leaves(asked.url, desk.address) else None)
    page.on("console", lambda said: heard.errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: heard.errors.append(str(error)))
    heard.answer = page.goto(desk.address)
    expect(page.locator("#poverty_by_region tbody tr")).to_have_count(38)
    expect(page.locator("svg.marks")).to_have_count(4)
    yield heard
    page.close()


def _publish(home: Home, release: Path, release_id: str) -> None:
    """Lay a release under an id of its own and point the name at it, as a night does."""
    folder = home.releases / release_id
    folder.mkdir()
    shutil.copyfile(release, folder / "marts.duckdb")
    with duckdb.connect(str(folder / "marts.duckdb")) as connection:
        connection.execute("UPDATE main.release_info SET release_id = ?", [release_id])
        if release_id == NEWER:
            connection.execute("DELETE FROM main.mart_disbursement_reconciliation WHERE outcome <> 'PAID'")
    draft = home.published / ".draft"
    draft.symlink_to(Path("releases") / release_id / "marts.duckdb")
    draft.replace(home.current_marts)


def _leaves(url: str, address: str) -> bool:
    return not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))


def _shown(page: Page, table: str) -> list[list[str]]:
    """Cells of a table's body as a reader sees them."""
    rows: list[list[str]] = page.locator(f"#{table} tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    return rows


def _money(value: Any) -> str:
    return f"{value:,.0f}".replace(",", ".")


def _numbers(choice: Choice, home: Home) -> list[list[str]]:
    rows = look(home.current_marts, choice).tables["money_by_outcome"].records()
    columns = ("payees", "entitled_idr", "paid_idr", "returned_idr", "unpaid_idr")
    return [[_money(row[column]) for column in columns] for row in rows]


def test_it_opens_without_a_network_and_shows_the_release(heard: Heard, desk: Served) -> None:
    expect(heard.page.locator("#release")).to_have_text(desk.home.current_marts.resolve().parent.name)
    assert [row[1:] for row in _shown(heard.page, "money_by_outcome")] == _numbers(Choice(), desk.home)
    assert heard.outside == []
    assert heard.errors == []
    assert heard.answer is not None
    assert "default-src 'self'" in (heard.answer.header_value("content-security-policy") or "")


def test_nothing_serious_bars_a_screen_reader(heard: Heard) -> None:
    found = Axe().run(heard.page, options={"resultTypes": ["violations"]}).response["violations"]
    grave = [
        (item["id"], node["html"][:120])
        for item in found
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"]
    ]
    assert grave == []


def test_filters_narrow_everything(heard: Heard, desk: Served) -> None:
    page = heard.page
    page.get_by_label("Kab/kota · Region").select_option("Kabupaten Bojonegoro")
    expect(page.locator("#people_by_region tbody tr")).to_have_count(1)
    page.get_by_label("Pilar · Pillar").select_option("TKSK: Tenaga Kesejahteraan Sosial Kecamatan")
    chosen = Choice(region="3522", pillar="TKSK")
    people = look(desk.home.current_marts, chosen).tables["people_by_region"].total("people")
    expect(page.locator("#people_by_region tbody td").last).to_have_text(str(people))
    assert [row[1:] for row in _shown(page, "money_by_outcome")] == _numbers(chosen, desk.home)
    assert heard.errors == []


def test_a_download_is_the_table(heard: Heard, desk: Served) -> None:
    table = look(desk.home.current_marts, Choice(region="3522", pillar="TKSK")).tables["money_by_region"]
    with heard.page.expect_download() as waiting:
        heard.page.get_by_text("money_by_region.csv").click()
    assert waiting.value.suggested_filename.endswith("-money_by_region.csv")
    assert Path(waiting.value.path()).read_bytes() == table.file("csv")


def test_english_keeps_the_choice(heard: Heard) -> None:
    page = heard.page
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Analysts' desk", use_inner_text=True)
    expect(page.locator("#people_by_region tbody tr")).to_have_count(1)
    expect(page.locator("svg.marks").filter(has_text="Poverty rate (%)").first).to_be_visible()


def test_a_new_release_shows_while_the_page_is_open(heard: Heard, desk: Served) -> None:
    assert desk.open_releases() == []
    _publish(desk.home, desk.home.current_marts.resolve(), NEWER)
    heard.page.get_by_role("button", name="New release?").click()
    expect(heard.page.locator("#release")).to_have_text(NEWER)
    assert len(_shown(heard.page, "money_by_outcome")) == 1, "the filters are kept, and all others are gone"
    expect(heard.page.get_by_label("Kab/kota · Region")).to_have_value("Kabupaten Bojonegoro")
    assert desk.open_releases() == []


def test_a_link_opens_the_same_view_on_a_phone(desk: Served, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{desk.address}?region=3523&month=2023-11&lang=en")
    expect(page.locator("#cover_by_month tbody tr")).to_have_count(1)
    expect(page.get_by_label("Kab/kota · Region")).to_have_value("Kabupaten Tuban")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_it_answers_to_its_own_name_alone_and_writes_only_in_its_home(heard: Heard, desk: Served) -> None:
    asked = urllib.request.Request(desk.address, headers={"Host": "elsewhere.example"})  # noqa: S310
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(asked, timeout=60)  # noqa: S310 (this machine)
    assert [str(path) for path in desk.user.rglob("*") if path.is_file()] == []
    assert desk.home.desk.is_dir()
