"""A held night as a question to a person: what held it, who may overrule that, and what was answered. Pure but for the
record ``nights/<night_id>/override.json``.

A person may overrule a *verdict*: a promise that a gate found broken. Nobody may overrule personal data, a failed dbt
test (keys and sums of money), or an expectation that could not be judged: there is no verdict to overrule.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

from pilar.config import DISPLAY_ZONE
from pilar.quality.verdict import UNJUDGED
from pilar.showing import mask

Facts = dict[str, Any]
Answer = Literal["publish", "keep"]

RECORD = "override.json"
QUESTION = "question.json"
STEPS = ("gate_arrivals", "build", "gate_candidate")
"""The steps that can hold a night."""
NEXT_NIGHT = time(1, 0)
"""When the DAG ``nightly`` begins, in Asia/Jakarta: an open question must not keep the next night waiting."""
LEAVE = timedelta(minutes=10)
"""How long before the next night a question closes."""
AT_LEAST = timedelta(minutes=5)
"""A night held just before the next one is asked about all the same, for this long."""

_TOLD = ("gate", "suite", "table", "column", "expectation", "description_id", "description_en", "observed")
_SAME = ("gate", "suite", "table", "column", "expectation", "description_en")
_LONGEST_NAME, _LONGEST_REASON = 100, 1000


class NoAnswer(Exception):
    """The answer cannot be taken; the message says why, in both languages."""


@dataclass(frozen=True)
class Hold:
    """Why a night is held. Empty (false) when it is not."""

    failed: tuple[Facts, ...] = ()
    """Broken promises: failed critical expectations, as an answer records them."""
    unjudged: tuple[Facts, ...] = ()
    """Critical expectations that could not be evaluated, or whose table is missing."""
    violations: tuple[Facts, ...] = ()
    """Personal data in the candidate: place, kind and count."""
    failed_tests: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.failed or self.unjudged or self.violations or self.failed_tests)

    @property
    def may_be_overruled(self) -> bool:
        return bool(self.failed) and not (self.unjudged or self.violations or self.failed_tests)

    def obstacle(self) -> tuple[str, str]:
        """Why nobody may overrule, and what to mend, in both languages; two empty texts when a person may."""
        if self.violations:
            return (
                "Ada data pribadi di calon rilis: minta berkas perbaikan dari pengirimnya.",
                "There is personal data in the candidate: ask its submitter for a corrected file.",
            )
        if self.failed_tests:
            return (
                "Uji kunci atau jumlah uang gagal: operator perlu memeriksa model atau datanya.",
                "A test of keys or sums of money failed: the operator has to look at the model or its data.",
            )
        if self.unjudged:
            return (
                "Ada janji yang tidak dapat dinilai: operator perlu memperbaiki aturan atau modelnya.",
                "A promise could not be judged: the operator has to mend the suite or the model.",
            )
        return "", ""

    def without(self, overruled: Iterable[Facts]) -> Hold:
        """What still holds after these broken promises were overruled."""
        known = {_key(failure) for failure in overruled}
        still = tuple(failure for failure in self.failed if _key(failure) not in known)
        return Hold(still, self.unjudged, self.violations, self.failed_tests)


def hold_of(steps: Mapping[str, Facts]) -> Hold:
    """What holds a night, from the facts of its steps (those named in :data:`STEPS`; absent ones did not run)."""
    failed: list[Facts] = []
    unjudged: list[Facts] = []
    for name in ("gate_arrivals", "gate_candidate"):
        gate = steps.get(name, {})
        broken = [
            {"gate": name.removeprefix("gate_"), **{key: result.get(key) for key in _TOLD[1:]}}
            for result in gate.get("results") or []
            if not result.get("success") and result.get("severity") == "critical"
        ]
        failed += [failure for failure in broken if not _is_unjudged(failure)]
        unjudged += [failure for failure in broken if _is_unjudged(failure)]
        if gate.get("status") == "held" and not (broken or gate.get("violations")):
            unjudged.append({"gate": name.removeprefix("gate_")})  # it holds and does not say why
    return Hold(
        failed=tuple(failed),
        unjudged=tuple(unjudged),
        violations=tuple(item for step in STEPS for item in steps.get(step, {}).get("violations") or []),
        failed_tests=tuple(steps.get("build", {}).get("failed_tests") or []),
    )


def answer(
    kind: Answer, *, by: str | None, at: datetime, reason: str | None, failed: Iterable[Facts], timed_out: bool = False
) -> Facts:
    """One answer as it is recorded. ``at`` in UTC. Publishing wants a name and a reason.

    Raises :class:`NoAnswer`. Long numbers are masked: they may spell a NIK or an account.
    """
    name, why = (mask(" ".join((text or "").split())) for text in (by, reason))
    if kind == "publish" and not why:
        raise NoAnswer("Alasan wajib diisi untuk tetap menerbitkan. / Publishing anyway needs a reason.")
    if not name and not timed_out:
        raise NoAnswer("Nama penjawab wajib diisi. / An answer needs the name of who gives it.")
    if len(name) > _LONGEST_NAME or len(why) > _LONGEST_REASON:
        raise NoAnswer(
            f"Nama paling panjang {_LONGEST_NAME} huruf, alasan {_LONGEST_REASON}. / "
            f"At most {_LONGEST_NAME} letters for the name and {_LONGEST_REASON} for the reason."
        )
    return {
        "answer": kind,
        "by": name or None,
        "at": at.isoformat(timespec="seconds"),
        "reason": why or None,
        "timed_out": timed_out,
        "failed": list(failed),
        "ended": None,
    }


def answers(folder: Path) -> list[Facts]:
    """The answers given about the night of ``folder``, oldest first."""
    try:
        found = json.loads((folder / RECORD).read_text("utf-8"))["answers"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return found if isinstance(found, list) else []


def overruled(given: Iterable[Facts]) -> list[Facts]:
    """The broken promises that answers overrule."""
    return [failure for one in given if one["answer"] == "publish" for failure in one["failed"]]


def response_time(now: datetime, hours: float) -> timedelta:
    """How long a question stays open: ``hours``, but no longer than until shortly before the next night."""
    local = now.astimezone(DISPLAY_ZONE)
    next_night = datetime.combine(local.date(), NEXT_NIGHT, DISPLAY_ZONE)
    if next_night <= local:
        next_night += timedelta(days=1)
    return min(timedelta(hours=hours), max(AT_LEAST, next_night - LEAVE - local))


def closes(folder: Path, now: datetime, hours: float, *, again: bool) -> datetime:
    """When the question about the night of ``folder`` closes; asked ``again`` it closes when it said at first."""
    path = folder / QUESTION
    if again and path.is_file():
        return datetime.fromisoformat(json.loads(path.read_text("utf-8"))["until"])
    until = now + response_time(now, hours)
    path.write_text(json.dumps({"until": until.isoformat()}) + "\n", "utf-8")
    return until


def _key(failure: Facts) -> tuple[object, ...]:
    return tuple(failure.get(name) for name in _SAME)


def _is_unjudged(failure: Facts) -> bool:
    return failure.get("expectation") == "table_exists" or str(failure.get("observed")).startswith(UNJUDGED)
