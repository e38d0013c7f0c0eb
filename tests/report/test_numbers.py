"""Every number on the page equals the mart, and the comparison notices when one does not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from pilar.config import Home
from pilar.html import fact
from pilar.report import read_night, write
from tests.conftest import Night

from .conftest import NIGHT
from .numbers import EXPECTED, Reading, differences, opened


def compared(home: Home, night_id: str, html: str) -> list[str]:
    day = read_night(home, night_id).day
    with opened(home.current_marts.resolve()) as release:
        return list(differences(html, release, str(day)))


@pytest.fixture(scope="module")
def page(sample_night: Night) -> str:
    return (sample_night.home.reports / "index.html").read_text("utf-8")


def test_every_number_of_the_sample_night_equals_the_release(sample_night: Night, page: str) -> None:
    assert compared(sample_night.home, sample_night.ended["night_id"], page) == []
    marks = Reading(page).marks
    assert len(marks) > 300
    assert {"money.unpaid_idr", "score.rate", "place.n", "cover.gap", "claim.difference"} <= {
        mark.of.split(" ")[0] for mark in marks
    }


def test_nights_on_two_days_have_a_trend_and_their_numbers_hold(published: Home, night: Callable[..., None]) -> None:
    night()
    html = write(published, NIGHT).read_text("utf-8")
    assert compared(published, NIGHT, html) == []
    assert "▲" in html
    assert "<figure" in html


@pytest.mark.parametrize(
    "kind", ["total.open", "feed.accepted", "money.unpaid_idr", "score.open", "place.n", "gap.people"]
)
def test_a_number_that_drifts_is_noticed(kind: str, sample_night: Night, page: str) -> None:
    said = re.search(rf'<data value="(\d+)[^"]*" data-of="{re.escape(kind)}[^"]*">', page)
    assert said
    drifted = said.group().replace(f'value="{said.group(1)}', f'value="{int(said.group(1)) + 1}')
    found = compared(sample_night.home, sample_night.ended["night_id"], page.replace(said.group(), drifted))
    assert [told for told in found if "the release" in told and told.startswith(kind)]
    assert [told for told in found if "is written" in told], "the words must not differ from the mark either"


def test_an_unmarked_number_or_another_row_is_noticed(sample_night: Night, page: str) -> None:
    night_id = sample_night.ended["night_id"]
    loose = page.replace("</main>", "<p>Ada 7 orang.</p></main>")
    assert compared(sample_night.home, night_id, loose) == ["a number that nothing vouches for: Ada 7 orang."]
    rows = re.search(r'<span class="rows"[^>]*>(\d+)', page)
    assert rows
    moved = page.replace(rows.group(), rows.group()[: -len(rows.group(1))] + "99999", 1)
    assert len(compared(sample_night.home, night_id, moved)) == 1


def test_each_kind_of_number_is_used(page: str, published: Home, night: Callable[..., None]) -> None:
    """A query for a mark that no page has would prove nothing."""
    night()
    html = page + write(published, NIGHT).read_text("utf-8")
    used = {mark.of.split(" ")[0] for mark in Reading(html).marks}
    assert set(EXPECTED) - used == {f"score.{name}" for name in ("read", "quarantined", "oldest")}


def test_a_mark_shows_no_more_than_the_page_would() -> None:
    assert fact(3, "place.n", "0812-3456-7890.csv") == '<data value="3" data-of="place.n •••.csv">3</data>'
