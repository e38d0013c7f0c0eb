"""Files that analysts take out of a release: exact, whole, and never over another by accident."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from pyarrow import parquet

from pilar.analyst import export as exporting
from pilar.analyst.export import ExportError, export, export_all, write_csv, write_xlsx

CELLS = """
SELECT 'Bojonegoro' AS place, 1636000000.10::DECIMAL(18, 2) AS idr, 7::BIGINT AS n, DATE '2023-11-20' AS day,
       TIMESTAMP '2023-11-21 09:00:01' AS at, true AS yes, ['2023-01', '2023-02'] AS months, NULL::VARCHAR AS nothing
"""


@pytest.fixture
def release() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE cells AS {CELLS}")
        connection.execute("CREATE VIEW view_cells AS SELECT place, idr FROM cells")
        connection.execute("CREATE MACRO more_than(least) AS TABLE SELECT * FROM cells WHERE n > least")
        yield connection


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def sheet(path: Path) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))


def test_a_workbook_has_types(release: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    export(release, "cells", tmp_path / "cells.xlsx")
    head, row = sheet(tmp_path / "cells.xlsx")
    assert head == ("place", "idr", "n", "day", "at", "yes", "months", "nothing")
    assert row == (
        "Bojonegoro", 1636000000.1, 7, datetime(2023, 11, 20), datetime(2023, 11, 21, 9, 0, 1), True,  # noqa: DTZ001
        "[2023-01, 2023-02]", None,
    )  # fmt: skip
    assert Decimal(str(row[1])) == Decimal("1636000000.10")


@pytest.mark.parametrize(
    "text", ["=1+1", "+62", "-3", "@SUM(A1)", "http://example.org", "00123", "{=A1}", "=HYPERLINK(1)"]
)
def test_text_stays_text(release: duckdb.DuckDBPyConnection, tmp_path: Path, text: str) -> None:
    release.execute("CREATE TABLE said AS SELECT ? AS said", [text])
    export(release, "said", tmp_path / "said.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "said.xlsx").active["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("123456789012.34", 123456789012.34),
        ("9999999999999.99", 9999999999999.99),
        ("12345678901234.56", "12345678901234.56"),
        ("-0.01", -0.01),
    ],
)
def test_money_that_excel_would_round_is_text(
    release: duckdb.DuckDBPyConnection, tmp_path: Path, value: str, kept: object
) -> None:
    export(release, f"SELECT {value}::DECIMAL(18, 2) AS idr", tmp_path / "idr.xlsx")
    assert sheet(tmp_path / "idr.xlsx")[1] == (kept,)
    assert Decimal(str(kept)) == Decimal(value)


def test_more_rows_than_a_sheet_holds_are_refused(
    release: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert exporting.SHEET_ROWS == 1_048_576
    monkeypatch.setattr(exporting, "SHEET_ROWS", 5)
    export(release, "FROM range(4)", tmp_path / "fits.xlsx")
    assert len(sheet(tmp_path / "fits.xlsx")) == 5
    with pytest.raises(ExportError, match=r"a sheet holds 4 rows under its header .* choose \.csv or \.parquet"):
        export(release, "FROM range(5)", tmp_path / "more.xlsx")
    assert names(tmp_path) == ["fits.xlsx"]


def test_a_cell_holds_so_much(release: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    export(release, "SELECT repeat('a', 32767) AS text", tmp_path / "fits.xlsx")
    with pytest.raises(ExportError, match="a cell holds 32,767 letters"):
        export(release, "SELECT repeat('a', 32768) AS text", tmp_path / "more.xlsx")


def test_csv_has_points_and_iso_dates(release: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    export(release, "cells", tmp_path / "cells.csv", bom=True)
    assert (tmp_path / "cells.csv").read_bytes().decode("utf-8").splitlines() == [
        "\ufeffplace,idr,n,day,at,yes,months,nothing",
        '"Bojonegoro",1636000000.10,7,2023-11-20,2023-11-21 09:00:01.000000,true,"[2023-01, 2023-02]",',
    ]
    assert duckdb.sql(f"SELECT place, idr::DECIMAL(18, 2) FROM '{tmp_path}/cells.csv'").fetchall() == [
        ("Bojonegoro", Decimal("1636000000.10"))
    ]


def test_parquet_keeps_the_types_of_the_release(release: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    export(release, "cells", tmp_path / "cells.parquet")
    assert str(parquet.read_schema(tmp_path / "cells.parquet").field("idr").type) == "decimal128(18, 2)"
    back = duckdb.sql(f"SELECT * FROM '{tmp_path}/cells.parquet'").fetchall()
    assert back == release.sql("FROM cells").fetchall()
    assert isinstance(back[0][3], date)


@pytest.mark.parametrize("asked", ["cells", "marts.cells", " view_cells; ", "more_than(3)", "SELECT * FROM cells"])
def test_what_may_be_asked(release: duckdb.DuckDBPyConnection, tmp_path: Path, asked: str) -> None:
    assert export(release, asked, tmp_path / "x.csv") == (tmp_path / "x.csv").stat().st_size
    assert len((tmp_path / "x.csv").read_text("utf-8").splitlines()) == 2


def test_a_file_that_stands_is_kept_unless_told(release: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    target = tmp_path / "cells.csv"
    target.write_text("mine", "utf-8")
    with pytest.raises(ExportError, match="is there already; --force"):
        export(release, "cells", target)
    with pytest.raises(ExportError, match="is there already"):
        export_all(release, target, tmp_path, "csv")
    assert target.read_text("utf-8") == "mine"
    assert names(tmp_path) == ["cells.csv"]
    export(release, "cells", target, force=True)
    assert target.read_text("utf-8").startswith("place,")


def test_a_link_is_never_written_over(release: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "cells.csv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportError, match="never written over"):
        export(release, "cells", tmp_path / "cells.csv", force=True)


@pytest.mark.parametrize(
    ("name", "bom", "match"),
    [("x.doc", False, r"must end in one of \.csv"), ("x.xlsx", True, "only a CSV"), ("no/x.csv", False, "no folder")],
)
def test_what_cannot_be_written(
    release: duckdb.DuckDBPyConnection, tmp_path: Path, name: str, bom: bool, match: str
) -> None:
    with pytest.raises(ExportError, match=match):
        export(release, "cells", tmp_path / name, bom=bom)
    assert names(tmp_path) == []


def test_a_failed_query_leaves_nothing(release: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with pytest.raises(duckdb.Error):
        export(release, "SELECT error('no') FROM cells", tmp_path / "x.parquet")
    assert names(tmp_path) == []


def test_everything_at_once(release: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    written = export_all(release, tmp_path / "unused", tmp_path / "out", "parquet")
    assert [path.name for path in written] == ["cells.parquet", "view_cells.parquet"]
    assert duckdb.sql(f"FROM '{tmp_path}/out/view_cells.parquet'").fetchall() == [
        ("Bojonegoro", Decimal("1636000000.10"))
    ]


def test_a_copy_of_the_release_opens_without_a_flag(release: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    source = tmp_path / "marts.duckdb"
    with duckdb.connect(str(source)) as made:
        made.execute(f"CREATE TABLE cells AS {CELLS}")
    source.chmod(0o444)
    (copy,) = export_all(release, source, tmp_path / "mine", "duckdb")
    assert copy.stat().st_mode & 0o200
    with duckdb.connect(str(copy)) as mine:
        mine.execute("CREATE TABLE notes AS SELECT 1 AS a")
    assert source.read_bytes() != copy.read_bytes()


def test_streams_take_it_too(release: duckdb.DuckDBPyConnection) -> None:
    book, text = io.BytesIO(), io.BytesIO()
    write_xlsx(release.sql("FROM view_cells"), book, title="Sel")
    write_csv(release.sql("FROM view_cells"), text)
    assert openpyxl.load_workbook(io.BytesIO(book.getvalue())).sheetnames == ["Sel"]
    assert text.getvalue() == b'place,idr\n"Bojonegoro",1636000000.10\n'
