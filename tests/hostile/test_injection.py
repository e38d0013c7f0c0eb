"""SQL, Jinja, HTML and formulas in values, names and folders go through a night as text; no row goes missing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from random import Random

import duckdb
import pyarrow as pa
import pytest

from pilar.analyst.export import write_csv
from pilar.analyst.formulas import harmless
from pilar.config import Home
from tests.harness.memory import Memory
from tests.harness.nights import Nights
from tests.hostile import fuzzing

FORMULA = '=HYPERLINK("http://x.example")'
ROSTER = (
    "NIK;NAMA;PILAR;KAB/KOTA;NO REKENING;NAMA REKENING;KEGIATAN\n"
    f"3523014101900001;=1+1;PKH;3523;0012345678;{{{{ 7*7 }}}};{FORMULA}\n"
    "{{ 7*7 }};@SUM(A1);<img src=x onerror=alert(1)>;KAB. TUBAN;1e309;\u202e;x\n"
)
EVENTS = (
    "KEGIATAN;NAMA KEGIATAN;TANGGAL KEGIATAN;KAB/KOTA;PILAR;PROGRAM;NOMINAL\n"
    f"{FORMULA};<script>alert(1)</script>;20/11/2023;KAB. TUBAN;PKH;TALI_ASIH;1000000\n"
)
TRANSFERS = (
    "NO REFERENSI;BATCH/NO SP2D;KEGIATAN;PROGRAM;TANGGAL INSTRUKSI;NO REKENING;NAMA REKENING;NOMINAL;STATUS\n"
    f"=R1;@B1;{FORMULA};TALI_ASIH;20/11/2023;0012345678;=1+1;1000000;SUKSES\n"
    "+R2;@B1;{{ x }};TALI_ASIH;99/99/9999;0012345678;=1+1;1e309;SUKSES\n"
    "-R3;@B1;'\";TALI_ASIH;20/11/2023;0012345678;=1+1;NaN;${x}\n"
)
FUZZED = 60


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory, memory: Memory) -> Iterator[Nights]:
    memory.forget()
    nights = Nights(Home(tmp_path_factory.mktemp("hostile") / "home").make(), memory)
    nights.drop("events/=cmd()/{{ 7*7 }}.csv", EVENTS, at=1)
    nights.drop("rosters/'; drop table stg_rosters; --/<b>a.csv", ROSTER, at=2)
    nights.drop("disbursements/-1+1/{% raw %}.csv", TRANSFERS, at=3)
    random, seeds = (
        Random(7),
        [seed for seed in fuzzing.seeds() if seed.feed != "poverty" and len(seed.content) < 20_000],
    )
    for number in range(FUZZED):
        one = fuzzing.mutated(random.choice(seeds), seeds, random)
        nights.drop(f"{one.feed}/acak/{number} {one.name}", one.content, at=10 + number)
    nights.run()
    yield nights
    memory.forget()


def test_every_row_is_accounted_for(nights: Nights) -> None:
    lost = nights.ask(
        "SELECT file_name FROM file_ledger WHERE rows_read <> rows_accepted + rows_quarantined + rows_superseded"
    )
    assert lost == []
    states = dict(nights.ask("SELECT state, count(*)::INT FROM file_ledger GROUP BY state"))
    assert sum(states.values()) == FUZZED + 3
    assert states["accepted"] > 10
    assert states["rejected"] > 10
    assert nights.ask("SELECT 1 FROM file_ledger WHERE (state = 'rejected') <> (reason IS NOT NULL)") == []


def test_text_stays_text(nights: Nights) -> None:
    assert nights.ask("SELECT event_name FROM dim_event WHERE event_name LIKE '<%'") == [("<script>alert(1)</script>",)]
    assert nights.ask("SELECT reference_no, batch FROM fct_disbursement WHERE batch = '@B1'") == [("=R1", "@B1")]
    found = nights.ask("SELECT DISTINCT submitter FROM file_ledger ORDER BY submitter")
    assert {"'; drop table stg_rosters; --", "-1+1", "=cmd()", "acak"} == {submitter for (submitter,) in found}


def test_what_is_no_value_of_its_field_is_a_finding(nights: Nights) -> None:
    found = nights.ask(
        "SELECT rule_code FROM quality_findings WHERE submitter IN ('-1+1', '''; drop table stg_rosters; --')"
    )
    assert {
        "TRANSFER_AMOUNT_INVALID",
        "TRANSFER_DATE_INVALID",
        "TRANSFER_STATUS_UNKNOWN",
        "NIK_LENGTH",
        "PILLAR_UNKNOWN",
    } <= {rule_code for (rule_code,) in found}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-5", "-5"),
        ("-1.000,50", "-1.000,50"),
        ("-", "-"),
        ("", ""),
        ("a=1", "a=1"),
        (None, None),
    ],
)
def test_a_csv_holds_no_formula(text: str | None, shown: str | None) -> None:
    rows = pa.RecordBatch.from_pydict({"said": pa.array([text], pa.string()), "n": pa.array([-5])})
    assert harmless(rows).to_pydict() == {"said": [shown], "n": [-5]}


def test_what_is_exported_holds_no_formula(nights: Nights) -> None:
    with duckdb.connect() as fresh:
        fresh.execute("CREATE TABLE said (event_name VARCHAR, batch VARCHAR)")
        fresh.executemany("INSERT INTO said VALUES (?, ?)", [[FORMULA, "@B1"]])
        out = io.BytesIO()
        write_csv(fresh.table("said"), out)
    assert out.getvalue().decode().splitlines()[1] == '"\'=HYPERLINK(""http://x.example"")","\'@B1"'
