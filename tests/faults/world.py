"""A small invented home: two nights' worth of files of every feed, one of them broken, one a workbook.

The second brings a correction, a retried transfer, a decision and more BPS figures. People are invented, figures are
those of BPS.
"""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import xlsxwriter

from pilar.config import Home
from pilar.samples import SAMPLES

KEY = "a key that everybody may know, good for invented people alone"

_ROSTER = "NIK;NAMA;L/P;TANGGAL LAHIR;PILAR;KAB/KOTA;KECAMATAN;NO REKENING;KPJ;BULAN\n"
_SARI = "3523010101909001;SARI;L;01/01/1990;PKH;Kab. Tuban;;0011111111;23000009001;2023-11\n"
_RINA = "3523015101909002;RINA;P;11/01/1990;PKH;Kab. Tuban;;0022222222;;2023-11\n"
_SHORT = "352301510190900;BUDI;L;11/01/1990;PKH;Kab. Tuban;;0033333333;;2023-11\n"
_TAGANA = ["3525014502910003", "DEWI", "P", "05/02/1991", "TAGANA", "Kab. Gresik", "0055555555", "2023-11"]
_BANK = "NO REFERENSI;NO SP2D;KEGIATAN;PROGRAM;TANGGAL INSTRUKSI;NO REKENING;NAMA REKENING;NOMINAL;STATUS;KODE RETUR\n"
_EVENTS = "KEGIATAN;NAMA KEGIATAN;TANGGAL KEGIATAN;KAB/KOTA;PILAR;PROGRAM;NOMINAL;JUMLAH BULAN;MULAI\n"
_PREMIUMS = "KPJ;NIK;NAMA;BULAN;PROGRAM;IURAN;STATUS\n"
_BPS = "poverty/bps"


def first() -> dict[str, bytes]:
    """Files of the first night, by name below ``landing/``."""
    return _encoded(
        {
            "events/tuban.csv": _EVENTS
            + "TBN-1;Tali Asih;20/11/2023;Kab. Tuban;PKH;TALI_ASIH;1.000.000;;\n"
            + "TBN-1;Tali Asih;20/11/2023;Kab. Tuban;PKH;BPJS_TK;16.800;2;2023-11\n",
            "rosters/kab-tuban/november.csv": _ROSTER + _SARI + _RINA + _SHORT,
            "rosters/kab-tuban/rusak.xlsx": "bukan buku kerja",
            "disbursements/bank/b1.csv": _BANK
            + "R-1;B-1;TBN-1;TALI_ASIH;21/11/2023;0011111111;SARI;1.000.000;SUKSES;\n"
            + "R-2;B-1;TBN-1;TALI_ASIH;21/11/2023;0022222222;RINA;1.000.000;RETUR;U183\n",
            "premiums/november.csv": _PREMIUMS + "23000009001;;SARI;2023-11;JKK+JKM;16.800;LUNAS\n",
        }
    ) | {
        "rosters/kab-gresik/tagana.xlsx": _workbook(
            ["NIK", "NAMA", "L/P", "TANGGAL LAHIR", "PILAR", "KAB/KOTA", "NO REKENING", "BULAN"], _TAGANA
        ),
        f"{_BPS}/jumlah.csv": _figures("Jumlah Penduduk Miskin Kabupaten Kota Jawa Timur 2021-2023.csv"),
    }


def second(home: Home) -> dict[str, bytes]:
    """Files of the second night. The decision waives a finding of the release that ``home`` has."""
    with duckdb.connect(str(home.current_marts), read_only=True) as release:
        ((key,),) = release.execute(
            "SELECT finding_key FROM quality_findings WHERE rule_code = 'NIK_LENGTH'"
        ).fetchall()
    return _encoded(
        {
            "rosters/kab-tuban/november perbaikan.csv": _ROSTER
            + _SARI
            + _RINA.replace("0022222222", "0044444444")
            + _SHORT,
            "disbursements/bank/b2.csv": _BANK
            + "R-3;B-2;TBN-1;TALI_ASIH;28/11/2023;0044444444;RINA;1.000.000;SUKSES;\n",
            "premiums/desember.csv": _PREMIUMS + "23000009001;;SARI;2023-12;JKK+JKM;16.800;LUNAS\n",
            "decisions/keputusan.csv": "finding_key,verdict,reason,decided_by,expires_on\n"
            + f"{key},waive,diperiksa,petugas.tuban,2099-12-31\n",
            "premiums/kosong.csv": "",
        }
    ) | {f"{_BPS}/persen.csv": _figures("Persentase Penduduk Miskin Menurut Kabupaten_Kota di Jawa Timur, 2023.csv")}


def land(home: Home, files: dict[str, bytes], *, day: int) -> None:
    """Drop files into landing, delivered at noon (UTC) of a day of December 2023."""
    for name, content in files.items():
        drop(home.landing / name, content, at=datetime(2023, 12, day, 12, tzinfo=UTC))


def drop(path: Path, content: bytes, *, at: datetime) -> Path:
    """Write one file with a modification time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def _encoded(files: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def _figures(name: str) -> bytes:
    return (SAMPLES / "poverty" / "bps" / name).read_bytes()


def _workbook(*rows: list[str]) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"created": datetime(2023, 12, 1, tzinfo=UTC).replace(tzinfo=None)})
    sheet = book.add_worksheet("Tagana")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return made.getvalue()
