"""What tests of recovery start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilar import landing
from pilar.config import Home
from tests.harness.fixtures import compiled, memory

__all__ = ["compiled", "memory"]

KEY = "a key of the tests, long enough to be taken"
HEAD = "NIK;NAMA;JENIS KELAMIN;TANGGAL LAHIR;PILAR;KAB/KOTA;NO REKENING\n"
TUBAN = HEAD + "3523124101850001;SITI REKAAN;P;01/01/1985;PKH;Kab. Tuban;0012345678\n"


def overwrite(path: Path, text: bytes = b"?") -> None:
    """Damage the first bytes: the size stays, the time does not."""
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.write(text)


def drop(home: Home, name: str, text: str = TUBAN) -> Path:
    path = home.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def full(home: Home) -> Home:
    """A home with one file taken, one not yet taken, and a key."""
    drop(home, "rosters/tuban.csv")
    for item in landing.scan(home).items:
        landing.ingest(home, item)
    drop(home, "rosters/baru.csv", TUBAN.replace("SITI", "SITO"))
    home.key_file.write_text(KEY + "\n", "utf-8")
    home.key_file.chmod(0o600)
    return home
