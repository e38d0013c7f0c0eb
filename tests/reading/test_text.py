"""Text files: every physical line is a row, and a quote never swallows one."""

from __future__ import annotations

from pathlib import Path

import pytest
from sheetmaker import read, values

from pilar.reading import text
from pilar.reading.model import Rejected

HEADER = "NIK;NAMA;PILAR;KAB/KOTA\n"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def roster(count: int, names: dict[int, str]) -> str:
    lines = (f"35220101{n:08d};{names.get(n, 'SITI CONTOH')};PKH;3523\n" for n in range(1, count + 1))
    return HEADER + "".join(lines)


@pytest.mark.parametrize("name", ['"SITI', 'SITI"', '"', 'SI"TI', '"SITI" CONTOH', '"SITI"'])
def test_a_stray_quote_swallows_nothing(tmp_path: Path, name: str) -> None:
    _, rows = read(write(tmp_path / "a.csv", roster(3000, {10: name})), "rosters")
    assert len(rows) == 3000
    assert rows[9]["name"] == name
    assert [row["source_row"] for row in rows] == list(range(2, 3002))
    assert {row["name"] for row in rows if row["source_row"] != 11} == {"SITI CONTOH"}


def test_quotes_that_mend_a_ragged_line_are_quotes(tmp_path: Path) -> None:
    content = 'NIK,NAMA,PILAR,KAB/KOTA\n3522010101900001,"CONTOH, S.Sos.",PKH,3523\n3522010101900002,"ANDI",PKH,3523\n'
    reading, rows = read(write(tmp_path / "a.csv", content), "rosters")
    assert [row["name"] for row in rows] == ["CONTOH, S.Sos.", '"ANDI"']
    assert reading.sheets[0].ragged_rows == []


def test_a_file_that_quotes_every_header_quotes(tmp_path: Path) -> None:
    lines = ['"NIK";"NAMA";"PILAR";"KAB/KOTA"', '"3522010101900001";"ANDI ""BOB"" REKAAN";"PKH";"3523"']
    lines += ['"3522010101900002";"SITI; S.Sos.";"PKH";"3523"', "3522010101900003;DEWI;PKH;3523", '"35;"X;PKH;3523']
    _, rows = read(write(tmp_path / "a.csv", "\n".join(lines)), "rosters")
    assert [row["name"] for row in rows] == ['ANDI "BOB" REKAAN', "SITI; S.Sos.", "DEWI", '"X']
    assert rows[0]["nik"] == "3522010101900001"


def test_feeds_that_quote(tmp_path: Path) -> None:
    content = (
        "finding_key,verdict,reason,decided_by\n" + 'abc,waive,"salah ketik, sudah benar",rina\nabd,waive,"x,rina\n'
    )
    _, rows = read(write(tmp_path / "a.csv", content), "decisions")
    assert [row["reason"] for row in rows] == ["salah ketik, sudah benar", '"x']


def test_a_ragged_row_is_kept_and_named(tmp_path: Path) -> None:
    content = roster(4, {2: "CONTOH; S.Sos.; M.Si."})
    reading, rows = read(write(tmp_path / "a.csv", content), "rosters")
    assert len(rows) == 4
    assert reading.sheets[0].ragged_rows == [{"source_row": 3, "extra_cells": 2}]


def test_empty_cells_beyond_the_header_are_nothing(tmp_path: Path) -> None:
    content = "".join(line + ";;\n" if line else "" for line in roster(5, {}).splitlines())
    reading, rows = read(write(tmp_path / "a.csv", content), "rosters")
    assert len(rows) == 5
    assert reading.sheets[0].ragged_rows == []


def test_nul_bytes_spoil_a_value_and_nothing_else(tmp_path: Path) -> None:
    content = roster(50, {7: "SI\0TI"}).encode() + b"\0" * 100
    reading, rows = read(write(tmp_path / "a.csv", content), "rosters")
    assert len(rows) == 50
    assert rows[6]["name"] == "SI\ufffdTI"
    assert reading.sheets[0].skipped["trailer"] == 1


@pytest.mark.parametrize(
    ("content", "codec"),
    [
        ("NIK;Rékaan".encode("cp1252"), "cp1252"),
        ("NIK;Rékaan".encode(), "utf-8"),
        ("NIK;Rékaan".encode("utf-16-le"), "utf-16-le"),
        ("NIK;Rékaan".encode("utf-16-be"), "utf-16-be"),
        ("NIK;éèê".encode() + b"\xff", "utf-8"),
        (b"NIK;x", "utf-8"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, codec: str) -> None:
    assert text.recognise_encoding(write(tmp_path / "a.csv", content)).codec == codec


@pytest.mark.parametrize("extra", ["\x85", "\u2028", "\x0b", "\x0c", "\x1c"])
def test_only_line_ends_end_lines(tmp_path: Path, extra: str) -> None:
    _, rows = read(write(tmp_path / "a.csv", roster(3, {2: f"SITI{extra}CONTOH"})), "rosters")
    assert [row["source_row"] for row in rows] == [2, 3, 4]
    assert rows[1]["name"] == f"SITI{extra}CONTOH"


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_LINE_BYTES", 1000)
    monkeypatch.setattr(text, "CHUNK_BYTES", 500)
    with pytest.raises(Rejected) as refused:
        read(write(tmp_path / "a.csv", HEADER + "x" * 5000), "rosters")
    assert refused.value.rule_code == "FILE_UNREADABLE"


def test_control_lines_wherever_their_value_stands(tmp_path: Path) -> None:
    header = (
        "NO REFERENSI,NO SP2D,KEGIATAN,PROGRAM,TANGGAL INSTRUKSI,NO REKENING,NAMA REKENING,NOMINAL,STATUS,KODE RETUR\n"
    )
    record = "R{},B1,K1,TALI_ASIH,20/11/2023,001,BUDI,1000000,SUKSES,\n"
    above = "Jumlah Transaksi : 2\n\n"
    below = ",,,,,,TOTAL NOMINAL,Rp 2,000,000\n\nJUMLAH TRANSAKSI,,,2\nTotal Nominal: Rp 2.000.000\n"
    content = above + header + record.format(1) + record.format(2) + below
    reading, rows = read(write(tmp_path / "a.csv", content), "disbursements")
    assert [row["reference_no"] for row in rows] == ["R1", "R2"]
    assert [(c.name, c.value, c.source_row) for c in reading.controls] == [
        ("transaction_count", "2", 1),
        ("total_idr", "Rp 2,000,000", 6),
        ("transaction_count", "2", 8),
        ("total_idr", "Rp 2.000.000", 9),
    ]
    assert reading.sheets[0].skipped == {"title": 0, "blank": 2, "header": 1, "control": 4, "trailer": 0}


def test_values_of_a_thin_last_record_are_kept(tmp_path: Path) -> None:
    content = roster(3, {}) + "3522010101900009;;;\n\nTuban, 20 November 2023\nKepala Dinas Sosial\n;Drs. CONTOH;;\n"
    reading, rows = read(write(tmp_path / "a.csv", content), "rosters")
    assert values(rows)[-1] == {"nik": "3522010101900009"}
    assert reading.sheets[0].skipped["trailer"] == 3
