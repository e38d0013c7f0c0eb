"""The operator's summary: plain text, at most 100 columns, pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pilar.config import Home
from pilar.publish import current
from pilar.report.facts import Facts, shown_facts
from pilar.report.night import GATES, Night, Step, read_night
from pilar.showing import cell, mask

WIDTH = 100
_HEADLINES = {
    "published": "PUBLISHED",
    "unchanged": "UNCHANGED: nothing new has landed, the release stays",
    "held": "HELD by a gate: the release before stays",
    "failed": "FAILED",
}
_ANSWERS = {
    "published": "PUBLISHED ALTHOUGH HELD",
    "kept": "yesterday's release is kept",
    "held": "to be published anyway, but HELD AGAIN by what was not known then",
}
_SOURCES = {"held": "of the held candidate", "failed": "of the release that stays"}
_GATE_NAMES = {"gate_arrivals": "gate arrivals", "gate_candidate": "gate candidate"}


def operator_summary(home: Home, night_id: str) -> str:
    """The summary of a night from what its steps and the release on disk say."""
    night, release = read_night(home, night_id), current(home)
    return summarise(night, shown_facts(home, night), release.release_id if release else None, home)


def summarise(night: Night, facts: Facts | None, current_release: str | None, home: Home) -> str:
    """Say what a night did.

    ``facts`` come from the release (published) or the candidate (held), ``current_release`` is what readers get now.
    Never a value of a row; long numbers in file names and messages are masked.
    """
    lines: list[str] = [f"Pilar night {night.night_id}: {_HEADLINES[night.outcome]}", *_answers(night)]
    if night.stopped_at:
        lines.append(f"  stopped at step: {night.stopped_at} (its log says why)")
    lines += ["", *_feeds(night, facts)]
    lines += [*_rejected(night), *_gates(night), *_tests(night)]
    lines += ["", *_places(night, current_release, home), *_seconds(night)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _answers(night: Night) -> Iterator[str]:
    """What people said about a held night."""
    for answer in night.answers:
        who = "nobody in time" if answer.get("timed_out") else mask(str(answer.get("by")))
        at = cell(datetime.fromisoformat(str(answer["at"])))
        told = f"{_ANSWERS.get(str(answer.get('ended')), 'answer under way')}, said {who} ({at})"
        reason = f": {mask(str(answer['reason']))}" if answer.get("reason") else ""
        yield from _wrapped(f"{told}{reason}", indent=2)


def _feeds(night: Night, facts: Facts | None) -> Iterator[str]:
    if facts is None or not facts.ledger:
        yield f"  {len(night.files)} new files, {len(night.rejected)} of them rejected"
        return
    new: dict[str, int] = {}
    for item in night.files:
        new[str(item.get("feed"))] = new.get(str(item.get("feed")), 0) + 1
    if source := _SOURCES.get(night.outcome):
        yield f"  Numbers {source}"
    header = ("feed", "new", "files", "rejected", "rows read", "accepted", "quarantined", "superseded")
    rows = [
        (
            str(row["feed"]),
            *(
                f"{number:,}"
                for number in (
                    new.get(str(row["feed"]), 0),
                    row["files"], row["rejected"], row["read"], row["accepted"], row["quarantined"], row["superseded"],
                )
            ),
        )
        for row in facts.by_feed()
    ]  # fmt: skip
    yield from _table(header, rows)
    for feed in night.broken_feeds:
        yield f"  ! {feed}: every new file was rejected; the other feeds' news went on"


def _rejected(night: Night) -> Iterator[str]:
    for item in night.not_taken:
        name = mask(f"{item.get('feed')}/{item.get('file_name')}")
        yield from _wrapped(f"! not taken, tried again next night: {name} ({mask(str(item.get('message')))})", indent=2)
    if not night.rejected:
        return
    yield ""
    yield f"  Rejected files ({len(night.rejected)})"
    for item in night.rejected:
        name = mask(f"{item.get('feed')}/{item.get('file_name')}")
        reason = mask(str(item.get("reason_en") or "no reason given"))
        yield from _wrapped(f"- {name}: {item.get('rule_code')}: {reason}", indent=4)


def _gates(night: Night) -> Iterator[str]:
    shown = [gate for gate in GATES if gate in night.steps]
    if shown:
        yield ""
    for gate in shown:
        results: Sequence[Step] = night.steps[gate].get("results") or []
        critical, warnings = night.failures(gate, "critical"), night.failures(gate, "warning")
        verdict = "HELD" if night.held(gate) else "passed"
        yield (
            f"  {_GATE_NAMES[gate]}: {verdict} ({len(results)} expectations, "
            f"{len(critical)} critical failed, {len(warnings)} warnings)"
        )
        for mark, failures in (("x", critical), ("!", warnings)):
            for failure in failures:
                yield from _wrapped(f"{mark} {describe(failure)}", indent=4)
        for item in night.steps[gate].get("violations") or []:
            place = f"{item.get('table')}.{item.get('column')}"
            yield f"    x personal data: {place}: {item.get('kind')}, {item.get('count')} rows"


def _tests(night: Night) -> Iterator[str]:
    build = night.steps.get("build")
    if not build:
        return
    failed: Sequence[object] = build.get("failed_tests") or []
    yield f"  dbt: {_count(build.get('models'))} models, {_count(build.get('tests'))} tests, {len(failed)} failed"
    for name in failed:
        yield from _wrapped(f"x {name}", indent=4)


def _places(night: Night, current_release: str | None, home: Home) -> Iterator[str]:
    told = "published now" if night.outcome == "published" else "stays"
    yield f"  release  {current_release or 'none yet'}" + (f" ({told})" if current_release else "")
    if current_release:
        yield f"  marts    {home.current_marts}"
    yield f"  reports  {home.reports / 'index.html'}"


def _seconds(night: Night) -> Iterator[str]:
    steps = night.seconds()
    if steps:
        told = " · ".join(f"{name} {seconds:.1f}" for name, seconds in steps)
        yield from _wrapped(f"seconds  {told} · sum {sum(seconds for _, seconds in steps):.1f}", indent=2, hang=9)


def describe(failure: Step) -> str:
    """A failed expectation in a line: where, what was promised, and the number observed (never another value)."""
    where = ".".join(str(part) for part in (failure.get("table"), failure.get("column")) if part)
    promise = failure.get("description_en") or failure.get("expectation") or "an unnamed expectation"
    observed = failure.get("observed")
    number = f" (observed: {observed})" if isinstance(observed, int | float) and not isinstance(observed, bool) else ""
    return f"{where}: {promise}{number}"


def _count(value: object) -> object:
    """Steps may give a number or the list itself."""
    return len(value) if isinstance(value, list | tuple | dict) else value if value is not None else "?"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]
    for row in (header, *rows):
        cells: Iterable[str] = (
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  " + "  ".join(cells)


def _wrapped(text: str, indent: int, hang: int = 2) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + hang), break_on_hyphens=False
    )
