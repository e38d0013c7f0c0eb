"""The question in Airflow, with its real services and a real browser: asked, asked again, answered after a restart, and
kept when nobody answers. One message a night goes to a webhook or by mail, and names nobody."""

from __future__ import annotations

import email
import json
import os
import re
import shutil
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from playwright.sync_api import sync_playwright

from pilar import night, publish
from pilar.config import PROJECT, Home
from pilar.services import standing
from tests.conftest import Migrated, Night, free_port
from tests.report.conftest import chromium

from .conftest import CLAIM, FOLDERS, strict_suites

pytestmark = [pytest.mark.airflow, pytest.mark.browser]

REASON = "klaim itu sudah diumumkan; angka lain benar"
CODE = ("pilar", "dags", "plugins", "expectations", "dbt_project")
PATIENCE = 1200.0


@dataclass
class Sinks:
    """What came by webhook and by mail, and where each listens."""

    posted: list[dict[str, Any]] = field(default_factory=list)
    mailed: list[str] = field(default_factory=list)
    http: int = 0
    smtp: int = 0


@pytest.fixture(scope="module")
def sinks() -> Iterator[Sinks]:
    told = Sinks()

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody listens."""

    class Mailbox(socketserver.StreamRequestHandler):
        """As much of SMTP as one message needs."""

        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode().strip():
                if line.upper() == "DATA":
                    self.say("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    told.mailed.append(b"".join(lines).decode())
                self.say("250 yes")
                if line.upper() == "QUIT":
                    return

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Webhook) as http,
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as smtp,
    ):
        told.http, told.smtp = http.server_address[1], smtp.server_address[1]
        for server in (http, smtp):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        yield told
        http.shutdown()
        smtp.shutdown()


@dataclass
class Stand:
    """Airflow over a home, from a copy of the code whose suites may be made stricter."""

    home: Home
    code: Path
    port: int

    def command(self, *arguments: str, **env: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "pilar.services", *arguments],
            cwd=self.code,
            env={**os.environ, "PYTHONPATH": str(self.code), "PILAR_HOME": str(self.home.root), **env},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def up(self, **env: str) -> None:
        self.command("up", "--port", str(self.port), **env)

    def ask(self, method: str, path: str, **request: Any) -> Any:
        services = standing.running(self.home)
        assert services is not None
        with standing.api(self.home, services) as api:
            return api.request(method, f"/api/v2/dags/nightly/dagRuns{path}", **request).raise_for_status().json()

    def trigger(self) -> str:
        services = standing.running(self.home)
        assert services is not None
        with standing.api(self.home, services) as api:
            return standing.ask_for_night(api, force=True)

    def task(self, run: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/{run}/taskInstances/{name}")
        return found

    def wait(self, what: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < deadline, "it did not come to pass"
            time.sleep(0.5)

    def wait_for_question(self, run: str, tries: int = 1) -> None:
        def open_now() -> bool:
            task = self.task(run, "ask")
            return task["state"] == "awaiting_input" and task["try_number"] == tries

        self.wait(open_now)

    def wait_for_end(self, run: str) -> str:
        self.wait(lambda: self.ask("GET", f"/{run}")["state"] in {"success", "failed"})
        return str(self.ask("GET", f"/{run}")["state"])


@pytest.fixture(scope="module")
def stand(
    sample_night: Night, migrated: Migrated, tmp_path_factory: pytest.TempPathFactory, sinks: Sinks
) -> Iterator[Stand]:
    place = tmp_path_factory.mktemp("question")
    home = Home(place / "home")
    shutil.copytree(sample_night.home.root, home.root, symlinks=True)
    migrated(home)
    for name in CODE:
        shutil.copytree(PROJECT / name, place / "code" / name, ignore=shutil.ignore_patterns("__pycache__"))
    strict_suites(place / "code", CLAIM)
    wiring = place / "code" / "dags" / "nightly.py"
    unscheduled = re.sub(r"schedule=CronTriggerTimetable\(.*\),", "schedule=None,", wiring.read_text("utf-8"))
    assert "schedule=None," in unscheduled  # whatever the clock says, nights are only those that are asked for
    wiring.write_text(unscheduled, "utf-8")
    made = Stand(home, place / "code", free_port())
    hook = {"conn_type": "http", "host": f"http://127.0.0.1:{sinks.http}/geheim"}
    made.up(AIRFLOW_CONN_PILAR_MESSAGE=json.dumps(hook))
    try:
        yield made
    finally:
        made.command("down")


def answers(home: Home) -> list[dict[str, Any]]:
    newest = night.newest(home)
    assert newest is not None
    told: list[dict[str, Any]] = json.loads((home.nights / newest / "override.json").read_text("utf-8"))["answers"]
    return told


def people(home: Home) -> list[str]:
    """Names, numbers and accounts of the samples' invented people."""
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        rows = warehouse.execute("SELECT DISTINCT unnest([nik, name, account_no]) FROM staging.stg_rosters").fetchall()
    return [str(row[0]) for row in rows if row[0] and len(str(row[0])) > 5]


def answer_in_the_browser(stand: Stand, reason: str) -> None:
    """Log in, find the question under Required Actions, write the reason, press the button."""
    password = json.loads((stand.home.airflow / "passwords.json").read_text())["admin"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 1000}, locale="en")
        page.set_default_timeout(120_000)
        page.goto(f"http://127.0.0.1:{stand.port}/required_actions?response_received=false")
        page.fill("input[name=username]", "admin")
        page.fill("input[name=password]", password)
        page.click("button[type=submit]")
        page.get_by_role("link", name="Malam").first.click()
        page.get_by_text(CLAIM).wait_for()
        page.get_by_label("Alasan / Reason").or_(page.locator("#element_reason")).first.fill(reason)
        with page.expect_response(lambda response: response.request.method == "PATCH") as patched:
            page.get_by_role("button", name="Publish anyway").click()
        assert patched.value.ok
        browser.close()


def test_a_held_night_is_asked_about_and_published_by_an_answer_after_a_restart(stand: Stand, sinks: Sinks) -> None:
    run = stand.trigger()
    before = publish.find(stand.home, "current").release_id
    stand.wait_for_question(run)
    asked = f"/{run}/taskInstances/ask/-1/hitlDetails"
    blank = {"chosen_options": ["Terbitkan juga / Publish anyway"], "params_input": {"reason": " "}}
    stand.ask("PATCH", asked, json=blank)
    stand.wait_for_question(run, tries=2)
    question = stand.ask("GET", asked)
    assert "Untuk menerbitkan, isi alasan" in question["body"]
    assert publish.find(stand.home, "current").release_id == before

    stand.command("down")
    letter = {
        "conn_type": "smtp",
        "host": "127.0.0.1",
        "port": sinks.smtp,
        "extra": {
            "to": "steward@example.org",
            "from_email": "pilar@example.org",
            "disable_ssl": True,
            "disable_tls": True,
        },
    }
    stand.up(AIRFLOW_CONN_PILAR_MESSAGE=json.dumps(letter), PILAR_ANSWER_HOURS="0.002")
    assert stand.task(run, "ask")["state"] == "awaiting_input"
    answer_in_the_browser(stand, REASON)
    assert stand.wait_for_end(run) == "success"

    (answer,) = answers(stand.home)
    assert (answer["by"], answer["reason"], answer["ended"]) == ("admin", REASON, "published")
    release = publish.find(stand.home, "current")
    assert release.release_id == night.newest(stand.home) != before
    assert release.manifest()["override"]["by"] == "admin"
    assert stand.ask("GET", asked)["responded_by_user"]["name"] == "admin"
    assert REASON in (stand.home.reports / "index.html").read_text("utf-8")

    (message,) = sinks.posted
    assert message["outcome"] == "held"
    assert CLAIM in message["text"]
    told = message["text"] + question["subject"] + question["body"]
    assert [value for value in people(stand.home) if value in told] == []


def test_without_an_answer_the_release_before_stays(stand: Stand, sinks: Sinks) -> None:
    """Held at its arrivals this time; the question is open for seven seconds."""
    before = publish.find(stand.home, "current").release_id
    for name in ("a", "b"):
        (stand.home.landing / "bantuan" / f"{name}.csv").write_text(f"PAKET;JUMLAH\n{name};1\n", "utf-8")
    strict_suites(stand.code, FOLDERS)
    run = stand.trigger()
    assert stand.wait_for_end(run) == "success"
    (answer,) = answers(stand.home)
    assert (answer["answer"], answer["by"], answer["timed_out"], answer["ended"]) == ("keep", None, True, "kept")
    assert publish.find(stand.home, "current").release_id == before

    (letter,) = (email.message_from_string(text, policy=policy.default) for text in sinks.mailed)
    body = letter.get_body(("html",))
    assert body is not None
    text = str(letter["Subject"]) + body.get_content()
    assert "DITAHAN, menunggu jawaban" in text
    assert [value for value in people(stand.home) if value in text] == []
    assert len(sinks.posted) == 1
    assert not list(stand.home.messages.glob("*.txt")), "both went where they should"
    logs = "".join(path.read_text("utf-8", "replace") for path in (stand.home.airflow / "logs").rglob("*.log"))
    assert "geheim" not in logs
    assert httpx.get(f"http://127.0.0.1:{stand.port}/api/v2/monitor/health", timeout=60).is_success
