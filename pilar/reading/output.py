"""Rows → Parquet, in row groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pilar.config import Limits
from pilar.contracts import Contract
from pilar.reading import arrow
from pilar.reading.bounds import too_large
from pilar.reading.cells import is_number
from pilar.reading.headers import Layout
from pilar.reading.rows import Row

ROW_GROUP = 250_000
_SAMPLE_ROWS = 20_000
_FEW = 4
"""Rows of the sample to each of its values from which a column has few: it is written as a dictionary."""


def schema(contract: Contract) -> pa.Schema:
    """Columns of ``rows.parquet``: the contract's as text, then the provenance."""
    return pa.schema(
        [
            *((column.name, pa.string()) for column in contract.columns),
            ("sheet", pa.string()),
            ("source_row", pa.int32()),
            ("numeric_cells", arrow.NAMES),
            ("file_sha256", pa.string()),
        ]
    )


class RowWriter:
    """Collects tables of rows and writes them as they come; memory holds one row group.

    All ways of reading end here, so here the rows are counted and the values measured.

    :raises Rejected: FILE_TOO_LARGE from ``add`` and its like
    """

    def __init__(self, path: Path, contract: Contract, sha256: str, limits: Limits | None = None) -> None:
        self.rows = 0
        self._contract = contract
        self._schema = schema(contract)
        self._sha256 = sha256
        self._limits = limits or Limits()
        self._waiting: list[pa.Table] = []
        self._path = path
        self._file: pq.ParquetWriter | None = None

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._flush()
        finally:
            if self._file:
                self._file.close()

    def add(self, sheet: str, columns: dict[str, pa.Array], source_row: pa.Array, numeric_cells: pa.Array) -> None:
        """Append rows given by columns; a contract column that is absent is empty."""
        count = len(source_row)
        if not count:
            return
        arrays = [columns.get(column.name, pa.nulls(count, pa.string())) for column in self._contract.columns]
        arrays += [arrow.repeated(sheet, count), source_row, numeric_cells, arrow.repeated(self._sha256, count)]
        self._take(pa.Table.from_arrays(arrays, schema=self._schema))
        if sum(table.num_rows for table in self._waiting) >= ROW_GROUP:
            self._flush()

    def add_rows(self, sheet: str, layout: Layout, rows: Sequence[Row]) -> None:
        """Append rows of cells."""
        self.add(sheet, *columns_of(rows, layout))

    def add_records(self, records: Sequence[Mapping[str, str | int | None]]) -> None:
        """Append rows that already carry the contract's names, ``sheet`` and ``source_row`` (figures)."""
        for start in range(0, len(records), ROW_GROUP):
            part = records[start : start + ROW_GROUP]
            arrays: list[pa.Array] = []
            for column in self._contract.columns:
                values = [record.get(column.name) for record in part]
                arrays.append(arrow.texts([None if value is None else str(value) for value in values]))
            arrays.append(arrow.texts([str(record["sheet"]) for record in part]))
            arrays.append(arrow.numbers([int(record["source_row"] or 0) for record in part]))
            arrays.append(no_numbers(len(part)))
            arrays.append(arrow.repeated(self._sha256, len(part)))
            self._take(pa.Table.from_arrays(arrays, schema=self._schema))
            self._flush()

    def _take(self, rows: pa.Table) -> None:
        self.rows += rows.num_rows
        if self.rows > self._limits.max_rows:
            count = f"{self.rows:,}"
            raise too_large(self._limits, "max_rows", f"Sedikitnya {count} baris", f"At least {count} rows")
        for column in self._contract.columns:
            lengths = pc.binary_length(rows[column.name])
            longest = pc.max(lengths).as_py() or 0
            if longest > self._limits.max_cell_bytes:
                at = pc.index(lengths, arrow.number(longest)).as_py()
                place = f"{rows['sheet'][at]}, {column.name}, {rows['source_row'][at]}"
                raise too_large(
                    self._limits,
                    "max_cell_bytes",
                    f"Satu sel {longest:,} byte (lembar, kolom, baris: {place})",
                    f"A cell of {longest:,} bytes (sheet, column, row: {place})",
                )
        self._waiting.append(rows)

    def _flush(self) -> None:
        if self._waiting:
            table = pa.concat_tables(self._waiting)
            self._file = self._file or pq.ParquetWriter(
                self._path, self._schema, compression="zstd", use_dictionary=_repetitive(table)
            )
            self._file.write_table(table, row_group_size=len(table))
        self._waiting = []


def _repetitive(table: pa.Table) -> list[str]:
    """Columns whose values repeat; to look for repeats in the others costs a quarter of the writing."""
    sample = table.slice(0, _SAMPLE_ROWS)
    texts = [column.name for column in table.schema if pa.types.is_string(column.type)]
    return [name for name in texts if pc.count_distinct(sample[name]).as_py() * _FEW <= len(sample)]


def columns_of(rows: Sequence[Row], layout: Layout) -> tuple[dict[str, pa.Array], pa.Array, pa.Array]:
    """(columns, source rows, numeric cells) of rows of cells; context values repeat in every row."""
    columns = {
        name: arrow.texts([row.texts[at] if at < len(row.texts) else None for row in rows])
        for name, at in layout.columns.items()
    }
    columns |= {name: arrow.repeated(value, len(rows)) for name, value in layout.context.items()}
    numeric = arrow.name_lists([_numeric(row, layout) for row in rows])
    return columns, arrow.numbers([row.number for row in rows]), numeric


def no_numbers(count: int) -> pa.Array:
    """``numeric_cells`` of text rows: text files type nothing."""
    return pa.nulls(count, arrow.NAMES)


def _numeric(row: Row, layout: Layout) -> list[str] | None:
    return [name for name, at in layout.columns.items() if at < len(row.cells) and is_number(row.cells[at])] or None
