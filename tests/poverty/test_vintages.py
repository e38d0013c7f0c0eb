"""A figure is what the newest release says; as of a moment, what the newest release that was known then said."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest

from pilar.publish import shelf
from tests.poverty.conftest import FIRST_DAY, Figures
from tests.poverty.world import COUNT, MEMBERS, Cell, Table

PERIOD = "2015-03"


def cell(region: str) -> Cell:
    return Cell(region, "total", PERIOD, COUNT)


def release(of: dict[str, str], released: date, title: str = "Terbitan") -> Table:
    """A table of one period with a value for each region."""
    told = {cell(region): Decimal(value) for region, value in of.items()}
    return Table(title, told, released_on=released.isoformat())


def as_of(figures: Figures, day: int) -> dict[str, Decimal]:
    """What the shelf's macro says was known ``day`` days after the first, by region."""
    query = (shelf.FOLDER / "macros" / "poverty_as_of.sql").read_text("utf-8")
    moment = (FIRST_DAY + timedelta(days=day)).strftime("%Y-%m-%d %H:%M:%S")
    query = query.replace("as_of_day", "'2023-12-31'").replace("known_at", f"'{moment}'")
    return {row[0]: row[5] for row in figures.ask(query)}


def vintages(figures: Figures) -> list[tuple[int, str, bool, int]]:
    return figures.ask(
        "SELECT vintage, value::INTEGER::VARCHAR, is_latest, date_diff('day', TIMESTAMP '2023-07-01', known_from) "
        "FROM fct_poverty ORDER BY region_code, vintage"
    )


def test_a_value_that_comes_back_is_a_further_vintage(figures: Figures) -> None:
    for day, (value, month) in enumerate([("100", 1), ("120", 2), ("100", 3)], 1):
        figures.land(release({"3522": value}, date(2016, month, 1), f"Terbitan {month}"), day=day)
    figures.night()
    assert vintages(figures) == [(1, "100", False, 1), (2, "120", False, 2), (3, "100", True, 3)]
    assert [as_of(figures, day).get("3522") for day in (0, 1, 2, 3)] == [None, 100, 120, 100]


def test_an_older_release_that_lands_later_changes_nothing_but_the_past(figures: Figures) -> None:
    figures.land(release({"3522": "120"}, date(2016, 2, 1), "Baru"), day=1)
    figures.night()
    figures.land(release({"3522": "100"}, date(2016, 1, 1), "Lama"), day=5)
    figures.night()
    assert vintages(figures) == [(1, "100", False, 5), (2, "120", True, 1)]
    assert [as_of(figures, day)["3522"] for day in (1, 5)] == [120, 120]


def test_a_release_stated_by_several_files_is_known_from_the_first(figures: Figures) -> None:
    figures.land(release({"3522": "100"}, date(2016, 1, 1), "Tabel"), day=4)
    figures.land(release({"3522": "100", "3524": "80"}, date(2016, 1, 1), "Jawaban API"), day=2)
    figures.night()
    assert vintages(figures) == [(1, "100", True, 2), (1, "80", True, 2)]
    assert figures.ask("SELECT files FROM fct_poverty ORDER BY region_code") == [(2,), (1,)]


@dataclass(frozen=True)
class Said:
    """One file's word on a cell."""

    released: date
    day: int
    value: str


def known(said: list[Said], day: int) -> str | None:
    """The reference: of what was delivered by then, what the newest release says; later files of one release win."""
    heard = [one for one in said if one.day <= day]
    return max(heard, key=lambda one: (one.released, one.day)).value if heard else None


def test_as_of_says_what_was_known_then_whatever_landed_in_whatever_order(figures: Figures) -> None:
    """Each region is a history of its own: eight files tell of some regions, in any order of release and delivery."""
    chance = random.Random(6)
    told: dict[str, list[Said]] = {region: [] for region in MEMBERS}
    for day in chance.sample(range(1, 25), 8):
        released = date(2016, chance.randint(1, 4), 1)
        values = {region: chance.choice(["100", "120", "140"]) for region in MEMBERS if chance.random() < 0.8}
        figures.land(release(values, released, f"Terbitan {day}"), day=day)
        for region, value in values.items():
            told[region].append(Said(released, day, value))
    figures.night()
    for day in (0, *range(1, 26, 3)):
        expected = {region: known(said, day) for region, said in told.items()}
        answered = as_of(figures, day)
        assert {region: Decimal(value) for region, value in expected.items() if value} == answered
    latest = dict(figures.ask("SELECT region_code, value FROM fct_poverty WHERE is_latest"))
    assert latest == as_of(figures, 25)


@pytest.mark.parametrize("later", ["the right figure", "no such cell"])
def test_a_later_file_heals_a_wrong_figure_and_a_wrong_one_opens_again(figures: Figures, later: str) -> None:
    wrong = {"3522": "100", "3524": "99999999"}
    figures.land(release(wrong, date(2016, 1, 1)), name="tabel.csv", day=1)
    figures.night()
    assert figures.states("POVERTY_VALUE_RANGE") == [("tabel.csv", "open")]
    assert ledger(figures) == [("tabel.csv", "accepted", 2, 1, 1, 0)]
    mended = {"3522": "100", **({"3524": "80"} if later == "the right figure" else {})}
    # What is no longer stated is told from what was forgotten by the file's name.
    name = "perbaikan.csv" if later == "the right figure" else "tabel.csv"
    figures.land(release(mended, date(2016, 1, 1)), name=name, day=2)
    figures.night()
    assert figures.states("POVERTY_VALUE_RANGE") == [("tabel.csv", "corrected")]
    assert ("tabel.csv", "accepted", 2, 1, 0, 1) in ledger(figures)
    assert figures.latest(cell("3524")) == (80 if later == "the right figure" else None)
    again = {"3522": "100", "3524": "88888888"}
    figures.land(release(again, date(2016, 1, 1)), name="lagi.csv", day=3)
    figures.night()
    assert figures.states("POVERTY_VALUE_RANGE") == [("lagi.csv", "open"), ("tabel.csv", "corrected")]
    assert figures.latest(cell("3524")) == (80 if later == "the right figure" else None)


def test_the_same_error_in_the_mended_file_is_the_one_that_stays_open(figures: Figures) -> None:
    figures.land(release({"3522": "100", "3524": "99999999"}, date(2016, 1, 1)), name="tabel.csv", day=1)
    figures.night()
    figures.land(release({"3522": "101", "3524": "99999999"}, date(2016, 1, 1)), name="tabel.csv", day=2)
    figures.night()
    assert figures.states("POVERTY_VALUE_RANGE") == [("tabel.csv", "open"), ("tabel.csv", "superseded")]
    assert [line[1:] for line in ledger(figures)] == [("accepted", 2, 1, 0, 1), ("accepted", 2, 1, 1, 0)]


def test_a_wrong_figure_that_lands_after_the_right_one_waits_and_stays_open(figures: Figures) -> None:
    figures.land(release({"3524": "80"}, date(2016, 1, 1), "Lama"), day=1)
    figures.land(release({"3524": "99999999"}, date(2016, 2, 1), "Baru"), day=2)
    figures.night()
    assert figures.latest(cell("3524")) == 80
    assert figures.states("POVERTY_VALUE_RANGE") == [("Baru.csv", "open")]


def ledger(figures: Figures) -> list[tuple[object, ...]]:
    """Each file's rows; they balance, or the night's own test would have failed."""
    return figures.ask(
        "SELECT file_name, state, rows_read, rows_accepted, rows_quarantined, rows_superseded FROM file_ledger "
        "ORDER BY delivered_at"
    )
