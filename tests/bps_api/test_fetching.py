"""What is asked, what lands, what a second run does."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pilar import bps_api
from pilar.bps_api import Fetched, FetchError, Patience, RefusedError, fetch
from pilar.bps_api.client import Client
from pilar.config import Home
from pilar.figures import read
from tests.bps_api.conftest import QUICK
from tests.bps_api.server import KEY, Bps, Query, ReachesOutside, Reply, data

Run = Callable[..., Fetched]
Names = Callable[[], dict[str, Path]]


@pytest.mark.parametrize("address", ["https://webapi.bps.go.id/v1/api/", "http://192.0.2.1/"])
def test_no_test_of_this_folder_reaches_outside(address: str) -> None:
    with pytest.raises(ReachesOutside):
        httpx.get(address, trust_env=False)


def test_years_are_split_as_bps_demands_and_only_those_it_has_are_asked(run: Run, bps: Bps) -> None:
    bps.years["3500", 497] = [2021, 2022, 2023, 2025]
    fetched = run([2025, 2021, 2022, 2023, 2024], variables={"0000": [624], "3500": [497]})
    assert bps.asked_for_data() == [
        ("0000", "624", "121;122;123"),
        ("0000", "624", "124;125"),
        ("3500", "497", "121;122"),
        ("3500", "497", "123;125"),
    ]
    assert fetched.absent == ["domain 3500, variable 497: BPS has no 2024"]
    assert {query["key"] for query in bps.queries} == {KEY}
    assert all(re.match(r"pilar/\d.*httpx/", headers["user-agent"]) for headers in bps.headers)


def test_all_years_are_those_of_every_page_of_the_list(run: Run, bps: Bps) -> None:
    """22 years are three pages, and the last page holds two."""
    bps.years["0000", 624] = list(range(2004, 2026))
    fetched = run(None)
    assert [query["page"] for query in bps.queries if query["model"] == "th"] == ["1", "2", "3"]
    years = [th for _, _, asked in bps.asked_for_data() for th in asked.split(";")]
    assert years == [str(year - 1900) for year in range(2004, 2026)]
    assert len(fetched.landed) == 8


def test_an_answer_lands_with_its_request_and_reads_as_figures(home: Home, run: Run, in_landing: Names) -> None:
    (path,) = run([2024, 2025]).landed
    assert path == home.landing / "poverty" / "bps-web-api" / "0000_624_124-125.json"
    assert list(in_landing()) == [path.name]
    landed = json.loads(path.read_text("utf-8"))
    assert landed["request"] == {
        "method": "GET",
        "path": "list",
        "params": {"model": "data", "domain": "0000", "var": "624", "th": "124;125"},
    }
    assert landed["body"] == data(624, [2024, 2025])
    rows = read(path.name, None, landed)
    assert [(r["region_code"], r["period"]) for r in rows] == [
        ("3500", "2024-03"), ("3500", "2025-03"), ("3523", "2024-03"), ("3523", "2025-03"),
    ]  # fmt: skip


def test_digits_land_as_they_were_sent(run: Run, bps: Bps) -> None:
    sent = json.dumps(data(624, [2025])).replace("505525", "11.40").encode()
    bps.answers["0000", "624", "125"] = Reply(body=sent)
    assert '"350062401250": 11.40' in run([2025]).landed[0].read_text("utf-8")


def test_no_new_figure_is_no_new_file_and_a_revision_gets_its_own(run: Run, bps: Bps, in_landing: Names) -> None:
    revised = data(624, [2025]) | {"datacontent": {"350062401250": 1, "352362401250": 505548}}
    answers = [
        data(624, [2025]),
        data(624, [2025], last_update="2026-01-15 08:00:00", related={"note": "x"}),
        revised,
        revised,
        data(624, [2025]),
    ]
    landed = []
    for answer in answers:
        bps.answers["0000", "624", "125"] = answer
        landed.append(run([2025]).landed)
    assert [len(paths) for paths in landed] == [1, 0, 1, 0, 1]
    assert landed[0][0].name == "0000_624_125.json"
    assert re.fullmatch(r"0000_624_125\.\d{8}T\d{12}Z\.json", landed[2][0].name)
    assert json.loads(landed[0][0].read_text("utf-8"))["body"]["last_update"].startswith("2025-12-01")
    assert len(in_landing()) == 3


def test_a_figure_is_known_whatever_request_brought_it(run: Run, bps: Bps) -> None:
    """January moves the window of two years, a backfill asks for three at once: neither is news of old figures."""
    assert len(run([2024, 2025]).landed) == 1
    again = run([2023, 2024, 2025]).landed
    assert [path.name for path in again] == ["0000_624_123-124-125.json"], "2023 is new"
    assert run([2023, 2024]).landed == []
    assert run([2025]).landed == []
    assert run([2024, 2025]).unchanged == 1
    bps.answers["0000", "624", "124;125"] = data(624, [2024, 2025]) | {"datacontent": {"350062401240": 7}}
    assert len(run([2024, 2025]).landed) == 1


@pytest.mark.parametrize(
    ("validator", "condition"), [("ETag", "if-none-match"), ("Last-Modified", "if-modified-since")]
)
def test_what_landed_is_asked_for_only_if_it_changed(run: Run, bps: Bps, validator: str, condition: str) -> None:
    value = '"a1"' if validator == "ETag" else "Mon, 01 Dec 2025 06:45:51 GMT"

    def changed_or_not(query: Query) -> Reply | None:
        if query["model"] == "data" and bps.headers[-1].get(condition) == value:
            return Reply(status=304)
        return Reply(headers={validator: value}, body=data(624, [2025])) if query["model"] == "data" else None

    bps.fault = changed_or_not
    assert len(run([2025]).landed) == 1
    assert condition not in bps.headers[-1]
    fetched = run([2025])
    assert (fetched.landed, fetched.unchanged) == ([], 1)
    assert bps.headers[-1][condition] == value
    assert condition not in bps.headers[-2], "lists are always read whole"
    value = '"a2"'
    bps.fault = lambda query: Reply(body=data(624, [2025], datacontent={"350062401250": 1})) if "th" in query else None
    assert len(run([2025]).landed) == 1, "a change is heard of"


def test_a_revision_that_is_taken_back_is_heard_of(run: Run, bps: Bps) -> None:
    """Another request brought the revision; when the first answer holds again, `unchanged` would be the wrong word."""
    first, revised = data(624, [2025]), data(624, [2025], datacontent={"350062401250": 1})
    tag = {"ETag": '"first"'}

    def only_if_changed(query: Query) -> Reply | None:
        if query["model"] == "data" and bps.headers[-1].get("if-none-match") == tag["ETag"]:
            return Reply(status=304)
        return None

    bps.fault = only_if_changed
    bps.answers["0000", "624", "125"] = Reply(headers=tag, body=first)
    run([2025])
    bps.answers["0000", "624", "124;125"] = data(624, [2024, 2025]) | {"datacontent": revised["datacontent"]}
    assert len(run([2024, 2025]).landed) == 1
    (path,) = run([2025]).landed
    assert json.loads(path.read_text("utf-8"))["body"] == first
    assert run([2025]).unchanged == 1


def test_a_landed_answer_that_nobody_can_read_is_told_each_time_even_if_unchanged(run: Run, bps: Bps) -> None:
    def only_if_changed(query: Query) -> Reply | None:
        if query["model"] != "data":
            return None
        known = "if-none-match" in bps.headers[-1]
        return Reply(status=304) if known else Reply(headers={"ETag": '"x"'}, body=data(624, [2025], vervar="?"))

    bps.fault = only_if_changed
    for _ in range(2):
        with pytest.raises(RefusedError, match="the night will refuse it: The list `vervar` is missing or damaged"):
            run([2025])


class Time:
    """Passes only while somebody waits."""

    def __init__(self) -> None:
        self.at = 0.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds


def test_the_rate_is_kept_over_all_requests_second_tries_included(run: Run, bps: Bps) -> None:
    time = Time()
    bps.now = time.now
    bps.fault = lambda _: Reply(status=503) if len(bps.queries) % 3 == 0 else None
    hasty = Patience(calls_per_minute=60, first_wait_seconds=0.001, longest_wait_seconds=0.001)
    run(None, variables={"0000": [619, 624]}, patience=hasty, sleep=time.sleep, clock=time.now)
    assert len(bps.asked_at) > 12
    assert all(later - earlier > 0.999 for earlier, later in zip(bps.asked_at, bps.asked_at[1:], strict=False))
    assert bps.asked_at[-1] < 1.01 * len(bps.asked_at), "and no slower than that"


@pytest.mark.parametrize("in_the_form_of", ["seconds", "a date", "a date without zone"])
def test_retry_after_is_obeyed(run: Run, bps: Bps, in_the_form_of: str) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    header = {"seconds": "3", "a date": later, "a date without zone": later.removesuffix(" GMT")}[in_the_form_of]
    bps.fault = lambda _: Reply(status=429, headers={"Retry-After": header}) if len(bps.queries) == 1 else None
    time = Time()
    assert run([2025], sleep=time.sleep, clock=time.now).landed
    assert 1.5 <= max(time.waits) <= 3.1


def test_a_server_that_asks_for_a_long_rest_gets_it(run: Run, bps: Bps, in_landing: Names) -> None:
    """Nobody waits within the run, and nobody else is asked: a later run is the way."""
    bps.fault = lambda query: Reply(status=429, headers={"Retry-After": "3600"}) if query["var"] == "619" else None
    with pytest.raises(FetchError, match=r"come back in 60 minutes.*nothing more was asked") as failed:
        run([2025], variables={"0000": [619, 624]})
    assert not isinstance(failed.value, RefusedError)
    assert len(bps.queries) == 1
    bps.fault = lambda _: None
    assert len(run([2025], variables={"0000": [619, 624]}).landed) == 2


def test_waits_grow_at_random_up_to_a_bound(run: Run, bps: Bps) -> None:
    bps.fault = lambda _: Reply(status=500)
    patience = Patience(calls_per_minute=1e9, attempts=12, first_wait_seconds=1, longest_wait_seconds=20)
    runs = []
    for _ in range(2):
        time = Time()
        with pytest.raises(FetchError):
            run([2025], patience=patience, sleep=time.sleep, clock=time.now)
        runs.append([wait for wait in time.waits if wait > 1e-6])
    assert runs[0] != runs[1]
    assert all(wait <= min(20, 2**at) for waits in runs for at, wait in enumerate(waits))


def test_a_server_that_is_down_is_not_asked_for_ever(run: Run, bps: Bps) -> None:
    """Waits of a run are bounded; then each thing still wanted is asked for once."""
    bps.fault = lambda _: Reply(status=503, headers={"Retry-After": "100"})
    time = Time()
    patience = Patience(attempts=5, all_waits_seconds=300)
    with pytest.raises(FetchError) as failed:
        run([2025], variables={"0000": [619, 621, 624]}, patience=patience, sleep=time.sleep, clock=time.now)
    assert len(failed.value.reasons) == 3
    assert [query["var"] for query in bps.queries] == ["619"] * 4 + ["621", "624"]


def test_a_second_run_gets_what_failed_and_lands_nothing_twice(run: Run, bps: Bps, in_landing: Names) -> None:
    bps.fault = lambda query: Reply(status=500) if query["var"] == "619" else None
    with pytest.raises(FetchError, match="variable 619: HTTP 500") as failed:
        run([2025], variables={"0000": [619, 624]})
    assert not isinstance(failed.value, RefusedError), "a later run may succeed"
    assert list(in_landing()) == ["0000_624_125.json"]
    bps.fault = lambda _: None
    assert [path.name for path in run([2025], variables={"0000": [619, 624]}).landed] == ["0000_619_125.json"]


def test_a_refused_key_ends_the_run(run: Run, bps: Bps) -> None:
    with pytest.raises(RefusedError, match="re-check your key"):
        run([2025], variables={"0000": [619, 621, 624]}, key="a key that is not known")
    assert len(bps.queries) == 1


def test_an_answer_that_is_too_large_is_asked_year_by_year(run: Run, bps: Bps) -> None:
    bps.answers["0000", "624", "123;124;125"] = Reply(body=b"null")
    assert [path.name for path in run([2023, 2024, 2025]).landed] == [
        "0000_624_123.json", "0000_624_124.json", "0000_624_125.json",
    ]  # fmt: skip


def test_a_listed_year_without_data_does_not_hide_the_others(run: Run, bps: Bps) -> None:
    nothing = {"status": "OK", "data-availability": "list-not-available", "data": ""}
    bps.answers["0000", "624", "124;125"] = bps.answers["0000", "624", "125"] = nothing
    fetched = run([2024, 2025])
    assert [path.name for path in fetched.landed] == ["0000_624_124.json"]
    assert fetched.absent == ["domain 0000, variable 624: BPS has no 2025"]


@pytest.mark.parametrize("key", [None, "", "  "])
def test_without_a_key_nothing_is_asked(run: Run, bps: Bps, key: str | None) -> None:
    with pytest.raises(RefusedError, match="no key"):
        run([2025], key=key)
    assert bps.queries == []


@pytest.mark.parametrize(
    ("address", "sentence"), [("http://bps.invalid/v1/api/", "not encrypted"), ("https://bps:port", "no address")]
)
def test_an_address_that_must_not_see_the_key(home: Home, address: str, sentence: str) -> None:
    with pytest.raises(RefusedError, match=sentence):
        fetch(home, [2025], key=KEY, base_url=address, patience=QUICK)


@pytest.mark.parametrize("variables", [[624], {"0000": "624"}, {"0000": [True]}, {"x": [624]}])
def test_variables_of_another_shape_are_a_clear_error(run: Run, variables: Any) -> None:
    with pytest.raises(RefusedError, match="ids by domain"):
        run([2025], variables=variables)


def test_one_fetch_at_a_time(home: Home, run: Run, bps: Bps) -> None:
    from pilar.bps_api.store import alone

    with alone(home), pytest.raises(FetchError, match="another fetch is running"):
        run([2025])
    assert bps.queries == []


def test_what_a_crash_left_half_written_goes_with_the_next_run(home: Home, run: Run, in_landing: Names) -> None:
    folder = home.landing / bps_api.FOLDER
    folder.mkdir(parents=True)
    (folder / ".0000_624_125.20260101T000000000000Z.json.part").write_text('{"name": "da', "utf-8")
    run([2025])
    assert list(in_landing()) == ["0000_624_125.json"]


def test_a_full_disk_leaves_no_half_file_in_landing(
    run: Run, in_landing: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            run([2025])
    assert list(in_landing()) == []
    assert len(run([2025]).landed) == 1


def test_a_name_in_landing_is_there_only_with_its_content(
    run: Run, in_landing: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the content is synced nothing has its name yet; after the rename the folder is synced, too."""
    seen: list[tuple[bool, list[str]]] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        seen.append((is_folder, [name for name in in_landing() if not name.startswith(".")]))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    run([2025])
    assert seen == [(False, []), (True, ["0000_624_125.json"])]


def test_a_damaged_file_in_landing_stops_nothing(home: Home, run: Run) -> None:
    (path,) = run([2025]).landed
    path.write_bytes(b"{")
    (again,) = run([2025]).landed
    assert again.name.startswith("0000_624_125.2")
    assert path.read_bytes() == b"{", "files in landing are never changed"


def test_the_variables_are_those_of_the_indicators() -> None:
    assert bps_api.configured() == {"0000": [185, 192, 195, 503, 504, 619, 621, 622, 623, 624], "3500": [497]}


def test_a_proxy_never_sees_the_key_in_the_clear(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    assert run([2025]).landed


def test_the_client_closes_what_it_opened(bps: Bps) -> None:
    with Client(bps.base_url, KEY, QUICK, lambda _: None, lambda: 0.0) as asking:
        asking.ask({"model": "th", "domain": "0000", "var": "624", "page": "1"})
        http = asking._http
    assert http.is_closed
