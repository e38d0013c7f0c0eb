"""The same records, written in every format and shape, give the same rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sheetmaker import (
    Grid,
    gzipped,
    read,
    values,
    write_json,
    write_ods,
    write_text,
    write_xls,
    write_xlsx,
    zipped,
)

from pilar.config import Limits
from pilar.contracts import contract
from pilar.reading import stream, table, text
from pilar.reading.cells import BLANKS
from pilar.reading.model import Rejected, Sheet, Value
from pilar.reading.output import RowWriter

COLUMNS = ["nik", "name", "birth_date", "pillar", "region", "account_no", "account_name"]
RECORDS: list[dict[str, str]] = [
    {
        "nik": f"35220101019000{n:02d}",
        "name": name,
        "birth_date": "01-01-1990",
        "pillar": "PKH",
        "region": "Kab. Tuban",
        "account_no": f"00123456{n:02d}",
        "account_name": name.upper(),
    }
    for n, name in enumerate(["Siti Contoh", "Andi Rékaan", "Ko'olan Umpama", "Dewi Misal", "Joko Andaian"], 1)
]
RECORDS[3] = {"nik": "3522010101900004", "name": "Dewi Misal"}  # half empty, and still a record
RECORDS[4].pop("account_name")

WIDTH = 8


def official_form() -> tuple[Grid, list[int]]:
    """Letterhead, a two-row merged header, column numbers, a blank row, the header again, a total, signatures."""
    grid = Grid()

    def add(*cells: Value) -> int:
        grid.rows.append([*cells, *[None] * (WIDTH - len(cells))])
        return len(grid.rows)

    def record(number: int) -> int:
        return add(str(number), *(RECORDS[number - 1].get(column) for column in COLUMNS))

    def header() -> None:
        top = len(grid.rows)
        add("No", "NIK", "Nama Lengkap", "Tgl.\u00a0Lahir", "Pilar", "Kab. / Kota", "Rekening Bank Jatim", None)
        add(None, None, None, None, None, None, "No. Rekening", "Nama  Rekening")
        grid.merged.extend([((top, at), (top + 1, at)) for at in range(6)])
        grid.merged.append(((top, 6), (top, 7)))

    add("PEMERINTAH PROVINSI JAWA TIMUR")
    add("DAFTAR PENERIMA TALI ASIH")
    add()
    header()
    add("1", "2", "3", "4", "5", "6", "7", "8")
    places = [record(1), record(2)]
    add()
    add("DAFTAR PENERIMA TALI ASIH")  # the next printed page
    header()
    places += [record(3), record(4), record(5)]
    add("6")  # numbered in advance, never filled
    add("JUMLAH", None, None, None, None, None, "5")
    add()
    add(None, None, None, None, None, "Tuban, 20 November 2023")
    add(None, "Mengetahui", None, None, None, "Kepala Dinas Sosial")
    add()
    add(None, None, "Drs. Contoh", None, None, "Dra. Umpama, M.Si.")
    add(None, None, "NIP. 196701011990031001", None, None, "196701011990032001")
    return grid, places


def checked(path: Path, places: list[int], sheet: str) -> None:
    reading, rows = read(path, "rosters")
    assert values(rows) == RECORDS
    assert [row["source_row"] for row in rows] == places
    assert {row["sheet"] for row in rows} == {sheet}
    assert {row["file_sha256"] for row in rows} == {"f" * 64}
    skipped = reading.sheets[0].skipped
    assert skipped["title"] == 3
    assert skipped["header"] == 5
    assert reading.sheets[0].columns["account_no"].endswith("No. Rekening")


TEXT_CASES = [
    (d, e) for d in (",", ";", "\t", "|") for e in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
]


@pytest.mark.parametrize(("delimiter", "encoding"), TEXT_CASES)
def test_text(tmp_path: Path, delimiter: str, encoding: str) -> None:
    grid, places = official_form()
    for name in ("form.csv", "form.txt"):
        checked(write_text(tmp_path / name, grid, delimiter, encoding), places, name)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last_end", [True, False])
def test_line_ends(tmp_path: Path, end: str, last_end: bool) -> None:
    grid, places = official_form()
    checked(write_text(tmp_path / "form.csv", grid, ";", end=end, last_end=last_end), places, "form.csv")


@pytest.mark.parametrize("write", [write_xlsx, write_xls, write_ods])
def test_spreadsheets(tmp_path: Path, write: Callable[[Path, Grid], Path]) -> None:
    grid, places = official_form()
    checked(write(tmp_path / f"form.{write.__name__.removeprefix('write_')}", grid), places, "Data")


def test_archives(tmp_path: Path) -> None:
    grid, places = official_form()
    lines = write_text(tmp_path / "form.csv", grid, ";")
    book = write_xlsx(tmp_path / "form.xlsx", grid)
    checked(gzipped(tmp_path / "form.csv.gz", lines), places, "form.csv")
    checked(zipped(tmp_path / "form.zip", lines), places, "form.csv")
    _, rows = read(zipped(tmp_path / "both.zip", lines, book), "rosters")
    assert values(rows) == RECORDS * 2
    assert [(row["sheet"], row["source_row"]) for row in rows] == [
        *(("form.csv", place) for place in places),
        *(("form.xlsx/Data", place) for place in places),
    ]


@pytest.mark.parametrize("wrapped", [True, False])
def test_json(tmp_path: Path, wrapped: bool) -> None:
    records: list[dict[str, Value]] = [dict(record) for record in RECORDS]
    reading, rows = read(write_json(tmp_path / "form.json", records, wrapped=wrapped), "rosters")
    assert values(rows) == RECORDS
    assert [row["source_row"] for row in rows] == [1, 2, 3, 4, 5]
    assert reading.sheets[0].name == "form.json"


CELL = st.text(st.characters(exclude_characters='\r\n\0;"', exclude_categories=("Cs", "Cc")), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(CELL, min_size=1, max_size=30),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    chunk=st.integers(16, 400),
)
def test_any_text_survives_in_chunks_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], encoding: str, chunk: int
) -> None:
    monkeypatch.setattr("pilar.reading.text.CHUNK_BYTES", chunk)
    data: list[list[Value]] = [[f"35220101{n:08d}", name, "PKH", "3523"] for n, name in enumerate(names)]
    grid = Grid([["NIK", "NAMA", "PILAR", "KAB/KOTA"], *data])
    _, rows = read(write_text(tmp_path / "any.csv", grid, ";", encoding), "rosters")
    assert [row["nik"] for row in rows] == [row[0] for row in data]
    assert [row["name"] for row in rows] == [name.strip(BLANKS) or None for name in names]
    assert [row["source_row"] for row in rows] == list(range(2, len(names) + 2))


RECORD = "R1;B1;K1;TALI_ASIH;20/11/2023;001;BUDI;1.000;SUKSES;;21/11/2023;"
ODD_LINES = st.sampled_from(
    [
        RECORD,
        RECORD,
        RECORD.replace("BUDI", 'BUDI "BOB" CONTOH'),
        RECORD.replace("BUDI", '"BUDI; S.Sos."'),
        RECORD.replace("BUDI", 'BUDI"'),
        RECORD + ";",
        RECORD + "x;y",
        RECORD.rstrip(";"),
        RECORD.replace("SUKSES", "NO REFERENSI"),
        RECORD.replace("R1", "NO REFERENSI"),
        RECORD.replace("R1", "TOTAL 1"),
        RECORD.replace("BUDI", "T_o-t a.l 9 Nominal"),
        RECORD.replace("BUDI", "B\rU"),
        RECORD.replace("BUDI", "\ufeff\u00a0BU\u00c9 \u200b"),
        RECORD.replace("BUDI", " \t"),
        RECORD.replace("BUDI", "TO").replace("001", "KEG") + "\r",
        "\ufeff" + RECORD,
        "",
        "  ; ;",
        "R2;B1",
        "7",
        "Kecamatan Contoh",
        "NO REFERENSI;NO SP2D;KEGIATAN;PROGRAM;TGL INSTRUKSI;NO REKENING;NAMA REKENING;NOMINAL;STATUS;KODE RETUR;"
        "TGL EFEKTIF;NO REF ASAL",
        "no referensi;no sp2d;Kegiatan;program;tgl. instruksi;no. rekening;nama rekening;nominal;status;kode retur;"
        "tgl efektif;no ref asal",
        "JUMLAH TRANSAKSI;3",
        ";;;;;;TOTAL NOMINAL : Rp 3.000;;;;;",
        "JUMLAH;;;;;;;3.000;;;;",
        "Tuban, 20 November 2023",
        "Kepala Dinas;;;;Mengetahui",
        "NIP. 196701011990031001",
    ]
)
HEADER_LINE = (
    "NO REFERENSI;NO SP2D;KEGIATAN;PROGRAM;TGL INSTRUKSI;NO REKENING;NAMA REKENING;NOMINAL;STATUS;KODE RETUR;"
    "TGL EFEKTIF;NO REF ASAL"
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(ODD_LINES, max_size=25),
    chunk=st.integers(200, 2000),
    end=st.sampled_from(["\n", "\n", "\r\n", "\r\r\n"]),
)
def test_blocks_columns_and_rows_one_by_one_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], chunk: int, end: str
) -> None:
    monkeypatch.setattr("pilar.reading.text.CHUNK_BYTES", chunk)
    path = tmp_path / "bank.csv"
    written = end.join([HEADER_LINE, RECORD, *lines, RECORD, RECORD, RECORD, *lines]) + "\n"
    path.write_bytes(written.encode())
    feed = contract("disbursements")
    source = stream.open_table(path, path.name, feed, path.name, Limits())
    assert source is not None
    with RowWriter(tmp_path / "fast.parquet", feed, "x") as writer:
        try:
            fast, fast_controls = stream.read(source, writer)
        except Rejected as refusal:
            assert refusal.rule_code == "FILE_RAGGED_ROWS"
            return
    known = [line.rstrip("\r") for line in written.removesuffix("\n").split("\n")]
    rows = [text.split(line, ";", quoted=False, width=12) for line in known]
    sheet = Sheet(path.name, [list(row) for row in rows])
    planned = table.plan(sheet.name, sheet.rows, feed, path.name)
    assert planned is not None
    with RowWriter(tmp_path / "slow.parquet", feed, "x") as writer:
        slow, slow_controls = table.read(sheet, planned, writer)
    assert pq.read_table(tmp_path / "fast.parquet").equals(pq.read_table(tmp_path / "slow.parquet"))
    assert (fast.skipped, fast.rows, fast_controls) == (slow.skipped, slow.rows, slow_controls)
    assert fast.rows + sum(fast.skipped.values()) == len(sheet.rows)


def test_a_plain_file_is_parsed_in_whole_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the last one, where a control line stands."""
    monkeypatch.setattr("pilar.reading.text.CHUNK_BYTES", 8192)
    by_lines: list[tuple[int, int]] = []
    looked_at = stream._Reading._by_lines

    def counting(self: stream._Reading, lines: pa.Array, first: int) -> None:
        by_lines.append((first, len(lines)))
        looked_at(self, lines, first)

    monkeypatch.setattr(stream._Reading, "_by_lines", counting)
    path = tmp_path / "bank.csv"
    path.write_text("\n".join([HEADER_LINE, *[RECORD] * 1000, "JUMLAH TRANSAKSI;1000"]) + "\n", "utf-8")
    feed = contract("disbursements")
    source = stream.open_table(path, path.name, feed, path.name, Limits())
    assert source is not None
    with RowWriter(tmp_path / "rows.parquet", feed, "x") as writer:
        found, controls = stream.read(source, writer)
    assert (found.rows, [control.value for control in controls]) == (1000, ["1000"])
    ((first, count),) = by_lines
    assert first + count == 1003
    assert count < 200
