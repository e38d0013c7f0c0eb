"""How quickly a spreadsheet becomes rows: reading a roster in `.xlsx`, against openpyxl and python-calamine alone.

    .venv/bin/python bench/xlsx.py [--rows 100000] [--rounds 3]

The same workbook (nine columns, as `scale_files.py` makes a roster) is read in turn by openpyxl (`read_only`), by
python-calamine, and by Pilar: bytes copied and hashed, header found, cells told apart as the contract says, control
lines and totals sought, rows and receipt written to `raw/`, in a process with bounded memory. Printed are medians of
processor seconds, of this process and its children, and rows for each of them.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import scale_files
from python_calamine import CalamineWorkbook
from xlsxwriter.workbook import Workbook

from pilar import landing
from pilar.config import Home
from pilar.reading import sandbox


def lay(path: Path, rows: int) -> None:
    """A roster of so many people."""
    with duckdb.connect() as made:
        for statement in scale_files.PEOPLE.split(";\n"):
            made.execute(statement, {"people": rows} if "$people" in statement else None)
        asked = made.execute(scale_files.ROSTER.replace("WHERE region_code = '{region}' ", ""))
        names = [str(column[0]) for column in asked.description or []]
        with Workbook(str(path), {"constant_memory": True}) as book:
            sheet = book.add_worksheet("PILAR")
            for number, row in enumerate([names, *asked.fetchall()]):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell)


def with_openpyxl(path: Path) -> int:
    book = openpyxl.load_workbook(path, read_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)) - 1


def with_calamine(path: Path) -> int:
    return len(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()) - 1


def with_pilar(path: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home").make()
        target = home.landing / "rosters" / "dinas" / path.name
        target.parent.mkdir(parents=True)
        shutil.copy2(path, target)
        (item,) = landing.scan(home).items
        rows = landing.ingest(home, item).rows_read
    sandbox._serving.end()  # a child counts when it has ended
    return rows


def spent() -> float:
    """Processor seconds of this process and of the children that have ended."""
    taken = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in taken)


WAYS: dict[str, Callable[[Path], int]] = {
    "openpyxl alone": with_openpyxl,
    "python-calamine alone": with_calamine,
    "Pilar, from landing/ to raw/": with_pilar,
}


def main(rows: int, rounds: int) -> None:
    os.environ["PILAR_SETTLE_SECONDS"] = "0"
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pilar.xlsx"
        lay(path, rows)
        for _ in range(rounds):
            for way, read in WAYS.items():
                before = spent()
                if (found := read(path)) != rows:
                    raise SystemExit(f"{way} read {found} of {rows} rows")
                taken[way].append(spent() - before)
        size = path.stat().st_size / 2**20
    print(f"| {rows:,} rows, {size:.1f} MiB | processor seconds | rows per second |\n| --- | --- | --- |")
    for way, seconds in taken.items():
        middle = statistics.median(seconds)
        print(f"| {way} | {middle:.2f} | {rows / middle:,.0f} |")


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--rows", type=int, default=100_000)
    wanted.add_argument("--rounds", type=int, default=3)
    given = wanted.parse_args()
    main(given.rows, given.rounds)
