"""What a gate says: plain data, ready for JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from pilar.quality.suites import GateName, Severity

UNJUDGED = "tidak dapat dinilai / could not be evaluated"
"""How ``observed`` begins when an expectation raised: there is no verdict, so nobody may overrule it."""


@dataclass(frozen=True)
class Result:
    """One judged expectation. ``observed`` is a count, a share in per cent, a list of columns or why it failed."""

    suite: str
    table: str
    expectation: str
    column: str | None
    severity: Severity
    success: bool
    observed: str | int | float | None
    description_id: str
    description_en: str
    owner: str
    rules: list[str] = field(default_factory=list)
    """Codes of the catalogue that say more."""


@dataclass(frozen=True)
class Verdict:
    """What a gate says of a night. ``seconds`` includes the import of Great Expectations and Data Docs."""

    gate: GateName
    night_id: str
    held: bool
    results: list[Result]
    seconds: float

    @property
    def failures(self) -> list[Result]:
        """What failed, critical first."""
        order = ("critical", "warning", "info")
        return sorted((item for item in self.results if not item.success), key=lambda item: order.index(item.severity))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)
