"""The harness says what whole nights say: else nothing that is proved on it would be proved of Pilar."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pilar import night, raw
from pilar.config import Home
from pilar.privacy import load_key
from tests.harness.compiled import Compiled
from tests.harness.deliveries import File, deliver
from tests.harness.memory import Memory
from tests.harness.nights import built

HEAD = "NIK;NAMA;L/P;TANGGAL LAHIR;PILAR;KAB/KOTA;KECAMATAN;NO REKENING;KPJ;BULAN\n"
SARI = "3523010101909001;SARI;L;01/01/1990;PKH;Kab. Tuban;;0011111111;23000009001;2023-11\n"
RINA = "3523015101909002;RINA;P;11/01/1990;PKH;Kab. Tuban;;0022222222;;2023-11\n"
SHORT = "352301510190900;BUDI;L;11/01/1990;PKH;Kab. Tuban;;0033333333;;2023-11\n"
BANK = "NO REFERENSI;NO SP2D;KEGIATAN;PROGRAM;TANGGAL INSTRUKSI;NO REKENING;NAMA REKENING;NOMINAL;STATUS;KODE RETUR\n"
EVENTS = "KEGIATAN;NAMA KEGIATAN;TANGGAL KEGIATAN;KAB/KOTA;PILAR;PROGRAM;NOMINAL;JUMLAH BULAN;MULAI\n"
NIGHTS: tuple[dict[str, str], ...] = (
    {
        "events/tuban.csv": EVENTS + "TBN-1;Tali Asih;20/11/2023;Kab. Tuban;PKH;TALI_ASIH;1.000.000;;\n"
        "TBN-1;Tali Asih;20/11/2023;Kab. Tuban;PKH;BPJS_TK;16.800;2;2023-11\n",
        "rosters/november.csv": HEAD + SARI + RINA + SHORT,
        "disbursements/b1.csv": BANK
        + "R-1;B-1;TBN-1;TALI_ASIH;21/11/2023;0011111111;SARI;1.000.000;SUKSES;\n"
        + "R-2;B-1;TBN-1;TALI_ASIH;21/11/2023;0022222222;RINA;1.000.000;RETUR;U183\n",
        "premiums/november.csv": "KPJ;NIK;NAMA;BULAN;PROGRAM;IURAN;STATUS\n"
        "23000009001;;SARI;2023-11;JKK+JKM;16.800;LUNAS\n",
    },
    {
        "rosters/lagi.csv": HEAD + SARI + RINA.replace("0022222222", "0044444444"),
        "disbursements/b2.csv": BANK + "R-3;B-2;TBN-1;TALI_ASIH;28/11/2023;0044444444;RINA;1.000.000;SUKSES;\n",
    },
    {
        "disbursements/b2 lagi.csv": BANK + "R-3;B-2;TBN-1;TALI_ASIH;28/11/2023;0044444444;RINA;1.000.000;RETUR;U183\n",
    },
)
"""Files of three nights. The second corrects a roster: what is incremental has something to keep and to add. The third
brings a bank file alone, so it is narrow."""

NOT_OF_THE_WORLD = {"mart_quality_scorecard"}
"""Counts by the night of its making."""


@pytest.fixture(scope="module")
def nights(
    compiled: Compiled, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[dict[str, list[Any]], dict[str, list[Any]]]]:
    """Each mart after each night, as a whole night says it and as the harness does: ``{night: (real, harness)}``."""
    home = Home(tmp_path_factory.mktemp("anchor") / "home").make()
    memory = Memory(compiled, load_key(home))
    memory.forget()
    said = {}
    for number, files in enumerate(NIGHTS):
        for name, content in files.items():
            path = home.landing / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
            moment = datetime(2023, 12, 1 + number, tzinfo=UTC).timestamp()
            os.utime(path, (moment, moment))
        built(home)
        memory.night(home)
        with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
            tables = [
                name
                for (name,) in warehouse.execute(
                    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'marts' ORDER BY 1"
                ).fetchall()
            ]
            real = {name: warehouse.execute(f"FROM marts.{name} ORDER BY ALL").fetchall() for name in tables}
        said[f"night {number + 1}"] = (real, {name: memory.ask(f"FROM marts.{name} ORDER BY ALL") for name in tables})
    memory.close()
    return said


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_harness_says_what_whole_nights_say(
    nights: dict[str, tuple[dict[str, list[Any]], dict[str, list[Any]]]], number: int
) -> None:
    real, harness = nights[f"night {number}"]
    assert len(real) > 10
    differing = [name for name in real if name not in NOT_OF_THE_WORLD and real[name] != harness[name]]
    assert differing == []
    for told in ("dim_participant", "fct_disbursement", "fct_premium_month", "mart_disbursement_reconciliation"):
        assert real[told], f"{told} is empty: nothing was compared"


def test_the_second_night_took_the_incremental_path(compiled: Compiled) -> None:
    changed = [model.name for model in compiled.models if model.incremental and model.whole != model.added]
    assert {"stg_rosters", "stg_disbursements", "int_transfer_payees", "mart_disbursement_reconciliation"} <= set(
        changed
    )


def test_a_delivery_without_bytes_is_what_landing_would_store(home: Home, tmp_path: Path) -> None:
    columns = ("event", "event_name", "event_date", "region", "pillar", "benefit", "amount_idr")
    cells = ("TBN-1", "Tali Asih", "20/11/2023", "Kab. Tuban", "PKH", "TALI_ASIH", "1")
    landed = home.landing / "events" / "a.csv"
    landed.parent.mkdir()
    heads = "KEGIATAN;NAMA KEGIATAN;TANGGAL KEGIATAN;KAB/KOTA;PILAR;PROGRAM;NOMINAL"
    landed.write_text(f"{heads}\n{';'.join(cells)}\n", "utf-8")
    plan = night.begin(home)
    list(night.ingest_all(home, plan["night_id"], plan["items"]))
    other = Home(tmp_path / "other").make()
    deliver(other, File("events", "a.csv", datetime(2023, 12, 1, tzinfo=UTC), [dict(zip(columns, cells, strict=True))]))
    (real,), (short,) = raw.receipts(home), raw.receipts(other)
    with duckdb.connect(":memory:") as session:
        said = [
            session.execute(f"SELECT * EXCLUDE (file_sha256, sheet) FROM '{raw.rows_path(place, receipt)}'").fetchall()
            for place, receipt in ((home, real), (other, short))
        ]
    assert said[0] == said[1]
    assert (real.state, real.rows_read, real.reader_version) == (short.state, short.rows_read, short.reader_version)
    shutil.rmtree(other.root)


def test_what_the_harness_cannot_run_is_refused(compiled: Compiled) -> None:
    with pytest.raises(KeyError, match="no such model"):
        compiled.needed_for(["mart_of_nothing"])
