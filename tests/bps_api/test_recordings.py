"""Every real recording of the shared data folder, played by a server: what must come of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pilar.bps_api import Fetched, FetchError, RefusedError, check
from pilar.bps_api.client import Client
from pilar.bps_api.lists import variables_of, years_of
from pilar.figures import read
from tests.bps_api.conftest import QUICK
from tests.bps_api.server import KEY, Bps, Query, Reply

pytestmark = pytest.mark.shared

Run = Callable[..., Fetched]


@pytest.fixture
def recorded(shared: Path) -> Callable[[str], bytes]:
    """The body of a recording, as bytes: out of its wrapper, or the whole file where it has none."""

    def body(name: str) -> bytes:
        content = (shared / "bps_api" / f"{name}.json").read_bytes()
        recording = json.loads(content)
        return json.dumps(recording["body"]).encode() if "status_code" in recording else content

    return body


def test_every_recording_has_a_test(shared: Path) -> None:
    text = Path(__file__).read_text("utf-8")
    assert [path.stem for path in (shared / "bps_api").glob("*.json") if f'"{path.stem}"' not in text] == []


def test_the_poverty_line_of_2025_lands_byte_for_byte(run: Run, bps: Bps, recorded: Callable[[str], bytes]) -> None:
    real = recorded("data_0000_var624_th125")
    bps.answers["0000", "624", "125"] = Reply(body=real)
    (path,) = run([2025]).landed
    assert real.strip() in path.read_bytes()
    rows = read(path.name, None, json.loads(path.read_text("utf-8")))
    assert len(rows) == 552
    assert [row["value"] for row in rows if row["region_code"] == "3574"] == ["683244"]
    assert run([2025]).landed == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("error_bad_key", "BPS says: You are not Allowed to take this action. Please re-check your key"),
        ("error_data_missing_th", "BPS says: 'th' parameter is required"),
        ("error_data_too_many_th", "BPS says: The maximum allowed number of years for the 'th' parameter is 3"),
        ("data_null_too_large", "too large"),
        ("data_0000_1804", "the answer is about variable 1804"),
        ("th_0000_1804", "another table"),
        ("var_0000_p1.trimmed", "another table"),
    ],
)
def test_what_is_no_answer_with_poverty_figures_is_told_and_does_not_land(
    name: str, told: str, run: Run, bps: Bps, recorded: Callable[[str], bytes]
) -> None:
    reply = Reply(body=recorded(name))
    bps.fault = lambda query: reply if query["model"] == "data" else None
    with pytest.raises(FetchError, match="variable 624, years 2025-2025") as failed:
        run([2025])
    assert told in str(failed.value)
    assert isinstance(failed.value, RefusedError) == (name != "data_0000_1804")


def test_no_data_is_no_failure(run: Run, bps: Bps, recorded: Callable[[str], bytes]) -> None:
    bps.answers["0000", "624", "125"] = Reply(body=recorded("data_list_not_available"))
    fetched = run([2025])
    assert (fetched.landed, fetched.absent) == ([], ["domain 0000, variable 624: BPS has no 2025"])


def test_years_of_a_variable(bps: Bps, recorded: Callable[[str], bytes]) -> None:
    reply = Reply(body=recorded("th_0000_1804"))
    bps.fault = lambda _: reply
    with Client(bps.base_url, KEY, QUICK, lambda _: None, lambda: 0.0) as asking:
        assert years_of(asking, "0000", 1804) == (list(range(2013, 2020)), True)


def test_variables_of_a_domain(bps: Bps, recorded: Callable[[str], bytes]) -> None:
    """The recording is trimmed to two of ten items and is the first of 176 pages: no claim that a variable is gone."""
    first = Reply(body=recorded("var_0000_p1.trimmed"))

    def trimmed(query: Query) -> Reply | None:
        return first if query["page"] == "1" else Reply(body={"status": "OK", "data": [{"pages": 176}, []]})

    bps.fault = trimmed
    with Client(bps.base_url, KEY, QUICK, lambda _: None, lambda: 0.0) as asking:
        listed, whole = variables_of(asking, "0000", lambda _: False)
    assert (len(listed), whole) == (2, False)
    assert listed[391].title.startswith("Persentase Rumah Tangga yang Memiliki/Menguasai Telepon Seluler")
    with pytest.raises(FetchError, match="did not come whole"):
        check(key=KEY, base_url=bps.base_url, variables={"0000": [624]}, patience=QUICK, sleep=lambda _: None)
