"""Histories: what arrived, night by night, as Hypothesis invents it.

A history is small (five people, three regions, two events), so that what it holds meets: slices are sent again, batches
told twice, money retried. Files are made in the order of a story and get their times and nights by chance, so they
arrive in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.differential.invented import (
    AMOUNTS,
    DISTRICTS,
    EVENTS,
    NOBODY,
    PEOPLE,
    PILLARS,
    RATES,
    REGIONS,
    UNKNOWN_ACCOUNTS,
    UNKNOWN_EVENT,
    Invented,
    moment,
)
from tests.harness.compiled import NIGHT
from tests.harness.deliveries import File
from tests.model.states import contradicts_itself
from tests.model.world import Verdict

Row = dict[str, str]
Draw = Callable[[st.SearchStrategy[Any]], Any]

MONTHS = ("2023-11", "2023-12", "2024-01", "2024-02")
BATCHES = ("SP2D-1", "SP2D-2", "SP2D-3")
LATER_STATUS = {
    "PROSES": ("SUKSES", "GAGAL", "RETUR", "PROSES"),
    "SUKSES": ("SUKSES", "RETUR"),
    "GAGAL": ("GAGAL", "SUKSES"),
    "RETUR": ("RETUR",),
}
"""What a later statement makes of a transfer; GAGAL → SUKSES is against the rules and happens."""


@dataclass(frozen=True)
class Night:
    """Files taken in one night, in no order, and verdicts on what the nights before had found."""

    files: tuple[File, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class History:
    """What arrived, by the night that took it."""

    nights: tuple[Night, ...]

    @property
    def files(self) -> tuple[File, ...]:
        return tuple(file for night in self.nights for file in night.files)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return tuple(verdict for night in self.nights for verdict in night.verdicts)


@st.composite
def histories(draw: Draw) -> History:
    """A whole history in one to three nights, and one more if a steward decided on something."""
    rosters = _rosters(draw)
    files = [*_events(draw), *rosters, *_bank(draw, rosters), *_premiums(draw, rosters)]
    files += _repeated(draw, files)
    nights = over_nights(draw, files, _of(draw, (1, 1, 1, 1, 2, 3)))
    decided = _verdicts(draw, files)
    return History((*nights, Night(verdicts=tuple(decided))) if decided else nights)


@st.composite
def histories_with_narrow_nights(draw: Draw) -> History:
    """What the bank sends comes last, a file a night: nights that renew the tables of money in part."""
    files = [file for night in draw(histories()).nights for file in night.files]
    bank = [file for file in files if file.feed == "disbursements"]
    others = tuple(file for file in files if file.feed != "disbursements")
    return History((Night(others), *(Night((file,)) for file in draw(st.permutations(bank)))))


def over_nights(draw: Draw, files: Sequence[File], count: int) -> tuple[Night, ...]:
    """The files over so many nights by chance, whatever their times say."""
    nights: list[list[File]] = [[] for _ in range(count)]
    for file in files:
        nights[_of(draw, range(count))].append(file)
    return tuple(Night(tuple(taken)) for taken in nights)


def _verdicts(draw: Draw, files: Sequence[File]) -> list[Verdict]:
    """Verdicts on rows that a rule quarantines: waived for good, for a time, or taken back by a later word."""
    broken = [
        (rule, file, number)
        for file in files
        for number, row in enumerate(file.rows)
        for rule in (
            *(("NIK_LENGTH",) if file.feed == "rosters" and len(row["nik"]) != 16 else ()),
            *(("CONTROL_TOTAL_DIFFERS",) if file.feed == "disbursements" and contradicts_itself(file) else ()),
        )
    ]
    if not broken or not _chance(draw, 6):
        return []
    decided = []
    for number in range(_of(draw, (1, 2, 3))):
        rule, file, place = _of(draw, broken)
        verdict = _of(draw, ("waive", "waive", "waive", "corrected"))
        until = _of(draw, (None, None, NIGHT, NIGHT - timedelta(days=1)))
        order = (moment(_of(draw, (150, 151))), "verdicts", number)
        decided.append(Verdict(rule, file, place, verdict, until if verdict == "waive" else None, order))
    return decided


def _of(draw: Draw, choices: Sequence[Any]) -> Any:
    return draw(st.sampled_from(choices))


def _chance(draw: Draw, of_ten: int) -> bool:
    return bool(draw(st.integers(0, 9)) < of_ten)


def _file(draw: Draw, feed: str, number: int, rows: Sequence[Row], controls: Mapping[str, str] | None = None) -> File:
    """Rows at a time by chance; several a day, so that days have an order within."""
    at = moment(_of(draw, (0, 1, 9, 31, 32, 70, 120)), _of(draw, range(20)))
    return File(feed, f"{feed}-{number}.csv", at, rows, controls or {})


def _repeated(draw: Draw, files: Sequence[File]) -> list[File]:
    """The same bytes again: under another name, or under the same name at another time."""
    again = [_of(draw, files) for _ in range(_of(draw, (0, 0, 1, 2)))]
    return [
        replace(
            file,
            name=file.name if _chance(draw, 5) else f"copy {number} of {file.name}",
            modified=moment(_of(draw, (0, 40, 130)), _of(draw, range(20))),
        )
        for number, file in enumerate(again)
    ]


# --- events -----------------------------------------------------------------------------------------------------


def _events(draw: Draw) -> list[File]:
    files = []
    for event in EVENTS:
        for _ in range(_of(draw, (0, 1, 1, 1, 2))):
            rows = [_event_row(draw, event) for _ in range(_of(draw, (1, 2, 4)))]
            if _chance(draw, 7):
                amount = _of(draw, AMOUNTS)
                rows += [_promise(event, region, amount) for region in REGIONS]
            if _chance(draw, 5):
                cover = {"benefit": "BPJS_TK", "months": _of(draw, ("1", "2")), "starts_on": _of(draw, MONTHS[:2])}
                rows += [_promise(event, region, RATES[0]) | cover for region in REGIONS]
            if rows not in [file.rows for file in files]:
                files.append(_file(draw, "events", len(files), rows))
    return files


def _promise(event: str, region: str, amount: str) -> Row:
    name, day = EVENTS[event]
    row = {"event": event, "event_name": name, "event_date": day, "region": region, "pillar": "PKH"}
    return row | {"benefit": "TALI_ASIH", "amount_idr": amount}


def _event_row(draw: Draw, event: str) -> Row:
    row = _promise(event, _of(draw, REGIONS[:2]), "0" if draw(st.integers(0, 19)) == 19 else _of(draw, AMOUNTS))
    row["pillar"] = _of(draw, PILLARS[:2])
    if _chance(draw, 4):
        row |= {"benefit": "BPJS_TK", "amount_idr": RATES[0]}
        row |= {"months": _of(draw, ("1", "3")), "starts_on": _of(draw, MONTHS[:3])}
    return row


# --- rosters ----------------------------------------------------------------------------------------------------


def _rosters(draw: Draw) -> list[File]:
    files: list[File] = []
    for number in range(_of(draw, (1, 2, 3, 4, 5))):
        if files and _chance(draw, 5):
            rows = _corrected(draw, _of(draw, files).rows)
        else:
            kind = _of(draw, ("event", "month", "standing"))
            when = {"event": {"event": _of(draw, tuple(EVENTS))}, "month": {"month": _of(draw, MONTHS[:2])}}.get(
                kind, {}
            )
            rows = [_roster_row(draw, person, when) for person in PEOPLE if _chance(draw, 6)]
        if rows:
            files.append(_file(draw, "rosters", number, rows))
    return files


def _roster_row(draw: Draw, person: Invented, when: Row) -> Row:
    region = _of(draw, (REGIONS[0], REGIONS[0], REGIONS[1], REGIONS[2]))
    row = {
        "nik": person.nik,
        "name": person.name,
        "sex": person.sex,
        "birth_date": person.birth_date,
        "pillar": _of(draw, ("PKH", "PKH", "TAGANA", "TKSK")),
        "region": region,
        "account_no": person.accounts[0],
        **when,
    }
    return _varied(draw, row, person)


def _varied(draw: Draw, row: Row, person: Invented) -> Row:
    """What happens to rows: another account, an account of somebody else, no longer active, a broken NIK …"""
    row = dict(row)
    match draw(st.integers(0, 11)):
        case 0:
            row["account_no"] = person.accounts[1]
        case 1:
            row["account_no"] = _of(draw, PEOPLE).accounts[0]
        case 2:
            row["status"] = "NONAKTIF"
        case 3 if "account_no" in row:
            row["nik"] = person.nik[:14]
        case 4 | 5:
            row["bpjs_no"] = _of(draw, (person.bpjs_no, person.bpjs_no, PEOPLE[0].bpjs_no))
        case 6 if DISTRICTS[row["region"]]:
            row["district"] = _of(draw, tuple(DISTRICTS[row["region"]]))
        case 7 if row["nik"] == person.nik:
            row.pop("account_no", None)
    return row


def _corrected(draw: Draw, rows: Sequence[Mapping[str, str]]) -> list[Row]:
    """The same roster sent again: rows left out, changed, or as they were; a month later it is the next month's."""
    person_of = {person.name: person for person in PEOPLE}
    kept = [dict(row) for row in rows if _chance(draw, 7)]
    changed = [_varied(draw, row, person_of[row["name"]]) if _chance(draw, 3) else row for row in kept]
    if changed and "month" in changed[0] and _chance(draw, 5):
        changed = [{**row, "month": "2023-12"} for row in changed]
    return changed


# --- the bank ---------------------------------------------------------------------------------------------------


def _bank(draw: Draw, rosters: Sequence[File]) -> list[File]:
    on_rosters = [
        (row["account_no"], row["name"], row.get("event"))
        for file in rosters
        for row in file.rows
        if "account_no" in row and row["pillar"] == "PKH"
    ]
    files: list[File] = []
    for number in range(_of(draw, (0, 1, 2, 3, 4))):
        step = draw(st.integers(0, 9))
        if files and step < 4:
            rows = [_settled(draw, row) for row in _of(draw, files).rows if not _chance(draw, 1)]
        elif files and step < 8:
            rows = _retries(draw, [row for file in files for row in file.rows], number)
        else:
            batch = _of(draw, BATCHES)
            rows = [_transfer(draw, f"R-{number}{place}", batch, on_rosters) for place in range(_of(draw, (2, 3, 5)))]
        if rows:
            files.append(_file(draw, "disbursements", number, rows, _controls(draw, rows)))
    return files


def _transfer(draw: Draw, reference: str, batch: str, on_rosters: Sequence[tuple[str, str, str | None]]) -> Row:
    """An instruction, mostly for what a roster says; else to anybody's or nobody's account."""
    if on_rosters and _chance(draw, 7):
        account, holder, event = _of(draw, on_rosters)
    else:
        person, event = _of(draw, PEOPLE), None
        account, holder = _of(draw, (*person.accounts, *UNKNOWN_ACCOUNTS)), person.name
    row = {
        "reference_no": reference,
        "batch": batch,
        "event": _event_text(draw, event),
        "benefit": "TALI_ASIH",
        "instructed_on": _of(draw, ("2023-11-21", "2023-11-21", "2023-11-28", "2024-02-11")),
        "account_no": account,
        "account_name": _of(draw, PEOPLE).name if _chance(draw, 2) else holder,
        "amount_idr": "0" if draw(st.integers(0, 29)) == 29 else _of(draw, ("1000000", "1000000", "500000", "400000")),
        "status": _of(draw, ("PROSES", "SUKSES", "SUKSES", "GAGAL", "RETUR")),
    }
    return _with_reason(row)


def _event_text(draw: Draw, event: str | None) -> str:
    """Mostly the code; now and then the name, or an event that no file names."""
    text = event or _of(draw, tuple(EVENTS))
    match draw(st.integers(0, 11)):
        case 0:
            return EVENTS[text][0]
        case 1:
            return UNKNOWN_EVENT
    return str(text)


def _with_reason(row: Row) -> Row:
    row.pop("reason_code", None)
    return {**row, "reason_code": "U183"} if row["status"] in ("GAGAL", "RETUR") else row


def _settled(draw: Draw, row: Mapping[str, str]) -> Row:
    """What a later statement says of a transfer; now and then in another batch, or of another amount."""
    said = {**row, "status": _of(draw, LATER_STATUS[row["status"]])}
    if draw(st.integers(0, 9)) == 9:
        said["batch"] = _of(draw, BATCHES)
    if draw(st.integers(0, 19)) == 19:
        said["amount_idr"] = _of(draw, AMOUNTS)
    return _with_reason(said)


def _retries(draw: Draw, known: Sequence[Mapping[str, str]], number: int) -> list[Row]:
    """Transfers sent again: to the same account, the changed one or a wrong one; the bank may forget to say so."""
    batch, rows = _of(draw, BATCHES), []
    person_of = {account: person for person in PEOPLE for account in person.accounts}
    for place in range(_of(draw, (1, 2, 3))):
        original = _of(draw, known)
        person = person_of.get(original["account_no"])
        accounts = (original["account_no"], *((person.accounts[1],) if person else ()), *UNKNOWN_ACCOUNTS)
        row = {
            **original,
            "reference_no": f"R-{number}{place}",
            "batch": batch,
            "account_no": _of(draw, accounts),
            "instructed_on": _of(draw, (original["instructed_on"], "2023-12-05", "2024-02-20")),
            "status": _of(draw, ("SUKSES", "SUKSES", "GAGAL", "RETUR", "PROSES")),
        }
        row.pop("retry_of", None)
        if _chance(draw, 6):
            row["retry_of"] = original["reference_no"]
        if draw(st.integers(0, 9)) == 9:
            row["account_name"] = _of(draw, PEOPLE).name
        rows.append(_with_reason(row))
    return rows


def _controls(draw: Draw, rows: Sequence[Row]) -> dict[str, str]:
    """Control lines, seldom; some of them contradict the rows."""
    match draw(st.integers(0, 11)):
        case 0:
            return {"transaction_count": str(len(rows)), "total_idr": str(sum(int(row["amount_idr"]) for row in rows))}
        case 1:
            return {"total_idr": str(sum(int(row["amount_idr"]) for row in rows) + 1)}
        case 2:
            return {"transaction_count": str(len(rows) + 1)}
    return {}


# --- premiums ---------------------------------------------------------------------------------------------------


def _premiums(draw: Draw, rosters: Sequence[File]) -> list[File]:
    listed = {row["name"] for file in rosters for row in file.rows}
    people = [person for person in PEOPLE if person.name in listed] or list(PEOPLE)
    files = []
    for number in range(_of(draw, (0, 1, 2, 3))):
        region = _of(draw, ("", "", *REGIONS[:2]))
        rows = [_premium(draw, region, people) for _ in range(_of(draw, (1, 3, 5)))]
        files.append(_file(draw, "premiums", number, rows))
    return files


def _premium(draw: Draw, region: str, people: Sequence[Invented]) -> Row:
    person = _of(draw, people)
    number = {"bpjs_no": person.bpjs_no}
    member = {
        "nik": {"nik": person.nik},
        "number": number,
        "both": {"nik": person.nik, "name": person.name, **number},
        "stranger": {"nik": NOBODY.nik, "name": NOBODY.name, **number},
        "mistyped": {"nik": NOBODY.nik, "name": person.name, **number},
        "nobody": {"bpjs_no": NOBODY.bpjs_no},
    }
    return {
        **member[_of(draw, ("nik", "nik", "nik", "number", "number", "both", "stranger", "mistyped", "nobody"))],
        "month": _of(draw, MONTHS),
        "program": "JKK+JKM",
        "amount_idr": _of(draw, RATES),
        "status": _of(draw, ("LUNAS", "LUNAS", "LUNAS", "TUNGGAK")),
        **({"region": region} if region else {}),
    }
