"""Years as people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pilar.config import DISPLAY_ZONE
from pilar.figures.vocabulary import FIRST_YEAR, LAST_YEAR

_PART = re.compile(r"(\d{4})(?:\s*[-–:]\s*(\d{4}))?")


def years_in(text: str) -> list[int]:
    """``2021-2023, 2025`` → the four years, ascending. Raises ``ValueError`` that says what is wrong."""
    found: set[int] = set()
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no year and no range of years such as 2021-2023")
        first, last = int(match[1]), int(match[2] or match[1])
        if not FIRST_YEAR <= first <= last <= LAST_YEAR:
            raise ValueError(f"{part!r} does not run upwards within {FIRST_YEAR}-{LAST_YEAR}")
        found.update(range(first, last + 1))
    return sorted(found)


def usual_years(now: datetime | None = None) -> list[int]:
    """This year and the last, by the clock of the people who read it: what a month may have brought news of."""
    this_year = (now or datetime.now(UTC)).astimezone(DISPLAY_ZONE).year
    return [this_year - 1, this_year]


def ranges(years: list[int]) -> str:
    """``2019-2021, 2023`` for ascending years."""
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
