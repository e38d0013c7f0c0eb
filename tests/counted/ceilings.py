"""The figures of ``ceilings.yaml``, and how far from one a night may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.counted.nights import Worked

FILE = Path(__file__).with_name("ceilings.yaml")
MORE, LESS = 0.05, 0.20
"""Shares by which work may exceed its figure, and by which it may fall below before the figure must follow."""
STATEMENTS_OF_A_MODEL = 12
SLACK = 2
"""Statements or files that never matter."""
MEASURES = ("statements", "rows_scanned", "rows_written", "files_opened")


@dataclass(frozen=True)
class Ceiling:
    """How much of one kind of work one step of one night does, and why so much."""

    night: str
    step: str
    of: str
    figure: int
    because: str

    @property
    def most(self) -> float:
        return 0 if self.figure == 0 else max(self.figure * (1 + MORE), self.figure + SLACK)

    @property
    def least(self) -> float:
        return min(self.figure * (1 - LESS), self.figure - SLACK)


def read() -> list[Ceiling]:
    noted = yaml.safe_load(FILE.read_text("utf-8")) or {}
    return [
        Ceiling(night, step, of, said[of], said["because"])
        for night, steps in noted.items()
        for step, said in steps.items()
        for of in MEASURES
        if of in said
    ]


def write(worked: Mapping[str, Worked]) -> None:
    """Note what was measured; reasons stay, and a step without one asks for it."""
    reasons = {(ceiling.night, ceiling.step): ceiling.because for ceiling in read()} if FILE.exists() else {}
    noted = {
        name: {
            step: {of: work[of] for of in MEASURES if work.get(of)} | {"because": reasons.get((name, step), "say why")}
            for step, work in night.steps.items()
            if any(work.values())
        }
        for name, night in worked.items()
    }
    head = "".join(line for line in FILE.open(encoding="utf-8") if line.startswith("#")) if FILE.exists() else ""
    FILE.write_text(head + yaml.safe_dump(noted, sort_keys=False, allow_unicode=True, width=120), "utf-8")
