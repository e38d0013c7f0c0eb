"""The BPS client against a local server that plays answers and faults; nothing reaches outside."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pilar import bps_api
from pilar.bps_api import FetchError, Patience, RefusedError, fetch
from pilar.config import Home
from pilar.figures import read

KEY = "rahasia0123456789abcdef"
QUICK = Patience(attempts=4, first_wait_seconds=0.01, longest_wait_seconds=5, pause_seconds=0, timeout_seconds=5)
LINE = {"0000": [624]}


def body(years: list[int], **changes: Any) -> dict[str, Any]:
    """An answer of variable 624 for East Java and Tuban."""
    content = {f"{region}6240{year - 1900}0": 500000 + region + year for region in (3500, 3523) for year in years}
    answer: dict[str, Any] = {
        "status": "OK",
        "data-availability": "available",
        "last_update": "2025-12-01 13:45:51",
        "var": [{"val": 624, "label": "Garis Kemiskinan Menurut Kabupaten/Kota", "unit": "Rupiah/kapita/bulan"}],
        "turvar": [{"val": "0", "label": "Tidak ada"}],
        "vervar": [{"val": 3500, "label": "<b>JAWA TIMUR</b>"}, {"val": 3523, "label": "Tuban"}],
        "tahun": [{"val": year - 1900, "label": str(year)} for year in years],
        "turtahun": [{"val": 0, "label": "Tahun"}],
        "datacontent": content,
        "related": [],
    }
    return answer | changes


class Play:
    """What the server answers next: (status, headers, body); the last entry repeats. Callables see the query."""

    def __init__(self) -> None:
        self.script: list[Any] = []
        self.queries: list[dict[str, str]] = []
        self.agents: list[str] = []
        self.base_url = ""

    def next(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        entry = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        status, headers, content = entry(query) if callable(entry) else entry
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        return status, headers, content


def all_years(query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
    return 200, {}, body([int(th) + 1900 for th in query["th"].split(";")])


@pytest.fixture
def play() -> Iterator[Play]:
    playing = Play()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            playing.queries.append(query)
            playing.agents.append(self.headers["User-Agent"])
            status, headers, content = playing.next(query)
            self.send_response(status)
            length = headers.pop("Content-Length", str(len(content)))
            for name, value in ({"Content-Type": "application/json", "Content-Length": length} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    playing.base_url = f"http://127.0.0.1:{server.server_port}/v1/api"
    yield playing
    server.shutdown()
    server.server_close()
    thread.join()


def run(home: Home, play: Play, years: list[int], **options: Any) -> list[Path]:
    settings: dict[str, Any] = {"key": KEY, "base_url": play.base_url, "variables": LINE, "patience": QUICK}
    settings["sleep"] = lambda _: None
    return fetch(home, years, **(settings | options))


def in_landing(home: Home) -> list[str]:
    return sorted(path.name for path in home.landing.rglob("*") if path.is_file())


def test_years_are_split_as_bps_demands(home: Home, play: Play) -> None:
    play.script = [all_years]
    run(home, play, [2025, 2021, 2022, 2023, 2024], variables={"0000": [624], "3500": [497]})
    assert [(q["domain"], q["var"], q["th"]) for q in play.queries] == [
        ("0000", "624", "121;122;123"),
        ("0000", "624", "124;125"),
        ("3500", "497", "121;122"),
        ("3500", "497", "123;124"),
        ("3500", "497", "125"),
    ]
    assert {q["model"] for q in play.queries} == {"data"}
    assert {q["key"] for q in play.queries} == {KEY}
    assert all(re.match(r"pilar/\d", agent) for agent in play.agents)


def test_an_answer_lands_with_its_request_and_reads_as_figures(home: Home, play: Play) -> None:
    play.script = [all_years]
    (path,) = run(home, play, [2024, 2025])
    assert path == home.landing / "poverty" / "bps-web-api" / "0000_624_124-125.json"
    assert in_landing(home) == [path.name], "no .part is left"
    landed = json.loads(path.read_text("utf-8"))
    assert landed["request"]["params"] == {"model": "data", "domain": "0000", "var": "624", "th": "124;125"}
    assert landed["body"] == body([2024, 2025])
    rows = read(path.name, None, landed)
    assert [(r["region_code"], r["period"]) for r in rows] == [
        ("3500", "2024-03"), ("3500", "2025-03"), ("3523", "2024-03"), ("3523", "2025-03"),
    ]  # fmt: skip


def test_digits_land_as_they_were_sent(home: Home, play: Play) -> None:
    play.script = [(200, {}, json.dumps(body([2025])).replace("505525", "11.40").encode())]
    assert '"350062401250": 11.40' in run(home, play, [2025])[0].read_text("utf-8")


def test_no_new_figure_is_no_new_file_and_a_revision_gets_its_own(home: Home, play: Play) -> None:
    play.script = [
        (200, {}, body([2025])),
        (200, {}, body([2025], last_update="2026-01-15 08:00:00", related={"note": "x"})),
        (200, {}, body([2025], datacontent={"350062401250": 1})),
        (200, {}, body([2025], datacontent={"350062401250": 1})),
        (200, {}, body([2025])),
    ]
    landed = [run(home, play, [2025]) for _ in range(5)]
    assert [len(paths) for paths in landed] == [1, 0, 1, 0, 1]
    assert landed[0][0].name == "0000_624_125.json"
    assert re.fullmatch(r"0000_624_125\.\d{8}T\d{12}Z\.json", landed[2][0].name)
    assert json.loads(landed[0][0].read_text("utf-8"))["body"]["last_update"].startswith("2025-12-01")
    assert len(in_landing(home)) == 3


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param((500, {}, b"oops"), id="500"),
        pytest.param((503, {}, b""), id="503"),
        pytest.param((429, {}, b""), id="429"),
        pytest.param((200, {"Content-Length": "9999"}, b'{"status": "OK", "datac'), id="cut off, length promised"),
        pytest.param((200, {}, b'{"status": "OK", "datac'), id="cut off, length wrong"),
        pytest.param((200, {}, b""), id="empty"),
    ],
)
def test_what_may_pass_is_asked_again(home: Home, play: Play, fault: Any) -> None:
    play.script = [fault, fault, all_years]
    assert len(run(home, play, [2025])) == 1
    assert len(play.queries) == 3


@pytest.mark.parametrize("in_the_form_of", ["seconds", "a date"])
def test_retry_after_is_obeyed(home: Home, play: Play, in_the_form_of: str) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    play.script = [(429, {"Retry-After": "3" if in_the_form_of == "seconds" else later}, b""), all_years]
    waits: list[float] = []
    assert run(home, play, [2025], sleep=waits.append)
    assert len(waits) == 1
    assert 1.5 <= waits[0] <= 3.1


def test_waits_grow_and_requests_are_paused(home: Home, play: Play) -> None:
    waits: list[float] = []
    play.script = [all_years]
    slow = Patience(attempts=2, pause_seconds=1.25)
    run(home, play, [2024, 2025], variables={"0000": [624, 619]}, patience=slow, sleep=waits.append)
    assert waits == [1.25]


def test_a_server_that_stays_broken_is_named_and_the_rest_is_landed(home: Home, play: Play) -> None:
    def broken_for_619(query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        return (500, {}, b"") if query["var"] == "619" else all_years(query)

    play.script = [broken_for_619]
    with pytest.raises(FetchError, match="variable 619, years 2025-2025: HTTP 500") as failed:
        run(home, play, [2025], variables={"0000": [619, 624]})
    assert not isinstance(failed.value, RefusedError), "a later run may succeed"
    assert in_landing(home) == ["0000_624_125.json"]
    assert [q["var"] for q in play.queries] == ["619"] * 4 + ["624"]
    play.script = [all_years]
    assert [path.name for path in run(home, play, [2025], variables={"0000": [619, 624]})] == ["0000_619_125.json"]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((403, {"Content-Type": "text/html"}, b"<html>Request Rejected</html>"), "HTTP 403"),
        ((200, {"Content-Type": "text/html"}, b"<html>Request Rejected</html>"), "HTML page"),
        ((302, {"Location": "http://192.0.2.1/"}, b""), "HTTP 302"),
        ((200, {}, {"status": "Error", "message": "Not allowed. Please re-check your key"}), "re-check your key"),
        ((200, {}, {"status": "Error", "message": "'th' parameter is required"}), "'th' parameter is required"),
        ((200, {}, [1, 2, 3]), "another table"),
        ((200, {}, b"null"), "too large"),
    ],
)  # fmt: skip
def test_a_refusal_is_not_asked_again(home: Home, play: Play, answer: Any, sentence: str) -> None:
    play.script = [answer]
    with pytest.raises(RefusedError, match=re.escape(sentence)):
        run(home, play, [2025])
    assert len(play.queries) == 1
    assert in_landing(home) == []


def test_a_refused_key_ends_the_run(home: Home, play: Play) -> None:
    play.script = [(200, {}, {"status": "Error", "message": "Please re-check your key"})]
    with pytest.raises(RefusedError):
        run(home, play, [2025], variables={"0000": [619, 621, 624]})
    assert len(play.queries) == 1


def test_an_answer_that_is_too_large_is_asked_year_by_year(home: Home, play: Play) -> None:
    play.script = [(200, {}, b"null"), all_years]
    assert [path.name for path in run(home, play, [2023, 2024, 2025])] == [
        "0000_624_123.json", "0000_624_124.json", "0000_624_125.json",
    ]  # fmt: skip


def test_a_year_without_data_does_not_hide_the_others(home: Home, play: Play) -> None:
    def until_2024(query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        if "125" in query["th"]:
            return 200, {}, {"status": "OK", "data-availability": "list-not-available", "data": ""}
        return all_years(query)

    play.script = [until_2024]
    assert [path.name for path in run(home, play, [2024, 2025])] == ["0000_624_124.json"]


def test_without_a_key_nothing_is_asked(home: Home, play: Play) -> None:
    for key in (None, ""):
        with pytest.raises(RefusedError, match="no key"):
            run(home, play, [2025], key=key)
    assert play.queries == []


def test_the_key_does_not_travel_unencrypted_to_another_machine(home: Home) -> None:
    with pytest.raises(RefusedError, match="not encrypted"):
        fetch(home, [2025], key=KEY, base_url="http://bps.invalid/v1/api/", patience=QUICK)


def test_the_key_stands_in_no_log_no_exception_and_no_file(
    home: Home, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"status": "Error", "message": f"unknown parameter {KEY} in list?key={KEY}"}
    texts: list[str] = []
    for script in ([(200, {}, echo)], [(500, {}, KEY.encode())], [(403, {}, KEY.encode())]):
        play.script = script
        with pytest.raises(FetchError) as failed:
            run(home, play, [2025])
        texts += [str(failed.value), repr(failed.value), str(failed.value.__cause__)]
    play.script = [(200, {}, body([2025], note=f"asked with {KEY}"))]
    (path,) = run(home, play, [2025])
    assert play.queries[-1]["key"] == KEY
    assert not any(KEY in text for text in [*texts, path.read_text("utf-8"), caplog.text])
    assert "127.0.0.1" not in caplog.text, "httpx would log the whole address"


def test_nobody_listening_is_a_failure_in_plain_words(home: Home) -> None:
    with pytest.raises(FetchError, match=r"no answer \(ConnectError\)"):
        fetch(
            home, [2025], key=KEY, base_url="http://127.0.0.1:9/", variables=LINE, patience=QUICK, sleep=lambda _: None
        )


def test_the_variables_are_those_of_the_indicators() -> None:
    assert bps_api.VARIABLES == {"0000": [185, 192, 195, 503, 504, 619, 621, 622, 623, 624], "3500": [497]}


@pytest.mark.shared
def test_the_recordings_play(home: Home, play: Play, shared: Path) -> None:
    real = (shared / "bps_api" / "data_0000_var624_th125.json").read_bytes()
    play.script = [(200, {}, real)]
    (path,) = run(home, play, [2025])
    assert len(read(path.name, None, json.loads(path.read_text("utf-8")))) == 552
    for name, error in [("error_data_too_many_th", RefusedError), ("error_bad_key", RefusedError)]:
        recorded = json.loads((shared / "bps_api" / f"{name}.json").read_text("utf-8"))
        play.script = [(200, {}, recorded["body"])]
        with pytest.raises(error):
            run(home, play, [2025])
    not_available = json.loads((shared / "bps_api" / "data_list_not_available.json").read_text("utf-8"))
    play.script = [(200, {}, not_available["body"])]
    assert run(home, play, [2025]) == []
