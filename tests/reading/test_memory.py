"""A text file of any length is read in the same memory: one block and one row group of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

READ = """
import resource, sys
from pathlib import Path
from pilar.config import Limits
from pilar.contracts import contract
from pilar.reading import reader
path = Path(sys.argv[1])
reading = reader.read(path, contract("disbursements"), file_name=path.name, sha256="0" * 64, limits=Limits(),
    rows_to=path.with_suffix(".parquet"), work=path.parent)
print(reading.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""
HEADER = (
    b"NO REFERENSI;NO SP2D;KEGIATAN;PROGRAM;TGL INSTRUKSI;NO REKENING;NAMA REKENING;NOMINAL;STATUS;KODE RETUR;"
    b"TGL EFEKTIF\n"
)


def rows_and_peak(path: Path, rows: int) -> tuple[int, int]:
    """(rows read, peak memory in bytes) of a process that reads so many rows."""
    line = b"R%09d;SP2D-1;K1;TALI_ASIH;20/11/2023;%010d;BUDI CONTOH %d;1000000;SUKSES;;21/11/2023\n"
    with path.open("wb") as file:
        file.write(HEADER)
        file.writelines(line % (number, number, number) for number in range(rows))
    done = subprocess.run([sys.executable, "-c", READ, str(path)], check=True, capture_output=True, text=True)
    read, peak = map(int, done.stdout.split())
    return read, peak


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    short, long = tmp_path / "short.txt", tmp_path / "long.txt"
    rows, peak = rows_and_peak(short, 300_000)
    more_rows, higher_peak = rows_and_peak(long, 900_000)
    assert (rows, more_rows) == (300_000, 900_000)
    grown = long.stat().st_size - short.stat().st_size
    assert higher_peak - peak < grown // 3
