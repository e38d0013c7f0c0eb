"""An answer → ``landing/poverty/bps-web-api/<domain>_<variable>_<th…>.json``, only if it tells a new figure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pilar import locks
from pilar.bps_api.client import Answer, FetchError
from pilar.bps_api.lists import FIRST_TH_YEAR
from pilar.config import Home
from pilar.disk import write_whole
from pilar.figures.answer import DIMENSIONS, Told, told
from pilar.reading.model import Rejected

FOLDER = Path("poverty") / "bps-web-api"
"""Below ``landing/``: the submitter of these files is the API."""


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """One fetch at a time over one home: else two would keep the rate each, and land an answer twice."""
    home.make()
    with ExitStack() as stack:
        try:
            stack.enter_context(locks.hold(home.root / "fetch.lock"))
        except locks.Locked:
            raise FetchError([f"another fetch is running over {home.root}; wait for it or end it"]) from None
        for left_by_a_crash in (home.landing / FOLDER).glob(".*.part"):
            left_by_a_crash.unlink()
        yield


@dataclass
class Landed:
    """What landing holds of one variable. ``told`` maps a key of ``datacontent`` to what was told of it last."""

    home: Home
    domain: str
    variable: int
    recordings: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    """By years as in the name, oldest first."""
    told: dict[str, Told] = field(default_factory=dict)

    @classmethod
    def of(cls, home: Home, domain: str, variable: int) -> Landed:
        """Read the files of a variable. A file that somebody damaged tells nothing."""
        found = cls(home, domain, variable)
        paths = (home.landing / FOLDER).glob(f"{domain}_{variable}_*.json")
        read = [
            (str(recording.get("fetched_at", "")), path.name, recording) for path in paths if (recording := _read(path))
        ]
        for _, name, recording in sorted(read, key=lambda one: one[:2]):
            found._add(name.split(".")[0].rsplit("_", 1)[1], recording)
        return found

    def newest(self, years: Sequence[int]) -> Mapping[str, Any]:
        """The last recording that landed of this very request; empty if there is none."""
        return next(iter(reversed(self.recordings.get(_th(years), []))), {})

    def validators(self, years: Sequence[int]) -> Mapping[str, str]:
        """What came with that recording, to ask whether it still holds: not if another has been told since."""
        newest = self.newest(years)
        overtaken = any(self.told[key] != said for key, said in (_told(newest.get("body")) or {}).items())
        return {} if overtaken else newest.get("validators") or {}

    def land(self, years: Sequence[int], answer: Answer, now: datetime | None = None) -> Path | None:
        """Write the answer if it tells a figure that was not known, or known otherwise; else ``None``.

        Files in landing are never changed: a revision gets a name of its own, ``….<UTC time>.json``. The body is
        written as received, in a wrapper with its request, status, validators and moment.
        """
        if not self._is_news(years, answer.body):
            return None
        fetched = now or datetime.now(UTC)
        name = f"{self.domain}_{self.variable}_{_th(years)}"
        path = self.home.landing / FOLDER / f"{name}.json"
        if path.exists():
            path = path.with_name(f"{name}.{fetched:%Y%m%dT%H%M%S%fZ}.json")
        head = {
            "name": f"data_{name}",
            "request": answer.request,
            "status_code": answer.status_code,
            "content_type": answer.content_type,
            "validators": answer.validators,
            "fetched_at": fetched.isoformat(timespec="microseconds"),
        }
        written = json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "body": ' + answer.text.strip() + "\n}\n"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, written)  # its draft is hidden: a night leaves hidden names alone
        self._add(_th(years), head | {"body": answer.body})
        return path

    def _add(self, th: str, recording: Mapping[str, Any]) -> None:
        self.recordings.setdefault(th, []).append(recording)
        self.told.update(_told(recording.get("body")) or {})

    def _is_news(self, years: Sequence[int], body: Any) -> bool:
        figures = _told(body)
        if figures is None:  # the night will say what is wrong with it, once
            newest = self.newest(years)
            return not newest or _dimensions_and_content(newest.get("body")) != _dimensions_and_content(body)
        return any(self.told.get(key) != said for key, said in figures.items())


def _th(years: Sequence[int]) -> str:
    return "-".join(str(year - FIRST_TH_YEAR) for year in years)


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        recording = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    except ValueError:
        return None
    return recording if isinstance(recording, Mapping) else None


def _told(body: Any) -> dict[str, Told] | None:
    """What an answer tells; ``None`` if its dimensions do not explain it."""
    try:
        return told(body)
    except Rejected:
        return None


def _dimensions_and_content(body: Any) -> Any:
    """Without ``last_update`` and notes, which change without a new figure."""
    return [body.get(name) for name in (*DIMENSIONS, "datacontent")] if isinstance(body, Mapping) else body
