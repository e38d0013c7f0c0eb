"""Every reason why a file is refused whole; the reason says what was understood and holds no value."""

from __future__ import annotations

import gzip
import random
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sheetmaker import Grid, gzipped, read, write_ods, write_text, write_xls, write_xlsx, zipped

from pilar.config import Limits
from pilar.reading import reader, sandbox
from pilar.reading.model import Reading, Rejected

GOOD = Grid([["NIK", "NAMA", "PILAR", "KAB/KOTA"], ["3522010101900001", "SITI CONTOH", "PKH", "3523"]])
GOOD_TEXT = b"NIK;NAMA;PILAR;KAB/KOTA\n3522010101900001;SITI CONTOH;PKH;3523\n"


def refused(
    path: Path, feed: str = "rosters", limits: Limits | None = None, by: Callable[..., Reading] = reader.read
) -> Rejected:
    with pytest.raises(Rejected) as caught:
        read(path, feed, limits=limits, by=by)
    refusal = caught.value
    assert "SITI" not in f"{refusal} {refusal.detail_id} {refusal.detail_en}"
    assert "3522010101900001" not in f"{refusal} {refusal.detail_id} {refusal.detail_en}"
    return refusal


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def ole(*streams: str) -> bytes:
    """The shell of an OLE container with stream names in its directory."""
    names = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + names


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.csv", b"", "FILE_EMPTY"),
        ("a.csv", b"\xef\xbb\xbf \r\n\t\n", "FILE_EMPTY"),
        ("a.csv", b";;;\n\xc2\xa0;;\n", "FILE_NO_HEADER"),
        ("a.xlsx", b"", "FILE_EMPTY"),
        ("a.json", b"  \n", "FILE_EMPTY"),
        ("a.csv", b"\0" * 200_000, "FILE_EMPTY"),
        ("a.xlsx", random.Random(1).randbytes(5000), "FILE_UNREADABLE"),
        ("a.csv", random.Random(1).randbytes(5000), "FILE_UNREADABLE"),
        ("a.xlsx", b"PK\x03\x04" + bytes(500), "FILE_UNREADABLE"),
        ("a.zip", b"PK\x03\x04" + bytes(500), "FILE_UNREADABLE"),
        ("a.xls", ole("Workbook"), "FILE_UNREADABLE"),
        ("a.xls", ole(), "FILE_UNREADABLE"),
        ("a.csv.gz", gzip.compress(GOOD_TEXT, mtime=0)[:-12], "FILE_UNREADABLE"),
        ("a.json", b'[{"NIK": "3522010101900001", "NAMA": ', "FILE_UNREADABLE"),
        ("a.xlsx", ole("EncryptedPackage", "EncryptionInfo"), "FILE_ENCRYPTED"),
        ("a.xls", ole("EncryptedPackage"), "FILE_ENCRYPTED"),
        ("a.xls", b"<html><table><tr><td>NIK</td></tr></table></html>", "FILE_WRONG_EXTENSION"),
        ("a.xls", b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "FILE_WRONG_EXTENSION"),
        ("a.xlsx", GOOD_TEXT, "FILE_WRONG_EXTENSION"),
        ("a.csv", b'[{"NIK": "1"}]', "FILE_WRONG_EXTENSION"),
        ("a.json", GOOD_TEXT, "FILE_WRONG_EXTENSION"),
        ("a.csv", b"%PDF-1.7\n", "FILE_WRONG_EXTENSION"),
        ("a.xls", ole("WordDocument"), "FILE_WRONG_EXTENSION"),
        ("a.zip", GOOD_TEXT, "FILE_WRONG_EXTENSION"),
        ("a.pdf", b"%PDF-1.7\n", "FILE_UNKNOWN_FORMAT"),
        ("a.xlsm", GOOD_TEXT, "FILE_UNKNOWN_FORMAT"),
        ("a", b"%PDF-1.7\n", "FILE_UNKNOWN_FORMAT"),
        ("a.csv", b"Catatan rapat\nTidak ada tabel\n", "FILE_NO_HEADER"),
        ("a.csv", b"NAMA;PILAR;KAB/KOTA\nSITI;PKH;3523\n", "FILE_MISSING_COLUMN"),
        ("a.csv", b"NIK;NAMA;PILAR;KAB/KOTA\n\n;;;\n", "FILE_NO_ROWS"),
        ("a.csv", b"NIK;NAMA;PILAR;KAB/KOTA\nTuban, 20 November 2023\nKepala Dinas\n", "FILE_NO_ROWS"),
        ("a.json", b"[]", "FILE_NO_ROWS"),
        ("a.json", b'{"NIK": "1"}', "FILE_NO_HEADER"),
        ("a.csv", GOOD_TEXT[:24] + b"3522010101900001;SITI;S.Sos.;PKH;3523;9\n" * 3, "FILE_RAGGED_ROWS"),
        ("a.csv", b"NIK;NIK;NAMA;PILAR;KAB/KOTA\n3522010101900001;2;SITI;PKH;3523\n", "FILE_AMBIGUOUS_HEADER"),
    ],
)
def test_refusals(tmp_path: Path, name: str, content: bytes, rule: str) -> None:
    assert refused(put(tmp_path / name, content)).rule_code == rule


@pytest.mark.parametrize("write", [write_xlsx, write_xls, write_ods])
def test_cut_off_spreadsheets(tmp_path: Path, write: Callable[[Path, Grid], Path]) -> None:
    path = write(tmp_path / f"a.{write.__name__.removeprefix('write_')}", GOOD)
    put(path, path.read_bytes()[:-700])
    assert refused(path).rule_code == "FILE_UNREADABLE"


def test_spreadsheets_under_each_others_endings(tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "a.xlsx", GOOD)
    for name in ("b.xls", "b.ods", "b.csv", "b.zip"):
        refusal = refused(put(tmp_path / name, book.read_bytes()))
        assert refusal.rule_code == "FILE_WRONG_EXTENSION"
        assert "Excel .xlsx" in refusal.detail_id


def test_empty_and_hidden_workbooks(tmp_path: Path) -> None:
    assert refused(write_xlsx(tmp_path / "a.xlsx", Grid())).rule_code == "FILE_EMPTY"
    hidden = replace(GOOD, sheet="Data rahasia")
    refusal = refused(write_xlsx(tmp_path / "b.xlsx", Grid(sheet="Kosong"), hidden, hidden=(hidden.sheet,)))
    assert refusal.rule_code == "FILE_EMPTY"
    assert "Data rahasia" in refusal.detail_id


def test_an_xls_with_a_password(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "a.xls", GOOD)
    content = path.read_bytes()
    start = content.index(struct.pack("<HH", 0x0809, 16)) + 20  # after the BOF record of the workbook stream
    password = struct.pack("<HHHH", 0x002F, 4, 1, 0x0201)  # FILEPASS: RC4
    end = start
    while end - start < len(password) + 4:
        end += 4 + struct.unpack_from("<H", content, end + 2)[0]
    filler = bytes(end - start - len(password) - 4)
    path.write_bytes(content[:start] + password + struct.pack("<HH", 0x0FFF, len(filler)) + filler + content[end:])
    assert refused(path).rule_code == "FILE_ENCRYPTED"


def test_an_xls_whose_directory_runs_in_circles(tmp_path: Path) -> None:
    """The parser follows the circle until memory ends; that must end its own process only."""
    small = Limits(max_reading_memory_bytes=512 * 1024**2)
    path = write_xls(tmp_path / "a.xls", GOOD)
    content = bytearray(path.read_bytes())
    directory, table = struct.unpack_from("<I", content, 48)[0], struct.unpack_from("<I", content, 76)[0]
    struct.pack_into("<I", content, 512 * (table + 1) + 4 * directory, directory)
    path.write_bytes(content)
    refusal = refused(path, limits=small, by=sandbox.read)
    assert refusal.rule_code == "FILE_UNREADABLE"
    assert "PILAR_MAX_READING_MEMORY_BYTES" in refusal.detail_id


def test_an_ods_with_a_password(tmp_path: Path) -> None:
    plain = write_ods(tmp_path / "a.ods", GOOD)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(tmp_path / "b.ods", "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "META-INF/manifest.xml":
                content = content.replace(b"</manifest:manifest>", b"<manifest:encryption-data/></manifest:manifest>")
            new.writestr(info, content)
    assert refused(tmp_path / "b.ods").rule_code == "FILE_ENCRYPTED"


def test_archives_name_the_member_at_fault(tmp_path: Path) -> None:
    good = write_text(tmp_path / "baik.csv", GOOD, ";")
    bad = put(tmp_path / "rusak.xlsx", b"PK\x03\x04" + bytes(100))
    refusal = refused(zipped(tmp_path / "a.zip", good, bad))
    assert refusal.rule_code == "FILE_UNREADABLE"
    assert refusal.detail_id.startswith("rusak.xlsx: ")
    nested = zipped(tmp_path / "dalam.zip", good)
    refusal = refused(zipped(tmp_path / "b.zip", nested))
    assert refusal.rule_code == "FILE_UNKNOWN_FORMAT"
    assert "dalam.zip" in refusal.detail_en
    assert refused(gzipped(tmp_path / "c.zip.gz", nested)).rule_code == "FILE_UNKNOWN_FORMAT"
    assert refused(zipped(tmp_path / "d.zip")).rule_code == "FILE_EMPTY"


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", write_text(tmp_path / "a.csv", GOOD, ";"), junk=False)
    content = bytearray(path.read_bytes())
    content[6] |= 1  # flag bit 0 in the local header, and in the central directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refused(path).rule_code == "FILE_ENCRYPTED"


def test_limits(tmp_path: Path) -> None:
    bomb = put(tmp_path / "a.csv", GOOD_TEXT + b"\n" * 1_000_000)
    small = Limits(max_unpacked_bytes=100_000, max_archive_members=2)
    assert refused(gzipped(tmp_path / "a.csv.gz", bomb), limits=small).rule_code == "FILE_TOO_LARGE"
    assert refused(zipped(tmp_path / "a.zip", bomb), limits=small).rule_code == "FILE_TOO_LARGE"
    members = [put(tmp_path / f"{n}.csv", GOOD_TEXT) for n in range(3)]
    assert refused(zipped(tmp_path / "b.zip", *members), limits=small).rule_code == "FILE_TOO_LARGE"
    book = write_xlsx(tmp_path / "a.xlsx", GOOD)
    refusal = refused(book, limits=Limits(max_unpacked_bytes=1000))
    assert refusal.rule_code == "FILE_TOO_LARGE"
    assert "PILAR_MAX_UNPACKED_BYTES" in refusal.detail_id


def test_one_cell_in_the_last_corner_does_not_ask_for_billions(tmp_path: Path) -> None:
    far = Grid([*GOOD.rows])
    path = write_xlsx(tmp_path / "a.xlsx", far)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                corner = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                content = content.replace(b"</sheetData>", corner)
            new.writestr(info, content)
    assert refused(tmp_path / "b.xlsx").rule_code == "FILE_TOO_LARGE"


def test_a_member_that_leaves_the_archive_stays_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../keluar.csv", GOOD_TEXT)
    _, rows = read(path, "rosters")
    assert rows[0]["sheet"] == "../../keluar.csv"
    assert not (tmp_path.parent / "keluar.csv").exists()
    assert not (tmp_path / "keluar.csv").exists()
