"""A text file → rows of a contract, in blocks: plain ones are parsed whole, in others only odd rows go one by one.

A row is plain if it has as many cells as its neighbours, fills enough of the contract's columns to be surely a
record, and holds nothing that looks like a repeated header, a control line, a total or (where quotes count) a quote. A
block of nothing but plain rows goes through Arrow's parser. In the others plain rows are split by columns, and odd
ones are split and sorted in Python by the code that reads spreadsheets. All ways give the same rows. Memory holds one
block and one row group.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from pilar.config import Limits
from pilar.contracts import Contract
from pilar.reading import arrow, headers, output, table, text
from pilar.reading.bounds import too_large
from pilar.reading.cells import BLANKS, key
from pilar.reading.headers import MAX_DEPTH, SEARCHED_ROWS
from pilar.reading.model import Control, Rejected, Sheet, SheetRead, Value
from pilar.reading.output import RowWriter
from pilar.reading.rows import SAMPLE_ROWS, SUMS, TOTAL_WORDS, Row, row

PREVIEW = SEARCHED_ROWS + MAX_DEPTH + SAMPLE_ROWS
MAX_RAGGED_NAMED = 1000
_UNIT_SEPARATOR = "\x1f"
_CAPITALS = bytes(range(256)).upper()
_NO_LETTERS = bytes(byte for byte in range(256) if not bytes([byte]).isalpha())


@dataclass(frozen=True)
class Source:
    """A text file whose encoding, delimiter and header are known."""

    path: Path
    encoding: text.Encoding
    delimiter: str
    quoted: bool
    planned: table.Plan
    cells: int
    """Cells of most rows."""


def open_table(path: Path, name: str, contract: Contract, file_name: str, limits: Limits) -> Source | None:
    """Find out how the file is to be read: the delimiter is the one under which the header is understood best.

    ``None`` when no delimiter gives a header. :raises Rejected: FILE_EMPTY, FILE_UNREADABLE, FILE_TOO_LARGE
    """
    encoding = text.recognise_encoding(path)
    preview = _preview(path, encoding)
    if not any(line.strip(BLANKS) for line in preview):
        raise Rejected("FILE_EMPTY", "Tidak ada isi sama sekali.", "There is no content at all.")
    _check_width(preview[: SEARCHED_ROWS + MAX_DEPTH], limits)
    best: tuple[tuple[int, int], Source] | None = None
    for delimiter in _delimiters(preview):
        source = _source(path, encoding, delimiter, preview, name=name, contract=contract, file_name=file_name)
        if source is None:
            continue
        layout = source.planned.layout
        rank = (-len(headers.missing(layout, contract)), len(layout.columns))
        if best is None or rank > best[0]:
            best = (rank, source)
    return best[1] if best else None


def read(source: Source, writer: RowWriter) -> tuple[SheetRead, list[Control]]:
    """All records of the file, written.

    :raises Rejected: FILE_RAGGED_ROWS, FILE_AMBIGUOUS_HEADER
    :raises RuntimeError: if a physical line were neither a record nor counted as skipped
    """
    reading = _Reading(source, writer)
    lines = 0
    for block in text.blocks(source.path, source.encoding):
        lines += reading.take(block, lines + 1)
    reading.finish()
    sorter = source.planned.sorter
    if reading.rows + sum(sorter.skipped.values()) != lines:
        raise RuntimeError("rows and skipped lines do not add up to the physical lines")
    ragged = reading.ragged_total
    if ragged > 1 and ragged * 2 > reading.rows:
        raise Rejected(
            "FILE_RAGGED_ROWS",
            f"{ragged} dari {reading.rows} baris punya lebih banyak kolom daripada judulnya.",
            f"{ragged} of {reading.rows} rows have more cells than the header.",
        )
    return replace(table.summary(source.planned, reading.rows), ragged_rows=reading.ragged), sorter.controls


def sheet(path: Path, name: str, *, quoted: bool, limits: Limits) -> Sheet:
    """The whole file as a grid, for readers that look at structure (published figures).

    :raises Rejected: FILE_UNREADABLE, FILE_TOO_LARGE
    """
    encoding = text.recognise_encoding(path)
    lines = list(text.lines(path, encoding))
    _check_width(lines, limits)
    delimiter = text.guess_delimiter(lines[:500], quoted=quoted)
    rows: list[list[Value]] = []
    for line in lines:
        cells: list[Value] = [cell.strip(BLANKS) or None for cell in text.split(line, delimiter, quoted=quoted)]
        rows.append([] if cells == [None] else cells)
    return Sheet(name, rows)


@dataclass
class _Reading:
    """The state between chunks."""

    source: Source
    writer: RowWriter
    rows: int = 0
    ragged: list[dict[str, int]] = field(default_factory=list)
    ragged_total: int = 0

    def __post_init__(self) -> None:
        layout, cells = self.source.planned.layout, self.source.cells
        self.layout = layout
        self.sorter = self.source.planned.sorter
        self.odd_line = _odd_line(self.sorter.labels)
        self.odd_words = [_letters(word) for word in (*SUMS, *self.sorter.labels)]
        self.header_again = _header_again(layout)
        self.wanted = {at for at in layout.columns.values() if at < cells}
        self.wanted |= {at for _, left, right in layout.twins for at in (left, right) if at < cells}
        self.wanted |= set(range(layout.width, cells))

    def take(self, block: bytes, first: int) -> int:
        """One block of lines, of which the number is given back; ``first`` is the row number of its first line."""
        count = block.count(b"\n") + 1
        above = max(self.layout.end + 1 - first, 0)
        if above >= count:
            return count
        block = block.split(b"\n", above)[-1]
        columns = self._whole(block, count - above)
        if columns is None:
            self._by_lines(pc.utf8_rtrim(arrow.lines(block), characters="\r"), first + above)
        else:
            self._write(columns, arrow.counted(first + above, count - above), self.sorter.record_follows())
        return count

    def _by_lines(self, lines: pa.Array, first: int) -> None:
        fast, columns = self._fast(lines)
        slow = pc.indices_nonzero(pc.invert(fast)).to_pylist()
        records: list[Row] = []
        after = 0
        for index in slow:
            if index > after:
                records += self.sorter.record_follows()
            records += self.sorter.see(self._row(lines[index].as_py(), first + index))
            after = index + 1
        if after < len(lines):
            records += self.sorter.record_follows()
        numbers = pc.add(pc.cast(pc.indices_nonzero(fast), pa.int32()), arrow.number(first))
        self._write(columns, numbers, records)

    def finish(self) -> None:
        self._write({}, arrow.numbers([]), self.sorter.end())

    def _write(self, columns: dict[str, pa.Array], numbers: pa.Array, records: Sequence[Row]) -> None:
        sheet_name = self.source.planned.sheet
        self.rows += len(numbers) + len(records)
        self._note_ragged(records)
        table.check_twins(sheet_name, self.layout, records)
        if not records:
            self.writer.add(sheet_name, columns, numbers, output.no_numbers(len(numbers)))
            return
        more, more_numbers, _ = output.columns_of(records, self.layout)
        if len(numbers):
            merged = pa.concat_arrays([numbers, more_numbers])
            order = pc.array_sort_indices(merged)
            more = {name: pa.concat_arrays([columns[name], more[name]]).take(order) for name in more}
            more_numbers = merged.take(order)
        self.writer.add(sheet_name, more, more_numbers, output.no_numbers(len(more_numbers)))

    def _row(self, line: str, number: int) -> Row:
        cells = text.split(line, self.source.delimiter, quoted=self.source.quoted, width=self.layout.width)
        return row(number, cells)

    def _note_ragged(self, records: Sequence[Row]) -> None:
        for record in records:
            extra = sum(1 for cell in record.texts[self.layout.width :] if cell)
            if extra:
                self.ragged_total += 1
                if len(self.ragged) < MAX_RAGGED_NAMED:
                    self.ragged.append({"source_row": record.number, "extra_cells": extra})

    def _whole(self, block: bytes, count: int) -> dict[str, pa.Array] | None:
        """The columns of a block whose ``count`` lines are all plain records; ``None`` if that is not sure."""
        cells = self.source.cells
        if cells < 2 or not self.wanted or (b'"' in block and (self.source.quoted or cells > self.layout.width)):
            return None
        ends = block.count(b"\r")
        if ends and ends != block.count(b"\r\n") + block.endswith(b"\r"):
            return None  # an end of a line to the parser, a blank in a line to us
        if self._may_be_odd(block):
            return None
        names = [str(at) for at in range(cells)]
        try:
            parsed = csv.read_csv(
                pa.BufferReader(block),
                read_options=csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
                parse_options=csv.ParseOptions(
                    delimiter=self.source.delimiter, quote_char=False, double_quote=False, ignore_empty_lines=False
                ),
                convert_options=csv.ConvertOptions(
                    check_utf8=False,  # blocks are UTF-8
                    column_types=dict.fromkeys(names, pa.string()),
                    include_columns=[str(at) for at in sorted(self.wanted)],
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            )
        except pa.ArrowInvalid:  # a line of more or fewer cells
            return None
        if parsed.num_rows != count:
            return None
        by_index = {int(name): _trimmed(parsed[name].combine_chunks()) for name in parsed.column_names}
        columns, sure = self._judged(by_index, count)
        return columns if pc.all(sure).as_py() else None

    def _may_be_odd(self, block: bytes) -> bool:
        """Whether any of its lines may be odd."""
        if block.isascii():
            letters = block.translate(_CAPITALS, _NO_LETTERS)
            if not any(word in letters for word in self.odd_words):
                return False
        found = pc.match_substring_regex(arrow.whole(block), pattern=f"(?m){self.odd_line}")
        return bool(found[0].as_py())

    def _fast(self, lines: pa.Array) -> tuple[pa.Array, dict[str, pa.Array]]:
        """(which lines are plain records, their columns)."""
        parts, plain = self._split(lines)
        plain = pc.and_not(plain, pc.match_substring_regex(lines, pattern=self.odd_line))
        chosen = parts.filter(plain)
        by_index = {at: _trimmed(pc.list_element(chosen, arrow.number(at))) for at in self.wanted}
        columns, sure = self._judged(by_index, len(chosen))
        columns = {name: values.filter(sure) for name, values in columns.items()}
        return pc.replace_with_mask(plain, plain, sure), columns

    def _judged(self, by_index: dict[int, pa.Array], count: int) -> tuple[dict[str, pa.Array], pa.Array]:
        """(columns of the contract, which rows are surely records) of rows of as many cells as most rows have."""
        layout, cells = self.layout, self.source.cells
        empty = pa.nulls(count, pa.string())
        columns = {name: by_index.get(at, empty) for name, at in layout.columns.items()}
        filled = reduce(pc.add, (pc.cast(pc.is_valid(values), pa.int32()) for values in columns.values()))
        sure = pc.greater_equal(filled, arrow.number(self.sorter.sure_from))
        for at in range(layout.width, cells):
            sure = pc.and_(sure, pc.is_null(by_index[at]))
        for at, pattern in self.header_again:
            if at in by_index:
                again = pc.match_substring_regex(pc.fill_null(by_index[at], arrow.text("")), pattern=pattern)
                sure = pc.and_not(sure, again)
        for _, left, right in layout.twins:
            pair = [pc.fill_null(by_index.get(at, empty), arrow.text("")) for at in (left, right)]
            sure = pc.and_(sure, pc.equal(*pair))
        return columns | {name: arrow.repeated(value, count) for name, value in layout.context.items()}, sure

    def _split(self, column: pa.Array) -> tuple[pa.Array, pa.Array]:
        """(cells of each line, whether that is sure): for files that quote, lines with no or with only quoted cells."""
        delimiter, cells = self.source.delimiter, self.source.cells
        if not self.source.quoted:
            parts = pc.split_pattern(column, pattern=delimiter)
            sure = pc.equal(pc.list_value_length(parts), arrow.number(cells))
            if cells > self.layout.width:  # the rows have surplus cells, and quotes may be the reason
                sure = pc.and_not(sure, pc.match_substring(column, pattern='"'))
            return parts, sure
        quotes = pc.count_substring(column, pattern='"')
        bare = pc.equal(quotes, arrow.number(0))
        whole = pc.and_(pc.starts_with(column, pattern='"'), pc.ends_with(column, pattern='"'))
        whole = pc.and_(whole, pc.equal(quotes, arrow.number(2 * cells)))
        opened = pc.replace_substring(
            pc.utf8_slice_codeunits(column, 1, -1), pattern=f'"{delimiter}"', replacement=_UNIT_SEPARATOR
        )
        uniform = pc.if_else(
            whole, opened, pc.replace_substring(column, pattern=delimiter, replacement=_UNIT_SEPARATOR)
        )
        parts = pc.split_pattern(uniform, pattern=_UNIT_SEPARATOR)
        sure = pc.and_(pc.or_(bare, whole), pc.equal(pc.list_value_length(parts), arrow.number(cells)))
        return parts, pc.and_not(sure, pc.match_substring(column, pattern=_UNIT_SEPARATOR))


def _check_width(lines: Sequence[str], limits: Limits) -> None:
    """:raises Rejected: FILE_TOO_LARGE for a line of more columns than there may be, whatever parts them"""
    for number, line in enumerate(lines, 1):
        if len(line) < limits.max_columns:
            continue
        cells = 1 + max(line.count(delimiter) for delimiter in text.DELIMITERS)
        if cells > limits.max_columns:
            raise too_large(
                limits, "max_columns", f"Baris {number}: {cells:,} kolom", f"Row {number}: {cells:,} columns"
            )


def _delimiters(preview: Sequence[str]) -> list[str]:
    """Those that part anything, and one that does not: the others like it give the same rows."""
    idle = [delimiter for delimiter in text.DELIMITERS if not any(delimiter in line for line in preview)]
    return [delimiter for delimiter in text.DELIMITERS if delimiter not in idle[1:]]


def _preview(path: Path, encoding: text.Encoding) -> list[str]:
    return list(islice(text.lines(path, encoding, 1 << 18), PREVIEW))


def _source(
    path: Path,
    encoding: text.Encoding,
    delimiter: str,
    preview: Sequence[str],
    *,
    name: str,
    contract: Contract,
    file_name: str,
) -> Source | None:
    def grid(lines: Sequence[str], *, quoted: bool, width: int | None = None) -> list[list[str]]:
        return [text.split(line, delimiter, quoted=quoted, width=width) for line in lines]

    top = preview[: SEARCHED_ROWS + MAX_DEPTH]
    layout = headers.find(grid(top, quoted=contract.quoted), (), contract)
    if layout is None:
        return None
    quoted = contract.quoted or text.quotes_everything(preview[layout.first], delimiter)
    rows = grid(preview, quoted=quoted, width=layout.width)
    is_found = not any('"' in line for line in top)  # without quotes the rows are those that it was found in
    planned = table.plan(name, rows, contract, file_name, layout=layout if is_found else None)
    if planned is None:
        return None
    counts = Counter(len(cells) for cells in rows[planned.layout.end :] if any(cells))
    cells = max(counts, key=lambda length: (counts[length], length), default=planned.layout.width)
    return Source(path, encoding, delimiter, quoted, planned, cells)


def _trimmed(values: pa.Array) -> pa.Array:
    """Without blanks around them; nothing but blanks is null."""
    trimmed = pc.utf8_trim(values, characters=BLANKS)
    return pc.if_else(pc.equal(trimmed, arrow.text("")), arrow.text(None), trimmed)


def _letters(label: str) -> bytes:
    return label.encode("ascii", "ignore").translate(_CAPITALS, _NO_LETTERS)


ALSO_ASCII = "ßİıŉſǰẖẗẘẙẚ\u212aﬀﬁﬂﬃﬄﬅﬆ"
"""Letters that are some of ASCII's to Python, as capitals or whatever their case; to Arrow ``ı`` is no ``I``."""


def _odd_line(labels: Iterable[str]) -> str:
    """A pattern for lines that may hold a total, a control line, or a header again in letters that Arrow does not
    compare as Python does."""
    words = [rf"^[\W_]*{TOTAL_WORDS}", *(_loosely(label) for label in labels), f"(?-i:[{ALSO_ASCII}])"]
    return f"(?i){'|'.join(words)}"


def _header_again(layout: headers.Layout) -> list[tuple[int, str]]:
    """(index, pattern) of one telling cell of each header row: a row that matches may be the header again."""
    found: list[tuple[int, str]] = []
    for keys in layout.keys:
        at = next((at for at in sorted(layout.columns.values()) if at < len(keys) and keys[at]), None)
        if at is not None:
            found.append((at, rf"(?i)^[\W_]*{_loosely(keys[at])}[\W_]*$"))
    return found


def _loosely(name: str) -> str:
    return r"[\W_]*".join(map(re.escape, key(name)))
