"""A chain as an answer on a terminal or in a pipe; what stewards act on stands in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pilar.explain.model import Chain, Link
from pilar.showing import Block, Fields, Heading, Line, Table

_KINDS = {
    "reference": "Transfer",
    "participant": "Person",
    "account": "Account of nobody on the rosters",
    "finding": "Finding",
    "file": "File",
}
_TITLES = {
    "statements": "What banks said of it, in the order of deliveries",
    "attempts": "Attempts to this payee and their retries",
    "promises": "Promises and the rows they come from",
    "outcomes": "Outcome",
    "versions": "Versions",
    "rosters": "What rosters said, and when Pilar's files said so",
    "transfers": "Transfers",
    "cover": "Cover by year",
    "premiums": "Premiums by file",
    "candidates": "Who may be the same person",
    "rows": "What the release has from this row",
    "about": "Who or what it is about",
    "answers": "What the claim came to, and since which file",
    "files": "The file",
    "findings": "Findings on these rows",
    "decisions": "Verdicts",
    "arrivals": "It came again as",
    "superseded_by": "Files that took rows of it",
    "supersedes": "Files whose rows it took",
    "stands": "What the release has from it",
    "control": "Control of its rupiah",
    "rules": "Findings by rule",
}
_HIDDEN = {"file_sha256", "promise_file_sha256", "feed", "submitter", "received_at"}
"""Columns of tables that only programs want; ``--json`` gives them."""
_SHORT = {
    "file_name": "file", "source_row": "row", "source_column": "column", "promise_file_name": "promised by",
    "promise_sheet": "promise sheet", "promise_row": "promise row", "region_name": "region",
}  # fmt: skip
_MARKS = {"this_one": "→", "goes_backward": "yes"}
"""Columns that only tell where they hold."""
_TWICE = {
    "meaning": "reason means",
    "advice": "what to do next",
    "message": "what is wrong",
    "fix": "how to mend it",
}
"""Facts told in Bahasa Indonesia and in English."""


def blocks(chain: Chain) -> Iterator[Block]:
    """The whole answer: what the key is, then link by link how that came about."""
    yield Heading(f"{_KINDS[chain.kind]} {chain.key}, as release {chain.release_id} has it", level=1)
    yield Fields(dict(_facts(chain.facts)))
    for link in chain.links:
        yield from _link(link)
    if chain.lacking:
        tables = sorted({name.partition(".")[0] for name in chain.lacking})
        yield Heading("Not known to this release")
        yield Line(f"it is older than, or lacks columns of: {', '.join(tables)}", quiet=True)


def _facts(facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in facts.items():
        stem, _, language = name.rpartition("_")
        if stem in _TWICE:
            if language == "id" and value:
                yield _TWICE[stem], f"{value} / {facts[f'{stem}_en']}"
        elif value is not None:
            yield name.removesuffix("_idr").replace("_", " "), _worded(name, value)


def _link(link: Link) -> Iterator[Block]:
    if link.name not in _TITLES or not (link.rows or link.remark):
        return
    yield Heading(_TITLES[link.name])
    if link.remark:
        yield Line(link.remark, quiet=True)
    if link.rows:
        yield _table(link)


def _table(link: Link) -> Table:
    columns = [
        name
        for name in link.rows[0]
        if name not in _HIDDEN and any(_worded(name, row[name]) not in (None, "", []) for row in link.rows)
    ]
    rows = [[_worded(name, row[name]) for name in columns] for row in link.rows]
    return Table([_SHORT.get(name, name.removesuffix("_idr").replace("_", " ")) for name in columns], rows)


def _worded(name: str, value: Any) -> Any:
    """Numbers that name something (a row, a year) are no quantities."""
    if isinstance(value, int) and name in {"source_row", "promise_row", "first_row", "last_row", "year", "birth_year"}:
        return str(value)
    if name in _MARKS:
        return _MARKS[name] if value else None
    return value
