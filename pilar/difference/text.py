"""A difference as an answer on a terminal or in a pipe. Says in English what :mod:`.compare` found."""

from __future__ import annotations

from collections.abc import Iterator

from pilar.difference.model import Difference, Listing, Section
from pilar.showing import Block, Heading, Line, Table

_TITLES = {
    "files": "Files",
    "people": "People",
    "money": "Rupiah by event and benefit",
    "outcomes": "Outcomes of payees",
    "transfers": "Transfers",
    "cover": "Cover",
    "figures": "Poverty figures",
    "claims": "Public claims",
    "findings": "Findings",
    "tables": "Tables",
}
_LISTINGS = {
    ("files", "came"): "files that came",
    ("files", "corrections"): "later deliveries that took rows which the release before still counted",
    ("files", "counted_anew"): "files whose rows count otherwise now",
    ("files", "moved"): "what the files that came have moved",
    ("people", "counts"): "kinds of change",
    ("people", "examples"): "changes of people",
    ("money", "by_event"): "events and benefits in which rupiah moved",
    ("outcomes", "counts"): "kinds of change",
    ("outcomes", "payees"): "payees",
    ("transfers", "counts"): "kinds of change (- before: new; - after: withdrawn)",
    ("transfers", "examples"): "transfers",
    ("cover", "by_year"): "years in which cover moved",
    ("cover", "people"): "people by year",
    ("figures", "counts"): "kinds of change",
    ("figures", "revised"): "figures revised",
    ("figures", "added"): "figures added",
    ("figures", "removed"): "figures gone",
    ("figures", "kept_beside"): "older publications kept beside the newest",
    ("claims", "verdicts"): "claims recomputed otherwise",
    ("findings", "counts"): "kinds of change",
    ("findings", "examples"): "findings",
    ("tables", "changed"): "tables with other rows or columns",
}
_HIDDEN = {"file_sha256", "corrects_sha256", "claim_text", "claim_text_en", "table_title"}
"""Columns that only programs want; ``--json`` gives them."""


def blocks(difference: Difference) -> Iterator[Block]:
    """The whole answer: what was compared, then section by section counts before examples."""
    yield Heading(f"What changed from release {difference.before} to {difference.after}", level=1)
    for remark in (*difference.overrides, *difference.remarks):
        yield Line(remark.english)
    if not difference.changed:
        yield Line("Nothing changed.")
    for section in difference.sections:
        yield from _section(section)
    quiet = [_TITLES[section.name] for section in difference.sections if not section.changed and section.listings]
    if quiet and difference.changed:
        yield Heading("Unchanged")
        yield Line(", ".join(quiet))


def _section(section: Section) -> Iterator[Block]:
    if not section.changed and not section.remarks:
        return
    yield Heading(_TITLES[section.name])
    for remark in section.remarks:
        yield Line(remark.english, quiet=True)
    for listing in section.listings:
        if listing.total:
            yield Line(f"{_LISTINGS[section.name, listing.name]}: {listing.total:,}")
            if listing.rows:
                yield _table(listing)


def _table(listing: Listing) -> Table:
    empty = {name for name in listing.columns if all(row[name] in (None, "", []) for row in listing.rows)}
    names = [name for name in listing.columns if name not in _HIDDEN and name not in empty]
    rows = [[_year(name, row[name]) for name in names] for row in listing.rows]
    return Table([name.removesuffix("_idr").replace("_", " ") for name in names], rows, listing.left_out)


def _year(name: str, value: object) -> object:
    """A year is a name, not a quantity."""
    return str(value) if name == "year" else value
