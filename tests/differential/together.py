"""Histories side by side in one warehouse, as strangers: a dozen cost little more than one.

What a night in memory costs hardly depends on its rows. So each history moves to a corner of its own, with kab/kota,
people, events, numbers and years that no other corner has. What the SQL says of all together must be what the model
says of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import zip_longest

from tests.differential.histories import History, Night
from tests.differential.invented import DISTRICT_CODES, DISTRICTS, REGIONS, START
from tests.harness.deliveries import File

SURNAMES = ("", "ALAS", "BATU", "CANDI", "DELIMA", "EMBUN", "FAJAR", "GUNUNG", "HUTAN", "INTAN", "JATI", "KALI")
"""One for each corner. The first corner is the histories' own: nothing changes there."""
CORNERS = len(SURNAMES)
WIDE = {"events", "rosters"}
"""Feeds that no narrow night brings."""
ALONE = 20
"""Of so many histories one stays alone: only then a whole feed may be missing."""


def batches(known: Sequence[History]) -> list[list[History]]:
    """Up to :data:`CORNERS` histories each. Nights that lie together are of one kind, or no night would be narrow."""
    alike: dict[tuple[str, ...], list[History]] = defaultdict(list)
    for number, history in enumerate(known):
        if number % ALONE:
            alike[_kinds(history)].append(history)
    together = [same[at : at + CORNERS] for same in alike.values() for at in range(0, len(same), CORNERS)]
    return [*([history] for history in known[::ALONE]), *together]


def _kinds(history: History) -> tuple[str, ...]:
    return tuple(
        "verdicts" if night.verdicts else "any" if {file.feed for file in night.files} & WIDE else "narrow"
        for night in history.nights
    )


def apart(known: Sequence[History]) -> list[History]:
    """Each history in a corner of its own."""
    if len(known) > CORNERS:
        raise ValueError(f"there is room for {CORNERS} histories")
    return [Corner(number).holding(history) for number, history in enumerate(known)]


def side_by_side(known: Iterable[History]) -> History:
    """Their first nights as one, and so on."""
    return History(
        tuple(
            Night(
                tuple(file for night in nights for file in night.files),
                tuple(verdict for night in nights for verdict in night.verdicts),
            )
            for nights in zip_longest(*(history.nights for history in known), fillvalue=Night())
        )
    )


@dataclass(frozen=True)
class Corner:
    """One of :data:`CORNERS` places in a world."""

    number: int

    def holding(self, history: History) -> History:
        """The same history, here."""
        return History(
            tuple(
                Night(
                    tuple(self._file(file) for file in night.files),
                    tuple(
                        replace(
                            verdict,
                            file=self._file(verdict.file),
                            order=(self._moment(verdict.order[0]), self._code(verdict.order[1]), verdict.order[2]),
                        )
                        for verdict in night.verdicts
                    ),
                )
                for night in history.nights
            )
        )

    def _file(self, file: File) -> File:
        rows = [self._row(row) for row in file.rows]
        return replace(file, name=self._code(file.name), modified=self._moment(file.modified), rows=rows)

    def _row(self, row: Mapping[str, str]) -> dict[str, str]:
        moved = {column: self._moves[column](text) if column in self._moves else text for column, text in row.items()}
        if "district" in row:
            moved["district"] = self._district(row["region"], row["district"])
        return moved

    @cached_property
    def _moves(self) -> dict[str, Callable[[str], str]]:
        codes = ("event", "event_name", "batch", "reference_no", "retry_of")
        days = ("event_date", "instructed_on", "starts_on", "month", "birth_date")
        return {
            **dict.fromkeys(codes, self._code),
            **dict.fromkeys(days, self._day),
            **dict.fromkeys(("name", "account_name"), lambda name: f"{name} {SURNAMES[self.number]}".strip()),
            "nik": lambda nik: f"{nik[:10]}{int(nik[10:12]) - self.number:02}{nik[12:]}",
            "account_no": lambda number: f"{number[:4]}{self.number:02}{number[6:]}",
            "bpjs_no": lambda number: f"{number[:3]}{self.number:02}{number[5:]}",
            "region": self._region,
        }

    def _code(self, text: str) -> str:
        return f"{SURNAMES[self.number][:1]}{text}"

    def _day(self, day: str) -> str:
        """A day or month, so many years earlier."""
        return f"{int(day[:4]) - self.number}{day[4:]}"

    def _moment(self, moment: datetime) -> datetime:
        return START.replace(year=START.year - self.number) + (moment - START)

    def _region(self, region: str) -> str:
        others = [code for code in DISTRICT_CODES if code not in REGIONS]
        return (*REGIONS, *others)[self.number * len(REGIONS) + REGIONS.index(region)]

    def _district(self, region: str, district: str) -> str:
        """The first district of the region here for the first there."""
        here = DISTRICT_CODES[self._region(region)]
        return tuple(here)[tuple(DISTRICTS[region]).index(district)] if self.number else district
