"""Tables, views, macro calls and queries of a release as files: CSV, Parquet, XLSX, or the release itself as a copy.

A file appears whole or not at all, and takes the place of another only when told so. Money stays exact: text in CSV,
DECIMAL in Parquet, and in XLSX a number as long as Excel's 15 digits hold it, else text.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from pilar import duck
from pilar.analyst.asking import query_of

FORMATS = ("csv", "parquet", "xlsx")
WHOLE = "duckdb"
"""The whole release as one file that is the reader's own: any program opens it without a flag."""

SHEET_ROWS = 1_048_576
"""Rows of an Excel sheet, its header among them."""
CELL_LETTERS = 32_767
"""Letters that an Excel cell holds."""
_EXACT_DIGITS = 15
"""Significant digits that Excel keeps of a number."""
_BATCH = 10_000

Writer = Callable[[BinaryIO], None]


class ExportError(RuntimeError):
    """What was asked for cannot be written; nothing was left behind."""


def export(
    release: duckdb.DuckDBPyConnection, asked: str, target: Path, *, force: bool = False, bom: bool = False
) -> int:
    """Write one table, view, macro call or SELECT to ``target`` and return its size in bytes.

    The ending of its name chooses the format. ``bom`` begins a CSV with the mark by which Excel knows UTF-8.
    """
    kind = target.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise ExportError(f"the name must end in one of .{', .'.join(FORMATS)}: {target.name}")
    if bom and kind != "csv":
        raise ExportError("only a CSV has a byte order mark")
    answer = release.sql(query_of(asked))
    if answer is None:
        raise ExportError("that is no question: it has no rows")
    writers: dict[str, Writer] = {
        "csv": partial(write_csv, answer, bom=bom),
        "parquet": partial(write_parquet, answer),
        "xlsx": partial(write_xlsx, answer),
    }
    _write(target, writers[kind], force=force)
    return target.stat().st_size


def export_all(
    release: duckdb.DuckDBPyConnection, path: Path, folder: Path, kind: str, *, force: bool = False
) -> list[Path]:
    """Write every table and view of the release to ``folder``, a file each; ``duckdb`` copies the release at ``path``.

    Refuses before it writes anything when one of the files is there already and ``force`` is not given.
    """
    if kind not in (*FORMATS, WHOLE):
        raise ExportError(f"the format must be one of {', '.join((*FORMATS, WHOLE))}: {kind}")
    folder.mkdir(parents=True, exist_ok=True)
    names = [path.stem] if kind == WHOLE else relations(release)
    targets = [folder / f"{name}.{kind}" for name in names]
    for target in targets:
        _refuse_standing(target, force=force)
    for name, target in zip(names, targets, strict=True):
        if kind == WHOLE:
            with path.open("rb") as source:
                _write(target, partial(shutil.copyfileobj, source), force=force)
        else:
            export(release, name, target, force=force)
    return targets


def relations(release: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of the release's tables, then of its views that show more than a table."""
    found = release.execute(
        """
        SELECT table_name, 0 AS place FROM duckdb_tables() WHERE schema_name = 'main' AND NOT internal
        UNION ALL
        SELECT view_name, 1 FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal
        ORDER BY place, table_name
        """
    ).fetchall()
    return [str(name) for name, _ in found]


def write_csv(answer: duckdb.DuckDBPyRelation, stream: BinaryIO, *, bom: bool = False) -> None:
    """UTF-8, comma, decimal point, ISO dates; text in quotes, so that NULL (nothing) and empty text differ.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    from pyarrow import csv

    from pilar.analyst.formulas import harmless

    reader = _flat(answer).to_arrow_reader(_BATCH)
    if bom:
        stream.write(b"\xef\xbb\xbf")
    options = csv.WriteOptions(quoting_style="needed", quoting_header="none")
    with csv.CSVWriter(stream, reader.schema, write_options=options) as writer:
        for batch in reader:
            writer.write_batch(harmless(batch))


def write_parquet(answer: duckdb.DuckDBPyRelation, stream: BinaryIO) -> None:
    """Types as in the release, compressed with zstd."""
    from pyarrow import parquet

    reader = answer.to_arrow_reader(_BATCH)
    with parquet.ParquetWriter(stream, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)


def write_xlsx(answer: duckdb.DuckDBPyRelation, stream: BinaryIO, *, title: str = "Data") -> None:
    """One sheet under its header, row by row in constant memory. Text never becomes a formula, a link or a number.

    Dates are dates, moments are UTC, lists are text. Raises :class:`ExportError` beyond what a sheet or cell holds.
    """
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    flat = _flat(answer)
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet(title)
        head = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        money = book.add_format({"num_format": "#,##0.00"})
        formats = {date: day, datetime: moment, Decimal: money}
        widths = [len(name) for name in flat.columns]
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(flat.columns):
            sheet.write_string(0, column, name, head)
        row = 0
        for row, values in enumerate(_rows(flat), start=1):
            if row >= SHEET_ROWS:
                raise ExportError(
                    f"a sheet holds {SHEET_ROWS - 1:,} rows under its header and this has more: "
                    "choose .csv or .parquet, or ask for fewer rows"
                )
            for column, value in enumerate(values):
                _write_cell(sheet, row, column, value, formats.get(type(value)))
                if row <= _BATCH and value is not None:
                    widths[column] = max(widths[column], min(len(str(value)), 50))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width + 2)
        sheet.autofilter(0, 0, row, len(widths) - 1)


def _write_cell(sheet: Any, row: int, column: int, value: Any, shape: Any) -> None:
    match value:
        case None:
            pass
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | Decimal() | float() if _is_exact(value):
            sheet.write_number(row, column, value, shape)
        case datetime() | date() if value.year >= 1900:
            sheet.write_datetime(
                row, column, value.replace(tzinfo=None) if isinstance(value, datetime) else value, shape
            )
        case _:
            text = str(value)
            if len(text) > CELL_LETTERS:
                raise ExportError(f"a cell holds {CELL_LETTERS:,} letters and one in row {row:,} has more: choose .csv")
            sheet.write_string(row, column, text)


def _is_exact(value: float | Decimal) -> bool:
    """Whether Excel, which keeps 15 digits of a number, shows it as it is."""
    if isinstance(value, float):
        return value - value == 0  # neither infinite nor no number
    return len(Decimal(value).normalize().as_tuple().digits) <= _EXACT_DIGITS


def _rows(answer: duckdb.DuckDBPyRelation) -> Iterator[tuple[Any, ...]]:
    while batch := answer.fetchmany(_BATCH):
        yield from batch


_NESTED = {"list", "array", "struct", "map", "union", "time", "interval", "blob", "uuid", "timestamp with time zone"}


def _flat(answer: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The answer with plain values alone: a list, say, becomes the text that DuckDB shows for it."""
    named = [(duck.quoted(name), kind.id in _NESTED) for name, kind in zip(answer.columns, answer.types, strict=True)]
    return answer.project(", ".join(f"{name}::VARCHAR AS {name}" if nested else name for name, nested in named))


def _write(target: Path, writer: Writer, *, force: bool) -> None:
    _refuse_standing(target, force=force)
    with _part(target) as part:
        with part.open("wb") as stream:
            writer(stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)


@contextmanager
def _part(target: Path) -> Iterator[Path]:
    """A name beside the target to write under; nothing of it stays when that fails."""
    if not target.parent.is_dir():
        raise ExportError(f"there is no folder {target.parent}")
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _refuse_standing(target: Path, *, force: bool) -> None:
    if target.is_dir() or target.is_symlink():
        raise ExportError(f"{target} is a folder or a link, which is never written over")
    if target.exists() and not force:
        raise ExportError(f"{target} is there already; --force writes over it")
