"""Every fault, at one request of several: the others land, nothing lands twice, and no text holds the key."""

from __future__ import annotations

import gzip
import json
import logging
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pilar.bps_api import Fetched, FetchError, Patience, RefusedError
from pilar.config import Home
from pilar.figures import read
from pilar.reading.model import Rejected
from tests.bps_api.conftest import QUICK
from tests.bps_api.server import BAD_KEY, KEY, TITLES, Bps, Query, Reply, data

Run = Callable[..., Fetched]
Names = Callable[[], dict[str, Path]]
TITLE = TITLES["0000", 621][0]
HTML = {"Content-Type": "text/html"}
GOOD = json.dumps(data(624, [2025])).encode()
TWICE = replace(QUICK, attempts=2, answer_bytes=100_000)
IMPATIENT = replace(TWICE, attempts=2, silence_seconds=0.4, answer_seconds=0.8)
"""For servers that are slow. An answer that this machine alone delays is asked for again."""
THREE = {"0000": [619, 621, 624]}


def bomb(layers: int) -> bytes:
    content = b" " * 100_000_000
    for _ in range(layers):
        content = gzip.compress(content, mtime=0)
    return content


@dataclass(frozen=True)
class Fault:
    """What goes wrong, how it is told, and whether asking again may help."""

    name: str
    reply: Reply
    told: str
    may_pass: bool

    @property
    def patience(self) -> Patience:
        return IMPATIENT if self.reply.is_slow else TWICE


FAULTS = [
    Fault("silent", Reply(silent=True), "no whole answer (ReadTimeout)", may_pass=True),
    Fault("drips its body", Reply(body=GOOD, drip=True), "no whole answer within 0.8 seconds", may_pass=True),
    Fault("drips its headers", Reply(drip_headers=True), "no whole answer within 0.8 seconds", may_pass=True),
    Fault("500", Reply(500, body=b"oops"), "HTTP 500", may_pass=True),
    Fault("502 HTML", Reply(502, HTML, b"<html>Bad Gateway</html>"), "HTTP 502", may_pass=True),
    Fault("503", Reply(503), "HTTP 503", may_pass=True),
    Fault("429", Reply(429), "HTTP 429", may_pass=True),
    Fault("408", Reply(408), "HTTP 408", may_pass=True),
    Fault("cut off", Reply(headers={"Content-Length": "9999"}, body=GOOD[:99]), "RemoteProtocolError", may_pass=True),
    Fault("length too short", Reply(headers={"Content-Length": "99"}, body=GOOD), "cut off or no JSON", may_pass=True),
    Fault("length no number", Reply(headers={"Content-Length": "x"}, body=GOOD), "RemoteProtocolError", may_pass=True),
    Fault("empty", Reply(), "cut off or no JSON", may_pass=True),
    Fault("not UTF-8", Reply(body=b'{"status": "\xff"}'), "no text in UTF-8", may_pass=True),
    Fault("gzip broken", Reply(headers={"Content-Encoding": "gzip"}, body=GOOD), "packed wrongly", may_pass=True),
    Fault("304 unasked", Reply(304), "HTTP 304", may_pass=False),
    Fault("403 HTML", Reply(403, HTML, b"<html>Request Rejected</html>"), "HTTP 403 with an HTML page", may_pass=False),
    Fault("404", Reply(404, body=b"{}"), "HTTP 404", may_pass=False),
    Fault("200 HTML", Reply(200, HTML, b"\n<html>Request Rejected</html>"), "HTML page", may_pass=False),
    Fault("200 HTML called JSON", Reply(body=b"<!DOCTYPE html>"), "HTML page", may_pass=False),
    Fault("redirect", Reply(302, {"Location": "http://192.0.2.1/"}), "HTTP 302", may_pass=False),
    Fault("huge", Reply(body=b"[" + b"1," * 100_000 + b"1]"), "larger than 100,000 bytes", may_pass=False),
    Fault("bomb", Reply(headers={"Content-Encoding": "gzip"}, body=bomb(1)), "larger than 100,000", may_pass=False),
    Fault("double bomb", Reply(headers={"Content-Encoding": "gzip, gzip"}, body=bomb(2)), "packed", may_pass=False),
    Fault("nested", Reply(body=b"[" * 50_000 + b"]" * 50_000), "nested too deeply", may_pass=False),
    Fault("a list", Reply(body=[1, 2, 3]), "another table", may_pass=False),
    Fault("a number", Reply(body=7), "another table", may_pass=False),
    Fault("a text", Reply(body="maintenance"), "no JSON but a page of text", may_pass=False),
    Fault("null", Reply(body=b"null"), "too large", may_pass=False),
    Fault("a list of years", Reply(body={"status": "OK", "data": [{"total": 0}, []]}), "another table", may_pass=False),
    Fault(
        "error with 200", Reply(body={"status": "Error", "message": "Gangguan"}), "BPS says: Gangguan", may_pass=False
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_loses_nothing_and_doubles_nothing(fault: Fault, run: Run, bps: Bps, in_landing: Names) -> None:
    def at_one_variable(query: Query) -> Reply | None:
        return fault.reply if (query["model"], query["var"]) == ("data", "621") else None

    bps.fault = at_one_variable
    with pytest.raises(FetchError) as failed:
        run([2025], variables=THREE, patience=fault.patience)
    (reason,) = failed.value.reasons
    assert reason.startswith("domain 0000, variable 621, years 2025-2025: ")
    assert fault.told in reason
    assert isinstance(failed.value, RefusedError) != fault.may_pass
    assert [var for _, var, _ in bps.asked_for_data()].count("621") == (2 if fault.may_pass else 1)
    assert list(in_landing()) == ["0000_619_125.json", "0000_624_125.json"]
    bps.fault = lambda _: None
    second = run([2025], variables=THREE)
    assert [path.name for path in second.landed] == ["0000_621_125.json"]
    assert second.unchanged == 2


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.may_pass], ids=lambda fault: fault.name)
def test_what_may_pass_is_asked_again_at_once(fault: Fault, run: Run, bps: Bps) -> None:
    met: set[str] = set()

    def once_for_each_model(query: Query) -> Reply | None:
        if query["model"] in met:
            return None
        met.add(query["model"])
        return fault.reply

    bps.fault = once_for_each_model
    assert len(run([2025], patience=fault.patience).landed) == 1
    assert met == {"th", "data"}


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_is_not_unpacked(layers: int, run: Run, bps: Bps) -> None:
    """100 MB of blanks, packed once and twice over: what is unpacked before the bound is seen stays small."""
    reply = Reply(headers={"Content-Encoding": ", ".join(["gzip"] * layers)}, body=bomb(layers))
    bps.fault = lambda _: reply
    tracemalloc.start()
    with pytest.raises(RefusedError):
        run([2025], patience=replace(QUICK, answer_bytes=1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param(
            {"turvar": [{"val": "1", "label": "Laki-laki"}], "datacontent": {"35006211125": 1, "350062111250": 2}},
            "keys of `datacontent` are explained by no dimension",
            id="keys that no dimension explains",
        ),
        pytest.param(
            {"turvar": [{"val": "1", "label": "Laki-laki"}], "datacontent": {"350062111250": 2}},
            "The division of the variable or of the year is unknown",
            id="another division of the variable",
        ),
        pytest.param({"vervar": "Kabupaten"}, "The list `vervar` is missing or damaged", id="a dimension no list"),
        pytest.param(
            {"datacontent": {"621350001250": 11.4}},
            "1 of 1 keys of `datacontent` are explained by no dimension",
            id="keys in another order",
        ),
        pytest.param(
            {"vervar": [{"val": 3500, "label": "JAWA TIMUR"}, {"val": "3500", "label": "JAWA TIMUR"}]},
            "Two combinations of dimensions give the same key",
            id="keys that can be read in two ways",
        ),
        pytest.param(
            {"var": [{"val": 621, "label": "Indeks Gini Menurut Kabupaten/Kota", "unit": "Tidak Ada Satuan"}]},
            "is no poverty indicator",
            id="the number has become another table's",
        ),
        pytest.param(
            {"var": [{"val": 621, "label": "Garis Kemiskinan Menurut Kabupaten/Kota", "unit": "Rupiah/kapita/bulan"}]},
            "contradict each other",
            id="the number has become another indicator's",
        ),
        pytest.param({"tahun": [{"val": 125, "label": "2024"}]}, "Number and name of a year", id="a year misnamed"),
    ],
)
def test_a_changed_dimension_lands_once_is_told_and_becomes_no_figure(
    changes: dict[str, Any], told: str, run: Run, bps: Bps, in_landing: Names
) -> None:
    bps.answers["0000", "621", "125"] = data(621, [2025]) | changes
    for _ in range(2):
        with pytest.raises(RefusedError) as failed:
            run([2025], variables=THREE)
        (reason,) = failed.value.reasons
        assert "variable 621, years 2025-2025: it is in landing, but the night will refuse it" in reason
        assert told in reason
    landed = in_landing()
    assert list(landed) == ["0000_619_125.json", "0000_621_125.json", "0000_624_125.json"]
    with pytest.raises(Rejected):
        read("0000_621_125.json", None, json.loads(landed["0000_621_125.json"].read_text("utf-8")))


def test_a_new_division_and_labels_in_html_are_news_and_are_read(run: Run, bps: Bps) -> None:
    """Urban and rural beside the total; numbers where texts were; a region that had none yet."""
    run([2025])
    content = {f"{region}624{area}1250": 500000 + area for region in (3500, 3523, 3578) for area in (432, 433, 434)}
    bps.answers["0000", "624", "125"] = data(624, [2025]) | {
        "turvar": [
            {"val": 432, "label": "<i>Perkotaan</i>"},
            {"val": 433, "label": "Perdesaan"},
            {"val": 434, "label": ""},
        ],
        "vervar": [
            {"val": "3500", "label": "<b>JAWA TIMUR</b> "},
            {"val": 3523, "label": "Tuban"},
            {"val": 3578, "label": "Kota Surabaya"},
        ],
        "datacontent": content,
    }
    (path,) = run([2025]).landed
    rows = read(path.name, None, json.loads(path.read_text("utf-8")))
    assert {(row["region_code"], row["area_type"]) for row in rows} == {
        (region, area) for region in ("3500", "3523", "3578") for area in ("urban", "rural", "total")
    }
    assert run([2025]).landed == []


def test_an_answer_about_another_variable_is_not_taken_for_this_one(run: Run, bps: Bps, in_landing: Names) -> None:
    bps.answers["0000", "621", "125"] = data(624, [2025])
    with pytest.raises(FetchError, match="variable 621, years 2025-2025: the answer is about variable 624"):
        run([2025], variables=THREE)
    assert list(in_landing()) == ["0000_619_125.json", "0000_624_125.json"]


@pytest.mark.parametrize("content_type", ["text/html; charset=UTF-8", "text/plain", ""])
def test_good_json_under_a_wrong_type_is_taken(run: Run, bps: Bps, content_type: str) -> None:
    reply = Reply(headers={"Content-Type": content_type}, body=b"\xef\xbb\xbf" + GOOD)
    bps.fault = lambda query: reply if query["model"] == "data" else None
    assert len(run([2025]).landed) == 1


def test_a_redirect_is_not_followed_even_within_the_host(run: Run, bps: Bps) -> None:
    bps.fault = lambda _: Reply(301, {"Location": f"{bps.base_url}/elsewhere?key={KEY}"})
    with pytest.raises(RefusedError, match="the key goes to none but the given one"):
        run([2025])
    assert len(bps.queries) == 1


def test_the_key_stands_in_no_log_no_exception_no_file_and_no_name(
    run: Run, bps: Bps, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even when BPS says it back, and whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []
    echoes = [
        Reply(body={"status": "Error", "message": f"unknown parameter {KEY} in list?key={KEY}"}),
        Reply(500, {"X-Echo": KEY}, KEY.encode()),
        Reply(403, HTML, f"<html>{KEY}</html>".encode()),
        Reply(302, {"Location": f"http://192.0.2.1/?key={KEY}"}),
        Reply(headers={"Content-Length": "9999"}, body=KEY.encode()),
        Reply(body=BAD_KEY),
        Reply(silent=True),
    ]
    for echo in echoes:
        bps.fault = lambda _, echo=echo: echo
        with pytest.raises(FetchError) as failed:
            run([2025], patience=IMPATIENT, tell=texts.append)
        texts += [str(failed.value), repr(failed.value), repr(failed.value.__cause__), repr(failed.value.__context__)]
    echo = data(624, [2025], note=f"asked with {KEY}")
    headers = {"ETag": f'"{KEY}"', "Content-Type": f"application/json; x={KEY}"}
    bps.fault = lambda query: Reply(headers=headers, body=echo) if query["model"] == "data" else None
    (path,) = run([2025], tell=texts.append).landed
    assert bps.queries[-1]["key"] == KEY
    kept = [file for file in Path(home.root).rglob("*") if file.is_file()]
    assert path in kept
    texts += [str(file) for file in kept] + [file.read_text("utf-8") for file in kept]
    assert len(texts) > 30
    assert not any(KEY in text for text in [*texts, caplog.text])
    assert "127.0.0.1" not in caplog.text, "httpx would log the whole address"


def test_a_key_with_signs_is_hidden_however_it_is_written(run: Run, bps: Bps) -> None:
    key = "a key/with=signs&more"
    bps.fault = lambda _: Reply(body={"status": "Error", "message": f"{key} a%20key%2Fwith%3Dsigns%26more"})
    with pytest.raises(RefusedError) as failed:
        run([2025], key=key)
    assert bps.queries[-1]["key"] == key
    assert "with" not in str(failed.value)


def test_nobody_listening_is_a_failure_in_plain_words(run: Run) -> None:
    with pytest.raises(FetchError, match=r"no whole answer \(ConnectError\)"):
        run([2025], base_url="http://127.0.0.1:9/")
