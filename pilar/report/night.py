"""What a night did, read from the files its steps wrote. Steps that never ran are simply absent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from pilar import items
from pilar.config import DISPLAY_ZONE, Home
from pilar.held import answers

STEPS = ("ingest", "load", "gate_arrivals", "build", "gate_candidate", "publish", "report")
GATES = ("gate_arrivals", "gate_candidate")

Outcome = Literal["published", "unchanged", "held", "failed"]
Step = dict[str, Any]


@dataclass(frozen=True)
class Night:
    """One night: its plan, its steps by name, and what became of each file."""

    night_id: str
    plan: Step = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    files: tuple[Step, ...] = ()
    answers: tuple[Step, ...] = ()
    """What people said about a held night, oldest first (see :mod:`pilar.held`)."""

    @property
    def outcome(self) -> Outcome:
        if self.plan.get("unchanged"):
            return "unchanged"
        if any(step.get("status") == "failed" for step in self.steps.values()):
            return "failed"
        if self.steps.get("publish", {}).get("status") == "ok":
            return "published"
        return "held" if any(self.held(step) for step in ("gate_arrivals", "build", "gate_candidate")) else "failed"

    @property
    def day(self) -> date | None:
        """The day of the night in Asia/Jakarta, from its id (a UTC time); None for an id that is no time."""
        try:
            began = datetime.strptime(self.night_id[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return None
        return began.astimezone(DISPLAY_ZONE).date()

    @property
    def override(self) -> Step | None:
        """Who published this night although a gate held: ``by``, ``at``, ``reason``, ``failed``."""
        return self.steps.get("publish", {}).get("override")

    @property
    def release_id(self) -> str | None:
        """The release this night published, even if a later step failed."""
        found: str | None = self.steps.get("publish", {}).get("release_id")
        return found

    @property
    def stopped_at(self) -> str | None:
        """Of a failed night: the step that failed, else the first that left no result."""
        if self.outcome != "failed":
            return None
        for name, step in self.steps.items():
            if step.get("status") == "failed":
                return name
        return next((name for name in STEPS if name != "ingest" and name not in self.steps), "publish")

    def held(self, gate: str) -> bool:
        step = self.steps.get(gate, {})
        return bool(step.get("held")) or step.get("status") == "held"

    def failures(self, gate: str, severity: str) -> list[Step]:
        """Failed expectations of one severity (``critical`` or ``warning``), personal data aside."""
        results: list[Step] = self.steps.get(gate, {}).get("results") or []
        return [result for result in results if not result.get("success") and result.get("severity") == severity]

    def violations(self) -> list[Step]:
        """Personal data that a gate found in the candidate: places and counts."""
        return [item for gate in GATES for item in self.steps.get(gate, {}).get("violations") or []]

    @property
    def rejected(self) -> list[Step]:
        return [item for item in self.files if item.get("outcome") == "rejected"]

    @property
    def not_taken(self) -> list[Step]:
        """Files whose taking broke (a full disk, a killed process): they still lie in landing for the next night."""
        return [item for item in self.files if item.get("status") == "failed"]

    @property
    def broken_feeds(self) -> list[str]:
        """Feeds of which every new file was rejected (files in an unknown folder belong to none)."""
        feeds = {str(item.get("feed")) for item in self.files} - {"_unknown"}
        return sorted(
            feed
            for feed in feeds
            if all(item.get("outcome") == "rejected" for item in self.files if item.get("feed") == feed)
        )

    def seconds(self) -> list[tuple[str, float]]:
        """Seconds by step, in the order of the night; ingest is the sum over its files."""
        known = {name: float(step.get("seconds") or 0) for name, step in self.steps.items()}
        if self.files:
            known["ingest"] = sum(float(item.get("seconds") or 0) for item in self.files)
        return [(name, known[name]) for name in STEPS if name in known]


def read_night(home: Home, night_id: str) -> Night:
    """Read ``nights/<night_id>/``; what is missing or unreadable counts as not run."""
    folder = home.nights / night_id
    plan = _read(folder / "plan.json")
    steps = {name: step for name in STEPS if name != "ingest" and (step := _read(folder / f"{name}.json"))}
    return Night(
        night_id=night_id,
        plan=plan,
        steps=steps,
        files=tuple(_files(folder / "ingest", plan.get("items", []) if steps else [])),
        answers=tuple(answers(folder)),
    )


def _files(folder: Path, planned: list[Step]) -> Iterator[Step]:
    """What became of each file; ``planned`` are those that must have an account by now."""
    told = {path.stem: found for path in sorted(folder.glob("*.json")) if (found := _read(path))}
    yield from told.values()
    for item in planned:
        if items.name_of(item) not in told:
            about = {name: item[name] for name in ("feed", "file_name")}
            yield about | {"step": "ingest", "status": "failed", "message": "the process that took it was ended"}


def _read(path: Path) -> Step:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
