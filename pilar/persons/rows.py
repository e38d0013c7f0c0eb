"""Which rows of ``raw/`` speak of a person: all deliveries, superseded and quarantined rows too.

A NIK leads to the accounts, member numbers, telephones and names that stand in rows with it, and these to the rows of
the bank, of premiums and of rosters that state no NIK. A number that rows of somebody else state as well is *shared*:
then the name must agree, and the other's rows are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from pilar import duck, raw
from pilar.config import Home
from pilar.contracts import contracts
from pilar.persons.substitutes import account, digits

FEEDS = ("decisions", "disbursements", "premiums", "rosters")
"""Feeds that speak of people, in the order in which they are erased: what leads to the others comes last."""


class UnfitNik(ValueError):
    """What was given is no NIK. The message does not repeat it."""


@dataclass(frozen=True)
class Row:
    """A row as it was delivered."""

    feed: str
    sha256: str
    sheet: str
    source_row: int
    cells: dict[str, str | None] = field(repr=False)


@dataclass(frozen=True)
class Found:
    """What ``raw/`` holds on a person. Values are personal: ``repr`` shows none."""

    nik: str = field(repr=False)
    accounts: frozenset[str] = field(repr=False)
    members: frozenset[str] = field(repr=False)
    phones: frozenset[str] = field(repr=False)
    names: frozenset[str] = field(repr=False)
    shared: frozenset[str] = field(repr=False)
    """Of these numbers and names, those that rows of others state too."""
    rows: tuple[Row, ...] = field(repr=False)

    def places(self) -> dict[tuple[str, str], set[tuple[str, int]]]:
        """By (feed, sha256): sheet and row of each row."""
        found: dict[tuple[str, str], set[tuple[str, int]]] = {}
        for row in self.rows:
            found.setdefault((row.feed, row.sha256), set()).add((row.sheet, row.source_row))
        return found

    def own(self) -> frozenset[str]:
        """Values that only rows of this person state."""
        return (frozenset({self.nik}) | self.accounts | self.members | self.phones | self.names) - self.shared


def fit_nik(text: str) -> str:
    """The 16 digits of a NIK as somebody typed it. Raises :class:`UnfitNik`."""
    found = digits(text)
    if len(found) != 16 or re.search(r"[^\d\s.-]", text.strip()):
        raise UnfitNik("NIK harus 16 angka. / A NIK has 16 digits.")
    return found


def name_words(text: str | None) -> str:
    """A name as it is compared here: its words in capitals, without marks and titles behind a comma."""
    plain = unicodedata.normalize("NFKD", text or "").encode("ascii", "ignore").decode().upper()
    return " ".join(re.findall(r"[A-Z]+", plain.split(",")[0]))


def find(home: Home, nik: str) -> Found:
    """Every row that speaks of the person with this NIK (16 digits)."""
    with duck.connect(home=home) as connection:
        stated = [row.cells for feed in ("rosters", "premiums") for row in _rows(connection, home, feed)]
        own = [cells for cells in stated if digits(cells.get("nik")) == nik]
        accounts = frozenset(filter(None, (account(cells.get("account_no")) for cells in own)))
        members = frozenset(filter(None, (digits(cells.get("bpjs_no")) for cells in own)))
        phones = frozenset(filter(None, (digits(cells.get("phone")).lstrip("0") for cells in own)))
        names = frozenset(
            filter(None, (name_words(cells.get(name)) for cells in own for name in ("name", "account_name")))
        )
        others = [cells for cells in stated if len(other := digits(cells.get("nik"))) == 16 and other != nik]
        shared = frozenset(
            ({account(cells.get("account_no")) for cells in others} & accounts)
            | ({digits(cells.get("bpjs_no")) for cells in others} & members)
            | ({digits(cells.get("phone")).lstrip("0") for cells in others} & phones)
            | ({name_words(cells.get(name)) for cells in others for name in ("name", "account_name")} & names)
        )
        who = Found(nik, accounts, members, phones, names, shared, ())
        rows = [row for feed in FEEDS for row in _rows(connection, home, feed) if _speaks_of(who, row)]
    return Found(nik, accounts, members, phones, names, shared, tuple(rows))


def rows_of(path: Path, feed: str, sha256: str) -> Iterator[Row]:
    """The rows of one Parquet file."""
    with duck.connect() as connection:
        yield from _read(connection, path, feed, sha256)


def _speaks_of(who: Found, row: Row) -> bool:
    cells = row.cells
    if digits(cells.get("nik")) == who.nik:
        return True
    if row.feed == "decisions":
        text, spoken = digits(cells.get("reason")), name_words((cells.get("reason") or "").replace(",", " "))
        numbers = {who.nik} | {number for number in who.own() if number.isdigit() and len(number) >= 9}
        return any(number in text for number in numbers) or any(
            f" {name} " in f" {spoken} " for name in who.names if " " in name
        )
    if len(digits(cells.get("nik"))) == 16:
        return False  # it states somebody else
    named = name_words(cells.get("account_name")) in who.names or name_words(cells.get("name")) in who.names
    number, member = account(cells.get("account_no")), digits(cells.get("bpjs_no"))
    if row.feed == "rosters":
        return number in who.accounts and named
    known = (number in who.accounts, number) if number else (member in who.members, member)
    return known[0] and (named or known[1] not in who.shared)


def _stated(
    connection: duckdb.DuckDBPyConnection, home: Home, feed: str
) -> Iterator[tuple[str, dict[str, str | None]]]:
    for row in _rows(connection, home, feed):
        yield row.sha256, row.cells


def _rows(connection: duckdb.DuckDBPyConnection, home: Home, feed: str) -> Iterator[Row]:
    for receipt in raw.receipts(home):
        path = raw.rows_path(home, receipt)
        if receipt.feed == feed and receipt.state == "read" and path.is_file():
            yield from _read(connection, path, feed, receipt.sha256)


def _read(connection: duckdb.DuckDBPyConnection, path: Path, feed: str, sha256: str) -> Iterator[Row]:
    columns = [column.name for column in contracts()[feed].columns]
    cursor = connection.cursor().execute(
        f"SELECT sheet, source_row, {', '.join(columns)} FROM read_parquet(?)", [str(path)]
    )
    while batch := cursor.fetchmany(10_000):
        for sheet, source_row, *values in batch:
            yield Row(feed, sha256, sheet, source_row, dict(zip(columns, values, strict=True)))


def received(home: Home) -> dict[tuple[str, str], tuple[str, str | None, datetime]]:
    """By (feed, sha256): the file's name, its submitter and when Pilar took it."""
    return {(one.feed, one.sha256): (one.file_name, one.submitter, one.received_at) for one in raw.receipts(home)}
