"""Which states of the page a history reaches: what a proof is worth depends on what it has met."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tests.differential.histories import History
from tests.harness.compiled import NIGHT
from tests.model.money import Attempt
from tests.model.reckon import Reckoned
from tests.model.states import contradicts_itself

LEAST = {
    **dict.fromkeys(("PAID", "UNPAID", "NOT_ENTITLED", "OVERPAID", "UNDERPAID", "PENDING", "FAILED", "RETURNED"), 5),
    **dict.fromkeys(("cover COVERED", "cover GAP", "cover UNCOVERED", "cover NOT_ENTITLED"), 5),
    **dict.fromkeys(("left", "moved region", "changed pillar", "no longer active"), 3),
    "came back": 1,
    **dict.fromkeys(("retry stated", "retry matched", "returned, then paid", "failed, then paid"), 3),
    **dict.fromkeys(("retry counted at a new account", "retry to an account of nobody"), 3),
    **dict.fromkeys(
        ("account of two people", "account by an earlier roster", "unknown event", "reference repeated"), 5
    ),
    **dict.fromkeys(("file contradicts itself", "waived", "waiver run out", "person without NIK"), 3),
    **dict.fromkeys(("same bytes again", "later night, earlier file", "slice sent again"), 50),
}
"""In how many of 500 histories each state must at least be met."""


def states(history: History, reckoned: Reckoned) -> set[str]:
    """The states of :data:`LEAST` that this history reaches."""
    return {*_of_people(reckoned), *_of_money(history, reckoned), *_of_deliveries(history)}


def _of_people(reckoned: Reckoned) -> Iterator[str]:
    for before, after in pairwise(reckoned.participants):
        if before.participant_id != after.participant_id:
            continue
        if after.said.status == "KELUAR":
            yield "left"
        elif before.said.status == "KELUAR":
            yield "came back"
        if before.said.region != after.said.region:
            yield "moved region"
        if before.said.pillar != after.said.pillar:
            yield "changed pillar"
    if any(version.said.status == "NONAKTIF" for version in reckoned.participants):
        yield "no longer active"
    yield from (f"cover {row.outcome}" for row in reckoned.coverage)


def _of_money(history: History, reckoned: Reckoned) -> Iterator[str]:
    yield from (row.outcome for row in reckoned.reconciliation)
    on_rosters = {row.get("account_no") for file in history.files if file.feed == "rosters" for row in file.rows}
    account = {
        row["reference_no"]: row["account_no"]
        for file in history.files
        if file.feed == "disbursements"
        for row in file.rows
    }
    by_reference = {attempt.reference_no: attempt for attempt in reckoned.transfers}
    for attempt in reckoned.transfers:
        yield from _of_retry(attempt, by_reference.get(attempt.retry_of or ""))
        if account[attempt.reference_no] not in on_rosters and attempt.retry_of and not attempt.is_matched:
            person = attempt.payee.participant_id
            yield "retry counted at a new account" if person else "retry to an account of nobody"
        if attempt.event not in {row.event for row in reckoned.reconciliation if row.entitled}:
            yield "unknown event"
    yield from _of_accounts(history, reckoned, account)


def _of_retry(attempt: Attempt, original: Attempt | None) -> Iterator[str]:
    if attempt.is_matched:
        yield "retry matched"
    elif attempt.retry_of:
        yield "retry stated"
    if original and attempt.status == "SUKSES" and original.payee == attempt.payee:
        if original.status == "RETUR":
            yield "returned, then paid"
        elif original.status == "GAGAL":
            yield "failed, then paid"


def _of_accounts(history: History, reckoned: Reckoned, account: dict[str, str]) -> Iterator[str]:
    rows = [row for file in history.files if file.feed == "rosters" for row in file.rows]
    holders = {(row["account_no"], row["name"]) for row in rows if "account_no" in row}
    paid = {account[attempt.reference_no] for attempt in reckoned.transfers if attempt.payee.participant_id}
    names = {number: {name for known, name in holders if known == number} for number in paid}
    if any(len(of_one) > 1 for of_one in names.values()):
        yield "account of two people"
    rosters = sorted((file for file in history.files if file.feed == "rosters"), key=lambda file: file.modified)
    if rosters and paid - {row.get("account_no") for row in rosters[-1].rows}:
        yield "account by an earlier roster"


def _of_deliveries(history: History) -> Iterator[str]:
    taken = [(number, file) for number, night in enumerate(history.nights) for file in night.files]
    if len({file.sha256 for file in history.files}) < len(history.files):
        yield "same bytes again"
    if any(a < b and one.modified > other.modified for a, one in taken for b, other in taken):
        yield "later night, earlier file"
    slices = [
        {(row.get("event"), row.get("month"), row["region"], row["pillar"]) for row in file.rows}
        for file in history.files
        if file.feed == "rosters"
    ]
    if any(one & other for number, one in enumerate(slices) for other in slices[number + 1 :]):
        yield "slice sent again"
    bank = [file for file in history.files if file.feed == "disbursements"]
    if any(contradicts_itself(file) for file in bank):
        yield "file contradicts itself"
    references = [{row["reference_no"] for row in file.rows} for file in bank]
    if any(one & other for number, one in enumerate(references) for other in references[number + 1 :]):
        yield "reference repeated"
    for verdict in history.verdicts:
        if verdict.verdict == "waive":
            runs_out = verdict.expires_on is not None and verdict.expires_on < NIGHT
            yield "waiver run out" if runs_out else "waived"
            if verdict.rule == "NIK_LENGTH" and not runs_out:
                yield "person without NIK"
