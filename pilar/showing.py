"""Headings, sentences and tables for whoever reads a command's answer: rich on a terminal, plain lines in a pipe."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TextIO

from pilar.config import DISPLAY_ZONE

_LONG_NUMBER = re.compile(r"\d(?:[ .-]?\d){8,}")
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)")


def mask(text: str) -> str:
    """Hide long numbers: a file name or message may spell an account or a NIK, and both end in logs and reports.

    A day written in eight digits (20231124) is no part of one, so that files that differ by it can be told apart.
    """
    return "".join(part if place % 2 else _LONG_NUMBER.sub("•••", part) for place, part in enumerate(_DAY.split(text)))


@dataclass(frozen=True)
class Heading:
    """A title over what follows; ``level`` 1 is the answer's own."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Line:
    """A sentence. ``quiet`` ones explain, the others tell."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under column names; numbers stand right. ``beside`` tells how many more rows there are."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    beside: int = 0


@dataclass(frozen=True)
class Fields:
    """Names with their values, one a line."""

    values: Mapping[str, Any]


Block = Heading | Line | Table | Fields


def show(blocks: Iterable[Block], stream: TextIO | None = None) -> None:
    """Print an answer: with rich where ``stream`` (default stdout) is a terminal, else as :func:`plain` lines."""
    target = stream or sys.stdout
    if not target.isatty():
        target.write(plain(blocks))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    console = Console(file=target, highlight=False, soft_wrap=False)
    for block in blocks:
        if isinstance(block, Heading):
            console.print(Text(f"\n{block.text}" if block.level > 1 else block.text, style="bold"))
        elif isinstance(block, Line):
            console.print(Text(f"  {block.text}", style="dim" if block.quiet else ""))
        elif isinstance(block, Fields):
            grid = RichTable.grid(padding=(0, 2))
            for name, value in block.values.items():
                grid.add_row(Text(f"  {name}", style="dim"), Text(cell(value)))
            console.print(grid)
        else:
            table = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
            for place, name in enumerate(block.columns):
                table.add_column(Text(name), justify="right" if _numeric(block, place) else "left", overflow="fold")
            for row in block.rows:
                table.add_row(*(Text(cell(value)) for value in row))
            console.print(table)
            if block.beside:
                console.print(Text(f"  and {block.beside:,} more", style="dim"))


def plain(blocks: Iterable[Block]) -> str:
    """The answer as text: columns padded to their widest cell, no colour, no wrapping, one newline at the end."""
    lines = list(_plain_lines(blocks))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def cell(value: Any) -> str:
    """A value as people read it: ``-`` for none, 1,657,000 for numbers, Asia/Jakarta for moments."""
    match value:
        case None | "":
            text = "-"
        case bool():
            text = "yes" if value else "no"
        case int():
            text = f"{value:,}"
        case Decimal():
            text = f"{value:,f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
        case datetime():
            local = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(DISPLAY_ZONE)
            text = f"{local:%Y-%m-%d %H:%M} WIB"
        case date():
            text = value.isoformat()
        case list() | tuple():
            text = ", ".join(cell(item) for item in value) or "-"
        case _:
            text = str(value)
    return text


def _plain_lines(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Heading):
            if block.level > 1:
                yield ""
            yield block.text
        elif isinstance(block, Line):
            yield f"  {block.text}"
        elif isinstance(block, Fields):
            width = max((len(name) for name in block.values), default=0)
            for name, value in block.values.items():
                yield f"  {name.ljust(width)}  {cell(value)}"
        else:
            yield from _plain_table(block)


def _plain_table(table: Table) -> Iterator[str]:
    cells = [[cell(value) for value in row] for row in table.rows]
    widths = [max(len(row[place]) for row in (list(table.columns), *cells)) for place in range(len(table.columns))]
    for row in (list(table.columns), *cells):
        yield "  " + "  ".join(
            text.rjust(width) if _numeric(table, place) else text.ljust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        )
    if table.beside:
        yield f"  and {table.beside:,} more"


def _numeric(table: Table, place: int) -> bool:
    """Whether a column holds numbers only (years and rows of files among them)."""
    values = [row[place] for row in table.rows if row[place] is not None]
    return bool(values) and all(isinstance(value, int | Decimal) and not isinstance(value, bool) for value in values)
