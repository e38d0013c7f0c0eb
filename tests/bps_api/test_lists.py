"""Paged lists: all pages, whatever head and items say; years and variables as BPS lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pilar.bps_api import Fetched, FetchError, RefusedError, check
from pilar.bps_api.client import Client
from pilar.bps_api.lists import MOST_PAGES, listing
from tests.bps_api.conftest import QUICK
from tests.bps_api.server import KEY, TITLES, Bps, Query, Reply, page_of

Run = Callable[..., Fetched]
WHAT = {"model": "th", "domain": "0000", "var": "624"}


@pytest.fixture
def asking(bps: Bps) -> Iterator[Client]:
    with Client(bps.base_url, KEY, QUICK, lambda _: None, lambda: 0.0) as client:
        yield client


def items(count: int) -> list[dict[str, Any]]:
    return [{"th_id": 100 + at, "th": str(2000 + at)} for at in range(count)]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 21, 55])
def test_every_page_is_read_the_last_one_too(count: int, bps: Bps, asking: Client) -> None:
    bps.fault = lambda query: Reply(body=page_of(items(count), int(query["page"])))
    found = listing(asking, WHAT, "th_id")
    assert list(found.items) == [str(100 + at) for at in range(count)]
    assert found.complete
    assert len(bps.queries) == max(1, -(-count // 10)), "and no page twice"


def page(number: int, head: dict[str, Any], ids: range) -> Reply:
    told = {"page": number, "pages": 2, "per_page": 10, "count": 10, "total": 20} | head
    part = [{"th_id": number, "th": str(number + 1900)} for number in ids]
    return Reply(body={"status": "OK", "data-availability": "available", "data": [told, part]})


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        pytest.param([({}, range(100, 102)), ({}, range(102, 104))], (4, False, 2), id="fewer items than counted"),
        pytest.param([({"total": 10}, range(100, 120)), ({"total": 10}, range(120, 125))], (25, True, 2), id="more"),
        pytest.param(
            [({"pages": 1, "total": 15}, range(100, 110)), ({"pages": 1, "total": 15}, range(110, 115))],
            (15, True, 2),
            id="pages too few",
        ),
        pytest.param(
            [({"pages": 99}, range(100, 110)), ({"pages": 99}, range(100, 110))],
            (10, False, 2),
            id="the same page again",
        ),
        pytest.param(
            [({"pages": 99, "total": 5}, range(100, 105)), ({"pages": 99}, range(0))], (5, False, 2), id="an empty page"
        ),
        pytest.param([({"total": None, "pages": "1", "per_page": 0}, range(100, 103))], (3, True, 1), id="no total"),
        pytest.param(
            [({"total": "20", "pages": "2"}, range(100, 110)), ({}, range(110, 120))], (20, True, 2), id="texts"
        ),
    ],
)
def test_head_and_items_may_disagree(
    pages: list[Any], expected: tuple[int, bool, int], bps: Bps, asking: Client
) -> None:
    """Expected: items found, whether the list is known to be whole, requests."""
    bps.fault = lambda query: page(int(query["page"]), *pages[int(query["page"]) - 1])
    listed = listing(asking, WHAT, "th_id")
    assert (len(listed.items), listed.complete, len(bps.queries)) == expected


def test_a_list_without_end_ends(bps: Bps, asking: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_PAGES > 176, "domain 0000 had 176 pages"
    monkeypatch.setattr("pilar.bps_api.lists.MOST_PAGES", 12)

    def endless(query: Query) -> Reply:
        number = int(query["page"])
        return page(number, {"pages": 10**9, "total": 10**10}, range(number * 10, number * 10 + 10))

    bps.fault = endless
    listed = listing(asking, WHAT, "th_id")
    assert (len(listed.items), listed.complete) == (120, False)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ([], "not the shape of a list"),
        ({"status": "OK", "data": [1, 2]}, "not the shape of a list"),
        ({"status": "OK", "data": [[], {}]}, "not the shape of a list"),
        ({"status": "Error", "message": "Gangguan"}, "BPS says: Gangguan"),
        ({"status": "OK", "data": [{"total": 1}, [{"th_id": 118, "th": "2019"}]]}, "contradict each other"),
        ({"status": "OK", "data": [{"total": 1}, [{"th_id": "x", "th": "2019"}]]}, "contradict each other"),
        ({"status": "OK", "data-availability": "list-not-available", "data": ""}, "BPS lists no year of it"),
    ],
)
def test_a_broken_list_of_years_is_that_variables_failure(body: Any, told: str, run: Run, bps: Bps) -> None:
    bps.fault = lambda query: Reply(body=body) if (query["model"], query["var"]) == ("th", "619") else None
    with pytest.raises(RefusedError, match=told) as failed:
        run([2025], variables={"0000": [619, 624]})
    assert "variable 619" in str(failed.value)
    assert bps.asked_for_data() == [("0000", "624", "125")]


def test_a_list_that_did_not_come_whole_keeps_no_year_from_being_asked(run: Run, bps: Bps) -> None:
    bps.fault = lambda query: page(1, {"pages": 1, "total": 3}, range(123, 125)) if query["model"] == "th" else None
    run([2023, 2025])
    assert bps.asked_for_data() == [("0000", "624", "123;125")]
    with pytest.raises(FetchError, match="variable 624: the list of years did not come whole") as failed:
        run(None)
    assert not isinstance(failed.value, RefusedError), "all years are not all then"
    assert bps.asked_for_data()[1:] == [("0000", "624", "123;124")]


def checking(bps: Bps, **options: Any) -> list[str]:
    settings: dict[str, Any] = {"variables": {"0000": [619, 621, 624], "3500": [497]}, "patience": QUICK}
    return check(key=KEY, base_url=bps.base_url, sleep=lambda _: None, **(settings | options))


def crowd(bps: Bps, before: int, after: int) -> None:
    """Other variables around ours."""
    other = [{"var_id": 5000 + at, "title": f"Produksi Padi {at}", "unit": "Ton"} for at in range(before + after)]
    bps.variables["0000"] = other[:before] + bps.variables["0000"] + other[before:]


def test_variables_that_bps_lists_under_their_titles_are_told(bps: Bps) -> None:
    crowd(bps, before=25, after=100)
    assert checking(bps) == [
        f"domain {domain}, variable {number}: {title}" for (domain, number), (title, _) in TITLES.items()
    ]
    pages = [(query["domain"], query["page"]) for query in bps.queries]
    assert pages == [("0000", "1"), ("0000", "2"), ("0000", "3"), ("3500", "1")], "no page more than needed"


def test_a_variable_that_is_gone_renumbered_or_renamed_is_a_clear_error(bps: Bps) -> None:
    crowd(bps, before=3, after=30)
    for variable in bps.variables["0000"]:
        match variable["var_id"]:
            case 619:
                variable["title"] = "Indeks Gini Menurut Provinsi"
            case 624:
                variable["var_id"] = 2624
    with pytest.raises(RefusedError) as failed:
        checking(bps)
    assert failed.value.reasons == [
        "domain 0000, variable 619 (poor_people_thousand): now called 'Indeks Gini Menurut Provinsi'",
        "domain 0000, variable 624 (poverty_line_idr): BPS lists it no more; of that indicator BPS lists "
        "2624 (Garis Kemiskinan Menurut Kabupaten/Kota)",
    ]


def test_of_a_list_that_did_not_come_whole_nobody_can_tell(bps: Bps) -> None:
    del bps.variables["0000"][2]
    whole = page_of(bps.variables["0000"], 1)
    whole["data"][0]["total"] = 30
    bps.fault = lambda query: Reply(body=whole) if query["domain"] == "0000" else None
    with pytest.raises(FetchError, match="did not come whole") as failed:
        checking(bps)
    assert not isinstance(failed.value, RefusedError)
