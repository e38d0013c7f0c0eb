"""The clock is put back, by an hour or by a year: nights and releases keep their order, and a day is the clock's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from pilar import night
from pilar.config import DISPLAY_ZONE, Home


class Clock(datetime):
    """Says whatever time is set."""

    time = datetime(2024, 3, 10, 18, 0, 0, tzinfo=UTC)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return cls.time.astimezone(tz)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(night, "datetime", Clock)
    monkeypatch.setattr(Clock, "time", Clock.time)
    return Clock


@pytest.mark.parametrize("back", [timedelta(0), timedelta(hours=1), timedelta(days=365)], ids=str)
def test_nights_keep_their_order(home: Home, clock: type[Clock], back: timedelta) -> None:
    first = night.begin(home, force=True)
    clock.time -= back
    second = night.begin(home, force=True)
    clock.time += timedelta(seconds=30)
    third = night.begin(home, force=True)
    ids = [plan["night_id"] for plan in (first, second, third)]
    assert ids == sorted(set(ids))
    assert night.newest(home) == ids[-1]
    assert [ids[0], ids[1]] == ["20240310T180000Z", "20240310T180001Z"]
    assert ("the clock was put back" in third["message"]) is (back > timedelta(seconds=30))
    assert third["day"] == f"{clock.time.astimezone(DISPLAY_ZONE):%Y-%m-%d}", (
        "waivers hold by the clock, not by the name"
    )


def test_a_release_counts_where_its_night_was_removed(home: Home, clock: type[Clock]) -> None:
    (home.releases / "20240310T190000Z").mkdir()
    assert night.begin(home, force=True)["night_id"] == "20240310T190001Z"


def test_the_name_of_another_kind_of_night_is_no_time(home: Home, clock: type[Clock]) -> None:
    (home.nights / "night-1").mkdir()
    assert night.begin(home, force=True)["night_id"] == "20240310T180000Z"


def test_a_clock_that_goes_on_gives_the_time(home: Home, clock: type[Clock]) -> None:
    night.begin(home, force=True)
    clock.time += timedelta(days=1)
    assert night.begin(home, force=True)["night_id"] == "20240311T180000Z"
