"""The pages inside a running Airflow, in a real browser, below an address of its own (a base path).

One API server and one browser for the whole module; people log in through Airflow's form.
"""

from __future__ import annotations

import http.client
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect, sync_playwright

from pilar import night
from pilar.config import DISPLAY_ZONE, Home
from pilar.services.environment import AIRFLOW, environment, passwords, prepare
from pilar.services.standing import end_group, members
from tests.conftest import Migrated, Night, free_port
from tests.report.conftest import chromium
from tests.web.conftest import key_of, repoint

pytestmark = [pytest.mark.airflow, pytest.mark.browser]

BASE = "/kantor/airflow"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
expect.set_options(timeout=60_000)  # a busy machine is slow, not wrong
SANDBOX = "An iframe which has both allow-scripts and allow-same-origin"
"""What Chromium says of Airflow's own iframe."""


@dataclass(frozen=True)
class Server:
    home: Home
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{BASE}"


@pytest.fixture(scope="module")
def server(sample_night: Night, migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Airflow's API server over a home of this module's own, with the accounts siti (op) and ani (viewer)."""
    root = tmp_path_factory.mktemp("inside")
    home = Home(root / "home").make()
    for name in ("published", "raw", "reports"):
        shutil.rmtree(home.root / name)
        shutil.copytree(sample_night.home.root / name, home.root / name, symlinks=True)
    shutil.copy(sample_night.home.key_file, home.key_file)  # or every pseudonym, and every key, would be another
    repoint(home, sample_night.home.current_marts.resolve().parent.name)
    (home.restricted / "list.html").write_text("<title>Buku kerja</title>invented: NIK 3523010101909001")
    migrated(home)
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PILAR_USERS", "admin:admin,siti:op,ani:viewer")
        env = environment(home, port) | {"AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}{BASE}"}
        prepare(home, env)
        passwords(home)
    log = root / "api-server.log"
    with log.open("wb") as file:
        running = subprocess.Popen([*AIRFLOW, "api-server"], env=env, stdout=file, stderr=file, start_new_session=True)
    served = Server(home, port, log)
    try:
        deadline = time.monotonic() + 300
        while not is_up(served):
            assert running.poll() is None, log.read_text("utf-8", "replace")[-3000:]
            assert time.monotonic() < deadline, log.read_text("utf-8", "replace")[-3000:]
            time.sleep(0.3)
        yield served
    finally:
        running.send_signal(signal.SIGTERM)
        end_group(running.pid, 20)
        running.wait()
        assert members(running.pid) == {}


def is_up(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/api/v2/version", timeout=30).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def logged_in(server: Server, browser: Browser) -> Iterator[Callable[[str], BrowserContext]]:
    """``logged_in(name)``: a browser in which somebody went through the login form."""
    known, _ = passwords(server.home)
    opened: dict[str, BrowserContext] = {}

    def context(name: str) -> BrowserContext:
        if name not in opened:
            opened[name] = browser.new_context(viewport={"width": 1280, "height": 900})
            opened[name].set_default_timeout(120_000)
            page = opened[name].new_page()
            page.goto(f"{server.url}/pilar/reports/?from=login")
            assert "/auth/login?next=" in page.url, "nobody reads a report without a login"
            page.fill("input[name=username]", name)
            page.fill("input[name=password]", known[name])
            page.keyboard.press("Enter")
            page.wait_for_url(f"{server.url}/pilar/reports/?from=login")
            page.close()
        return opened[name]

    yield context
    for one in opened.values():
        one.close()


def framed(page: Page, name: str) -> FrameLocator:
    """The page that an entry of Airflow's navigation shows."""
    return page.frame_locator(f"iframe[title='{name}']")


def decision_files(server: Server) -> list[Path]:
    return sorted((server.home.landing / "decisions").rglob("*.csv"))


def test_a_viewer_reads_the_report_in_the_navigation_and_nothing_that_names_people(
    server: Server, logged_in: Callable[[str], BrowserContext]
) -> None:
    page = logged_in("ani").new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(server.url)
    entries = page.locator("[data-testid='nav-sidebar']")
    for name in ("Laporan", "Buku kerja", "Keputusan", "Data Docs"):
        expect(entries.get_by_text(name, exact=True)).to_be_visible()
    entries.get_by_text("Laporan", exact=True).click()
    expect(framed(page, "Laporan").locator("h1")).to_have_text(re.compile("Laporan"))
    page.wait_for_url(f"{server.url}/plugin/laporan{BASE}/pilar/reports/")
    entries.get_by_text("Data Docs", exact=True).click()
    framed(page, "Data Docs").locator("a[href^='arrivals/validations/']").first.click()
    expect(framed(page, "Data Docs").locator("body")).to_contain_text("Evaluated Expectations")
    assert [text for text in said if SANDBOX not in text and "favicon" not in text] == []

    for name in ("Keputusan", "Buku kerja"):
        entries.get_by_text(name, exact=True).click()
        expect(framed(page, name).locator("h1")).to_contain_text("Khusus petugas data")
    for path in ("restricted/list.html", "restricted/", "restricted/nothing.xlsx"):
        answer = page.goto(f"{server.url}/pilar/reports/{path}")
        assert answer is not None
        assert answer.status == 403
        assert "3523010101909001" not in answer.text()
    page.close()


def test_a_stranger_is_sent_to_the_login(server: Server, browser: Browser) -> None:
    context = browser.new_context()
    context.set_default_timeout(120_000)
    page = context.new_page()
    for path in ("decisions?rule=NIK_LENGTH", "reports/restricted/list.html", "reports/data_docs/", "nothing"):
        page.goto(f"{server.url}/pilar/{path}")
        page.wait_for_selector("input[name=password]")
        assert page.url.startswith(f"{server.url}/auth/login?next=")
    page.goto(f"{server.url}/plugin/keputusan")  # the frame around it asks for a login as well
    page.wait_for_selector("input[name=password]")
    context.close()
    for headers in ({}, {"authorization": "Bearer nonsense"}, {"cookie": "_token=nonsense"}):
        for method in ("GET", "POST", "PUT"):
            answer = httpx.request(method, f"{server.url}/pilar/reports/index.html", headers=headers, timeout=90)
            assert answer.status_code == 401, (method, headers)


def raw_request(server: Server, path: str, token: str) -> tuple[int, bytes]:
    """A request whose address nobody tidies."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=90)
    connection.putrequest("GET", path, skip_host=False)
    connection.putheader("Cookie", f"_token={token}")
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_no_raw_address_leads_out_of_the_reports(server: Server, logged_in: Callable[[str], BrowserContext]) -> None:
    tokens = {
        name: next(c["value"] for c in logged_in(name).cookies() if c["name"] == "_token") for name in ("siti", "ani")
    }
    secret = server.home.key_file.read_bytes()
    passed = (server.home.airflow / "passwords.json").read_bytes()
    for way in ("..", "%2e%2e", ".%2e", "%252e%252e", "..%2f..", "%2e%2e%2f", "..%5c..", "//..", "x/../.."):
        for target in ("pii.key", "airflow/passwords.json", "restricted/../../pii.key"):
            path = f"{BASE}/pilar/reports/{way}/{target}"
            status, body = raw_request(server, path, tokens["siti"])
            assert secret not in body, path
            assert passed not in body, path
            assert status in {404, 401} or b'<div id="root">' in body, path
    for way in (
        "%72estricted/list.html",
        "./restricted/list.html",
        "data_docs/../restricted/list.html",
        "restricted%2flist.html",
    ):
        status, body = raw_request(server, f"{BASE}/pilar/reports/{way}", tokens["ani"])
        assert status in {403, 404}, way
        assert b"3523010101909001" not in body
    assert raw_request(server, f"{BASE}/pilar/reports/restricted/list.html", tokens["siti"])[0] == 200


def test_a_form_on_another_site_writes_nothing(server: Server, logged_in: Callable[[str], BrowserContext]) -> None:
    """A site next door (same host, so that the cookie goes along) and a far one, both with a token that holds.

    Airflow's login form sets its cookie without SameSite, so browsers may send it from the far one too.
    """
    context = logged_in("siti")
    page = context.new_page()
    target = f"{server.url}/pilar/decisions/{key_of(server.home, 'NIK_LENGTH')}"
    page.goto(target)
    token = page.locator("input[name=token]").get_attribute("value")
    form = (
        f"<form method=post action='{target}'><input name=token value='{token}'><input name=verdict value=waive>"
        "<input name=reason value=sah><button>menang</button></form>"
    )
    for site, refusals in (("http://127.0.0.1:1/", {403}), ("http://menang.example/", {401, 403})):
        context.route(site, lambda route: route.fulfill(body=form, content_type="text/html"))
        page.goto(site)
        with page.expect_navigation() as posted:
            page.click("button")
        assert posted.value is not None
        assert posted.value.status in refusals
    assert decision_files(server) == []
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_fit_the_screen_and_a_screen_reader(
    server: Server, logged_in: Callable[[str], BrowserContext], width: int
) -> None:
    page = logged_in("siti").new_page()
    page.set_viewport_size({"width": width, "height": 844})
    one, pair = (key_of(server.home, rule) for rule in ("NIK_LENGTH", "PERSON_NEAR_MATCH"))
    for path in ("decisions", f"decisions/{one}", f"decisions/{pair}", "decisions?rule=NIK_ENDS_IN_ZERO"):
        page.goto(f"{server.url}/pilar/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = Axe().run(page).response["violations"]
        assert [
            (rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in {"serious", "critical"}
        ] == []
        page.click("label[for=in-en]")
        expect(page.locator("h1 span[lang=en]")).to_be_visible()
        expect(page.locator("h1 span[lang=id]")).to_be_hidden()
    page.close()


def test_a_steward_takes_a_workbook_out_of_the_frame(
    server: Server, logged_in: Callable[[str], BrowserContext]
) -> None:
    page = logged_in("siti").new_page()
    page.goto(f"{server.url}/plugin/buku-kerja")
    with page.expect_download() as got:
        framed(page, "Buku kerja").locator("a[href$='.xlsx']").first.click()
    lying = {path.name: path for path in server.home.restricted.rglob("*.xlsx")}
    assert Path(got.value.path()).read_bytes() == lying[got.value.suggested_filename].read_bytes()
    page.close()


def test_a_steward_waives_a_finding_and_the_night_counts_the_row(
    server: Server, logged_in: Callable[[str], BrowserContext]
) -> None:
    key = key_of(server.home, "NIK_LENGTH")
    until = datetime.now(DISPLAY_ZONE).date() + timedelta(days=90)
    page = logged_in("siti").new_page()
    page.goto(f"{server.url}/plugin/keputusan")
    inside = framed(page, "Keputusan")
    inside.locator("select[name=rule]").select_option("NIK_LENGTH")
    inside.get_by_role("button", name="Tampilkan").click()
    inside.locator(f"a.button[href^='decisions/{key}']").click()
    inside.get_by_role("button", name="Tulis keputusan").click()
    expect(inside.get_by_role("button", name="Tulis keputusan")).to_be_visible()  # the browser asks for what is missing
    assert decision_files(server) == []
    inside.locator("#v-waive").check()
    inside.locator("#reason").fill("KTP aslinya 15 angka; dikonfirmasi ke Dukcapil 3523010101909001")
    inside.locator("#until").fill(until.isoformat())
    inside.get_by_role("button", name="Tulis keputusan").click()
    expect(inside.locator("#problem-reason-1")).to_contain_text("nomor panjang")
    inside.locator("#reason").fill("KTP aslinya 15 angka; dikonfirmasi ke Dukcapil")
    inside.get_by_role("button", name="Tulis keputusan").click()
    expect(inside.locator("h1")).to_contain_text("Keputusan dicatat")
    expect(inside.locator("main")).to_contain_text("malam berikutnya")
    (path,) = decision_files(server)
    inside.get_by_role("link", name="Temuan berikutnya").click()
    expect(inside.locator("#pending")).to_contain_text("belum dibaca")

    ended = night.run(server.home)
    assert ended["outcome"] == "published", ended["text"]
    with duckdb.connect(str(server.home.current_marts.resolve()), read_only=True) as release:
        assert release.execute(
            "SELECT state, decided_until FROM quality_findings WHERE finding_key = ?", [key]
        ).fetchall() == [("waived", until)]
        told = release.execute(
            "SELECT verdict, state, rows_let_in FROM quality_decisions WHERE finding_key = ?", [key]
        ).fetchall()
    assert told == [("waive", "in_force", 1)]
    said = duckdb.sql(
        f"SELECT decided_by, reason FROM '{server.home.raw}/decisions/*/rows.parquet' WHERE finding_key = '{key}'"
    ).fetchall()
    assert said == [("siti", "KTP aslinya 15 angka; dikonfirmasi ke Dukcapil")]

    page.goto(f"{server.url}/pilar/decisions/{key}")  # the flip is seen without a restart
    expect(page.locator("main")).to_contain_text("sudah tidak terbuka")
    page.goto(f"{server.url}/pilar/decisions/given/{path.stem}")
    expect(page.locator("main")).to_contain_text("Keputusan ini sudah dibaca")
    page.close()


def test_the_log_names_nobody(server: Server, logged_in: Callable[[str], BrowserContext]) -> None:
    """After all of the above: addresses are logged, what the pages show or take is not."""
    logged_in("siti").new_page().goto(f"{server.url}/pilar/decisions")
    written = server.log.read_text("utf-8", "replace")
    assert f"path={BASE}/pilar/decisions" in written
    assert not re.search(r"(?<!\d)35\d{14}(?!\d)", written)
    assert "dikonfirmasi" not in written
    known, _ = passwords(server.home)
    assert not [name for name, password in known.items() if password in written]
    assert datetime.now(UTC).strftime("%Y-%m") in written, "the log is the server's own"
