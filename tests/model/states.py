"""Rows: which rules quarantine them, which slice they belong to, what became of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.harness.deliveries import File
from tests.model.world import Line, Verdict

PROVINCES = re.compile(r"1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-6]")


@dataclass(frozen=True)
class Judged:
    """A row with its state. A superseded row may be quarantined too."""

    line: Line
    slice: Hashable
    quarantined: bool
    superseded: bool

    @property
    def accepted(self) -> bool:
        return not self.quarantined and not self.superseded


def judge(
    rows: Sequence[Line],
    slice_of: Callable[[Line], Hashable],
    errors_of: Callable[[Line], set[str]],
    waived: Callable[[Line, str], bool],
) -> list[Judged]:
    """Section *Rows* of the page: the newest file that holds a slice has it; an error quarantines unless waived."""
    holder = {}
    for line in sorted(rows, key=lambda line: line.order):
        holder[slice_of(line)] = line.delivery.order
    return [
        Judged(
            line,
            slice_of(line),
            quarantined=any(not waived(line, rule) for rule in errors_of(line)),
            superseded=holder[slice_of(line)] != line.delivery.order,
        )
        for line in rows
    ]


def waivers(verdicts: Iterable[Verdict], today: date) -> Callable[[Line, str], bool]:
    """Whether a waiver in force names this rule of this row: the newest verdict counts, through its last day."""
    newest: dict[Hashable, Verdict] = {}
    for verdict in sorted(verdicts, key=lambda verdict: verdict.order):
        newest[_matter(verdict.rule, verdict.file, verdict.file.rows[verdict.number])] = verdict
    in_force = {
        matter
        for matter, verdict in newest.items()
        if verdict.verdict == "waive" and (verdict.expires_on is None or verdict.expires_on >= today)
    }
    return lambda line, rule: _matter(rule, line.delivery.file, line.cells) in in_force


def roster_slice(line: Line) -> Hashable:
    when = ("event", line.cell("event")) if line.cell("event") else ("month", line.cell("month"))
    return (*when, line.cell("region"), line.cell("pillar"))


def roster_errors(line: Line) -> set[str]:
    nik = line.cell("nik")
    errors = set()
    if not nik:
        errors.add("NIK_MISSING")
    elif len(nik) != 16:
        errors.add("NIK_LENGTH")
    elif not PROVINCES.match(nik):
        errors.add("NIK_REGION_UNKNOWN")
    if not line.cell("name"):
        errors.add("NAME_MISSING")
    return errors


def transfer_errors(line: Line) -> set[str]:
    """A file that contradicts itself breaks the rule with each of its rows."""
    errors = set()
    if amount(line) <= 0:
        errors.add("TRANSFER_AMOUNT_INVALID")
    if contradicts_itself(line.delivery.file):
        errors.add("CONTROL_TOTAL_DIFFERS")
    return errors


def contradicts_itself(file: File) -> bool:
    """Whether the control lines say another number of rows or another sum."""
    total = sum((Decimal(row.get("amount_idr") or 0) for row in file.rows), Decimal(0))
    true = {"transaction_count": Decimal(len(file.rows)), "total_idr": total}
    return any(Decimal(stated) != true[name] for name, stated in file.controls.items())


def premium_errors(line: Line) -> set[str]:
    errors = set()
    if not line.cell("amount_idr"):
        errors.add("PREMIUM_AMOUNT_INVALID")
    if line.cell("status") not in ("LUNAS", "TUNGGAK"):
        errors.add("PREMIUM_STATUS_UNKNOWN")
    if not line.cell("nik") and not line.cell("bpjs_no"):
        errors.add("PREMIUM_MEMBER_MISSING")
    return errors


def event_errors(line: Line) -> set[str]:
    return {"EVENT_AMOUNT_INVALID"} if amount(line) <= 0 else set()


def amount(line: Line) -> Decimal:
    return Decimal(line.cell("amount_idr") or 0)


def newest_statements(judged: Iterable[Judged]) -> list[Judged]:
    """Accepted transfers, each reference once: the newest statement counts, the rest are superseded."""
    by_reference: dict[str, list[Judged]] = defaultdict(list)
    for row in judged:
        if row.accepted:
            by_reference[row.line.cell("reference_no")].append(row)
    return [max(rows, key=lambda row: row.line.order) for rows in by_reference.values()]


def _matter(rule: str, file: File, cells: Mapping[str, str]) -> Hashable:
    """What a verdict is about: the values of a row, or, if the file contradicts itself, those of all its rows."""
    if rule == "CONTROL_TOTAL_DIFFERS":
        rows = sorted(tuple(sorted(row.items())) for row in file.rows)
        return (rule, file.feed, tuple(rows), tuple(sorted(file.controls.items())))
    return (rule, file.feed, frozenset(cells.items()))
