"""Files → sheets for the tests of figures, without the reader of landed files (it has its own tests)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from pilar.figures import Reading, read, understand
from pilar.reading.model import Sheet, Value
from tests.harness.fixtures import compiled, memory

__all__ = ["compiled", "memory"]

Row = dict[str, str | int | None]


def sheets_of(path: Path) -> list[Sheet]:
    """The grids of a CSV file (delimiter by count) or a workbook."""
    if path.suffix == ".csv":
        return [text_sheet(path.read_text("utf-8-sig"), path.name)]
    book = CalamineWorkbook.from_path(str(path))
    return [
        Sheet(name, [[_cell(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()])
        for name in book.sheet_names
    ]


def text_sheet(text: str, name: str = "") -> Sheet:
    """A grid from delimited text; blanks as the readers give them."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    return Sheet(name, [[_cell(cell) for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)])


def _cell(cell: Value) -> Value:
    return None if cell == "" else cell


@pytest.fixture(scope="session")
def read_shared(shared: Path) -> Callable[[str], list[Reading]]:
    """Read a file of the shared data folder by its path below it."""
    known: dict[str, list[Reading]] = {}

    def read_file(name: str) -> list[Reading]:
        if name not in known:
            path = shared / name
            if path.suffix == ".json":
                known[name] = understand(path.name, None, json.loads(path.read_text("utf-8")))
            else:
                known[name] = understand(path.name, sheets_of(path), None)
        return known[name]

    return read_file


@pytest.fixture
def read_text() -> Callable[..., list[Row]]:
    """Read one delimited text as a landed file of a neutral name."""

    def read_one(text: str, file_name: str = "tabel.csv") -> list[Row]:
        return read(file_name, [text_sheet(text, "lembar")], None)

    return read_one
