"""README.md, expected.json and deliveries.csv, all from the same story, so that they cannot drift apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from pilar.samples.model import EVENT_CODE, TALI_ASIH_IDR, Delivery, Trap
from pilar.samples.story import Story


def pages(story: Story) -> dict[str, bytes]:
    """File name → content."""
    expected = expectation(story)
    return {
        "README.md": readme(story, expected).encode(),
        "expected.json": (json.dumps(expected, ensure_ascii=False, indent=1) + "\n").encode(),
        "deliveries.csv": deliveries_csv(story).encode(),
    }


def deliveries_csv(story: Story) -> str:
    """``file,delivered_at``: file relative to samples/, time in UTC."""
    lines = [f'"{d.path}",{d.delivered_at.isoformat()}' for d in story.deliveries]
    return "\n".join(["file,delivered_at", *lines]) + "\n"


def expectation(story: Story) -> dict[str, Any]:
    """What a first night over the samples must come to."""
    pillars = Counter(person.pillar for person in story.people)
    regions = Counter(person.region for person in story.people)
    return {
        "files": [_file(delivery) for delivery in story.deliveries],
        "findings": [
            _finding(delivery, trap) for delivery in story.deliveries for trap in delivery.traps if trap.rule_code
        ],
        "totals": {
            "people": len(story.people),
            "versions": len(story.people) + 1,  # one of them moved
            "by_pillar": dict(sorted(pillars.items())),
            "by_region": dict(sorted(regions.items())),
            "entitled_idr": {EVENT_CODE: {"TALI_ASIH": len(story.people) * TALI_ASIH_IDR}},
            "transfers": {
                "attempts": story.log.attempts,
                "further_attempts": story.log.further_attempts,
                "lives": story.log.lives,
                "paid_idr": story.log.paid_idr,
                "reconciliation": story.log.outcomes,
            },
            "premiums": {
                "people": story.cover.people,
                "months_expected": 12 * story.cover.people,
                "months_covered": story.cover.months_covered,
                "people_covered_all_year": story.cover.people - len(story.cover.gaps),
                "people_with_gaps": sum(len(months) < 12 for months in story.cover.gaps.values()),
                "people_never_covered": sum(len(months) == 12 for months in story.cover.gaps.values()),
                "gap_months": sorted(story.cover.gaps.values()),
            },
        },
    }


def _file(delivery: Delivery) -> dict[str, Any]:
    return {
        "path": delivery.path,
        "feed": delivery.feed,
        "file_name": delivery.file_name,
        "state": delivery.state,
        "rows_read": delivery.rows_read,
        "rows_accepted": delivery.rows_accepted,
        "rows_quarantined": delivery.rows_quarantined,
        "rows_superseded": delivery.rows_superseded,
        "rule": delivery.rule,
    }


def _finding(delivery: Delivery, trap: Trap) -> dict[str, Any]:
    return {
        "feed": delivery.feed,
        "file_name": delivery.file_name,
        "sheet": trap.sheet,
        "source_row": trap.source_row,
        "rule_code": trap.rule_code,
        "state": trap.state,
    }


def readme(story: Story, expected: dict[str, Any]) -> str:
    totals = expected["totals"]
    parts = [
        _INTRODUCTION,
        "## Files\n",
        "In the order of delivery. *accepted + quarantined + superseded = read* holds for each.\n",
        _table(
            ["file", "what", "state", "read", "accepted", "quarantined", "superseded"],
            [
                [
                    f"`{d.path}`",
                    d.about,
                    f"{d.state} ({d.rule})" if d.rule else d.state,
                    d.rows_read,
                    d.rows_accepted,
                    d.rows_quarantined,
                    d.rows_superseded,
                ]
                for d in story.deliveries
            ],
        ),
        _FILE_NOTES,
        "## Traps\n",
        "Every finding that a first night must make, and no other. *Quarantined* rows count nowhere else.\n",
        _table(
            ["file", "sheet", "row", "rule", "what", "result"],
            [row for d in story.deliveries for row in _trap_rows(d)],
        ),
        "## Totals\n",
        _table(["what", "must be"], _total_rows(totals)),
        _NOTES,
    ]
    return "\n".join(parts)


def _total_rows(totals: dict[str, Any]) -> list[list[object]]:
    transfers, cover = totals["transfers"], totals["premiums"]
    return [
        ["people in `dim_participant` (current)", f"{totals['people']:,}"],
        ["… their versions", f"{totals['versions']:,}"],
        *[[f"… {pillar}", f"{count:,}"] for pillar, count in totals["by_pillar"].items()],
        *[[f"… in {region}", f"{count:,}"] for region, count in totals["by_region"].items()],
        ["entitled, `TALI_ASIH`", f"Rp {totals['entitled_idr'][EVENT_CODE]['TALI_ASIH']:,}"],
        ["transfer attempts that count", f"{transfers['attempts']:,}"],
        ["… of them second ones", f"{transfers['further_attempts']:,}"],
        ["paid by them", f"Rp {transfers['paid_idr']:,}"],
        *[[f"reconciliation: {name}", f"{count:,}"] for name, count in transfers["reconciliation"].items()],
        *[[f"life in batch SP2D-0451: {life}", f"{count:,}"] for life, count in transfers["lives"].items()],
        ["people entitled to cover", f"{cover['people']:,}"],
        ["… covered all twelve months", f"{cover['people_covered_all_year']:,}"],
        ["… with gaps", cover["people_with_gaps"]],
        ["… never covered", cover["people_never_covered"]],
        ["member-months covered", f"{cover['months_covered']:,}"],
        ["gap months", "; ".join(", ".join(months) for months in cover["gap_months"])],
    ]


def _trap_rows(delivery: Delivery) -> list[list[object]]:
    """Traps of one rule and cause in one line, rows as ranges."""
    rows: list[list[object]] = []
    for (sheet, rule, what), group in groupby(delivery.traps, key=lambda t: (t.sheet, t.rule_code, t.what)):
        traps = list(group)
        numbers = [trap.source_row for trap in traps if trap.source_row is not None]
        place = "whole file" if not numbers else _range(numbers)
        rows.append(
            [f"`{delivery.path}`", sheet or "", place, f"`{rule}`" if rule else "", what, _result(traps[0], delivery)]
        )
    return rows


def _range(numbers: list[int]) -> str:
    """`7–106` of rows that follow one another, else each."""
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]}–{numbers[-1]}"
    return ", ".join(map(str, numbers))


def _result(trap: Trap, delivery: Delivery) -> str:
    if delivery.state == "rejected":
        return "file rejected"
    if trap.superseded:
        return "superseded, finding corrected"
    if trap.rule_code is None:
        return "accepted, no finding"
    if trap.quarantines:
        return "quarantined"
    return f"{delivery.state}, finding" + (f" {trap.decided}" if trap.decided else "")


def _table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


_INTRODUCTION = """\
# Samples

A small landing folder: the tali asih event of Bakorwil Bojonegoro on 20 November 2023 as it would really arrive.
All people are invented: a NIK here has a real district code and a valid birth date, but a serial from 9001 on, which
registers practically never reach. The poverty figures are BPS's.

Written by `python -m pilar.samples write`, byte for byte the same each time; do not edit by hand. `make nightly` lays
a copy into an empty landing folder, each file with the time of its delivery (`deliveries.csv`), so that later files
supersede earlier ones. `expected.json` says the same as this page, for tests.
"""

_FILE_NOTES = """\
Rows of `poverty` are figures: a printed cell with a value (`...` is none). A `duplicate` brings no rows. A rejected
file has none.
"""

_NOTES = """\
## Rules behind the totals

How people and money are reckoned stands in [docs/reckoning.md](../docs/reckoning.md). Here:

* The slice of a roster row is (event, else month, else standing) × kab/kota × pillar; a later file with the same
  slice supersedes. Kab. Bojonegoro delivered twice; nobody else did.
* Kota Mojokerto sent a standing roster, Kab. Nganjuk one of month 2023-11; both entitle at the event of
  20 November 2023.
* Each person counts once, also who stands in two rows: twice in Lamongan's roster, in two rosters under two spellings
  or two NIKs, in two pillars, in the roster of the kab/kota that she has left. Two namesakes born on one day are two
  people; twins with almost one name and one telephone are so until a steward says otherwise. Whom only Bojonegoro's
  first list names counts nowhere, though the bank paid.
* `PERSON_DUPLICATE` stands at the second row. To stand in a standing roster and in one of an event is no mistake.
  `PREMIUM_PAID_TWICE` stands at the first row of the month.
* NOT_ENTITLED are: an account of nobody, an account in another name, somebody who is on no valid roster, and a transfer
  for an event that no events file names.
* UNPAID are: the two whom the bank was never told to pay, the one without an account, the one whose account lost its
  zero in a numeric cell, and the three of batch SP2D-0479, whose only transfers are quarantined.
* A month is covered when a premium is LUNAS; one in arrears (TUNGGAK) is a gap.
* The `decisions` file decides on a district and on a reference: the keys of such findings are the same in every home.
  A verdict on two people (`same_person`, `different_person`) cannot be shipped: its key hangs on their pseudonyms, and
  each home has a pseudonym key of its own. Try one by hand on the twins.

[One returned transfer](../docs/worked-example.md) is followed through these files, from the bank's log to the second
payment.
"""
