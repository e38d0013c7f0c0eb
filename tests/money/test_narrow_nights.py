"""Narrow nights leave what building everything anew would: on invented histories, table by table and row by row."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pilar import load
from pilar.config import Home
from pilar.verify import Damage
from tests.harness.compiled import NIGHT, Compiled
from tests.harness.deliveries import File, deliver
from tests.harness.memory import Memory

FIRST_DAY = datetime(2023, 11, 1, tzinfo=UTC)
OWNERS = {
    "0011110001": "ANI WULANDARI",
    "0011110002": "BUDI SANTOSO",
    "0011110003": "CAHYO NUGROHO",
}
STRANGERS = {"8888000001": "SLAMET RIYADI", "8888000002": "BUDI SANTOSO"}
TOLD = [table for _, table in load.MONEY_TABLES if table not in ("int_payees_before", "int_transfer_kin")]
"""What must be equal; the other two only say what a night looked at."""
DELIVERIES = "source.pilar.raw.deliveries"
OF_ONE_FEED = {
    "int_decision_lines",
    "int_disbursement_exceptions",
    "int_disbursement_lines",
    "int_event_lines",
    "int_money_control",
    "int_money_findings",
    "int_poverty_cells",
    "int_poverty_lines",
    "int_premium_lines",
    "int_roster_states",
    "int_verdicts",
}
"""Models that look up the deliveries of a feed that they are made of, and of no other."""
LOOKED_AT = ("int_payees_before", "int_transfer_kin", "int_disbursement_news", "int_transfer_news", "int_payee_news")
NIGHTS = 5


def events_and_rosters() -> list[File]:
    events = [
        {"event": code, "event_date": "20/11/2023", "region": "Kab. Tuban", "pillar": "PKH", "benefit": "TALI_ASIH"}
        | {"event_name": code, "amount_idr": "1000000"}
        for code in ("E1", "E2")
    ]
    people = [
        {"nik": f"352301010190900{number}", "name": name, "sex": "L", "birth_date": "01/01/1990", "pillar": "PKH"}
        | {"region": "Kab. Tuban", "account_no": account}
        for number, (account, name) in enumerate(OWNERS.items(), start=1)
    ]
    # Two people share an account, so that some transfers have two owners to choose from.
    people.append(people[0] | {"nik": "3523010101909009", "name": "DEWI LESTARI"})
    return [File("events", "e.csv", FIRST_DAY, events), File("rosters", "r.csv", FIRST_DAY, people)]


def bank_row(chance: random.Random, references: list[str]) -> dict[str, str]:
    """A row about one of a few transfers; now and then it lacks something or repeats another transfer."""
    account, holder = chance.choice([*OWNERS.items(), *STRANGERS.items()])
    row = {
        "reference_no": chance.choice(references),
        "batch": chance.choice(["B1", "B-1", "B2", "B3"]),
        "event": chance.choice(["E1", "E1", "E2", "LAIN"]),
        "benefit": "TALI ASIH",
        "instructed_on": f"{chance.randint(1, 4)}/12/2023",
        "account_no": account,
        "account_name": holder,
        "amount_idr": chance.choice(["1000000", "500000"]),
        "status": chance.choice(["SUKSES", "GAGAL", "RETUR", "PROSES"]),
    }
    if chance.random() < 0.35:
        row["retry_of"] = chance.choice(references)
    if chance.random() < 0.15:
        row.pop(chance.choice(["batch", "reference_no", "status"]))
    return row


def bank_files(
    chance: random.Random, references: list[str], kept: list[list[dict[str, str]]], night: int
) -> list[File]:
    """Up to three files of a night: new rows, some told before; delivered out of order, some under one name."""
    files = []
    for number in range(chance.randint(1, 3)):
        rows = [bank_row(chance, references) for _ in range(chance.randint(1, 6))]
        if kept and chance.random() < 0.4:
            rows.append(chance.choice(chance.choice(kept)))
        kept.append(rows)
        lies = chance.random() < 0.4
        controls = {"transaction_count": str(len(rows) + lies)} if chance.random() < 0.3 else {}
        name = chance.choice(["f.csv", "g.csv"]) if chance.random() < 0.3 else f"n{night}{number}.csv"
        files.append(File("disbursements", name, FIRST_DAY + timedelta(days=chance.randint(1, 30)), rows, controls))
    return files


def rows_of(memory: Memory, table: str) -> list[tuple[Any, ...]]:
    """A money table's rows in their columns' order: incremental tables may keep another one."""
    schema = next(schema for schema, name in load.MONEY_TABLES if name == table)
    columns = ", ".join(sorted(row[0] for row in memory.ask(f"DESCRIBE {schema}.{table}")))
    return sorted(memory.ask(f"SELECT {columns} FROM {schema}.{table}"), key=repr)


def history(seed: int) -> list[list[File]]:
    chance = random.Random(seed)
    references = [f"Z{number}" for number in range(chance.choice([4, 8, 14]))]
    kept: list[list[dict[str, str]]] = []
    nights = [bank_files(chance, references, kept, night) for night in range(NIGHTS)]
    nights[0] = events_and_rosters() + nights[0]
    return nights


@pytest.mark.parametrize("seed", range(12))
def test_a_narrow_night_leaves_what_a_whole_one_would(
    memory: Memory, compiled: Compiled, tmp_path: Path, seed: int
) -> None:
    models = compiled.needed_for(TOLD)
    nights = history(seed)
    grown: list[Mapping[str, list[tuple[Any, ...]]]] = []
    memory.forget()
    home = Home(tmp_path / "grown").make()
    for files in nights:
        for file in files:
            deliver(home, file)
        memory.night(home, models=models)
        grown.append({table: rows_of(memory, table) for table in TOLD})
    home = Home(tmp_path / "whole").make()
    for night, files in enumerate(nights):
        for file in files:
            deliver(home, file)
        memory.forget()
        memory.night(home, models=models)
        for table in TOLD:
            assert grown[night][table] == rows_of(memory, table), f"night {night}: {table}"


def test_what_no_news_reaches_stands_as_it_would_be_made_anew(
    memory: Memory, compiled: Compiled, tmp_path: Path
) -> None:
    """All models, and nights that bring one feed alone: only what is made of it is made again."""
    chance = random.Random("news of one feed")
    references = [f"Z{number}" for number in range(8)]
    month = {"bpjs_no": "23000009001", "nik": "3523010101909001", "month": "2023-11", "program": "JKK+JKM"}
    paid = [month | {"amount_idr": "16800", "status": "LUNAS"}, month | {"amount_idr": "nol", "status": "LUNAS"}]
    nights = [
        events_and_rosters() + bank_files(chance, references, [], 0),
        bank_files(chance, references, [], 1),
        [File("premiums", "p.csv", FIRST_DAY + timedelta(days=40), paid)],
        [],
        bank_files(chance, references, [], 4),
    ]
    told = [model for model in compiled.models if not model.view and model.name not in LOOKED_AT]

    def contents() -> dict[str, list[tuple[Any, ...]]]:
        return {model.name: sorted(memory.ask(f"SELECT COLUMNS(*) FROM {model.relation}"), key=repr) for model in told}

    memory.forget()
    home, grown = Home(tmp_path / "grown").make(), []
    for files in nights:
        for file in files:
            deliver(home, file)
        memory.night(home)
        grown.append(contents())
    home = Home(tmp_path / "whole").make()
    for night, files in enumerate(nights):
        for file in files:
            deliver(home, file)
        memory.forget()
        memory.night(home)
        whole = contents()
        assert [name for name in whole if grown[night][name] != whole[name]] == [], f"night {night}"


def test_whoever_looks_at_all_files_is_made_every_night(compiled: Compiled) -> None:
    """A night with news of one feed makes other models only if they are among those of every night."""
    every_night = compiled.reached_by([])
    kept = {
        model.name for model in compiled.models if DELIVERIES in model.parents and model.unique_id not in every_night
    }
    assert kept == OF_ONE_FEED, "a model that joins deliveries to rows of one feed belongs here, no other"


def test_the_tables_that_a_narrow_night_renews_are_dbts_incremental_ones(compiled: Compiled) -> None:
    incremental = {model.name for model in compiled.models if model.incremental and not model.name.startswith("stg_")}
    assert {table for _, table in load.MONEY_TABLES} == incremental


def test_feeds_that_money_is_made_of_are_those_of_its_models(compiled: Compiled) -> None:
    staged = {model.name for model in compiled.needed_for(TOLD) if model.name.startswith("stg_")}
    assert staged == {f"stg_{feed}" for feed in load.UPSTREAM_OF_MONEY}


# --- when a night is narrow -----------------------------------------------------------------------------------------


@pytest.fixture
def built(home: Home) -> Home:
    """A home whose tables stand as a good build left them; one waiver holds until 1 January 2030."""
    for file in events_and_rosters():
        deliver(home, file)
    load.load(home)
    with duckdb.connect(str(home.warehouse)) as warehouse:
        for schema, table in load.MONEY_TABLES:
            warehouse.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            warehouse.execute(f"CREATE TABLE {schema}.{table} AS SELECT 1 AS kept")
        warehouse.execute(
            "CREATE TABLE intermediate.int_verdicts AS"
            " SELECT 'waive' AS verdict, DATE '2030-01-01' AS expires_on, false AS is_expired"
        )
    load.mark_built(home)
    return home


def news(home: Home) -> list[str]:
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        return [row[0] for row in warehouse.execute("SELECT file_sha256 FROM raw.news").fetchall()]


def bank_file(name: str = "b.csv", *, day: int = 5) -> File:
    row = {"reference_no": "R1", "batch": "B1", "status": "SUKSES"}
    return File("disbursements", name, FIRST_DAY + timedelta(days=day), [row])


def test_a_bank_file_alone_makes_a_narrow_night(built: Home) -> None:
    file = bank_file()
    deliver(built, file)
    loaded = load.load(built, today=NIGHT)
    assert (loaded.narrow, loaded.news) == (True, ["disbursements"])
    assert news(built) == [file.sha256]


def test_a_night_of_figures_and_premiums_is_narrow_and_brings_money_no_news(built: Home) -> None:
    deliver(built, File("premiums", "p.csv", FIRST_DAY, [{"month": "2023-01"}]))
    loaded = load.load(built, today=NIGHT)
    assert (loaded.narrow, loaded.news) == (True, ["premiums"])
    assert news(built) == []


def test_rows_that_were_lost_are_news_once_they_are_back(built: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    file = bank_file()
    deliver(built, file)
    with monkeypatch.context() as damaged:
        lost = Damage("disbursements", file.sha256, file.name, rows_lost=True)
        damaged.setattr(load.verify, "damaged", lambda _: [lost])
        assert load.load(built, today=NIGHT).pending["disbursements"] == 0
        load.mark_built(built)
    loaded = load.load(built, today=NIGHT)
    assert (loaded.pending["disbursements"], loaded.news) == (1, ["disbursements"])
    assert news(built) == [file.sha256]


@pytest.mark.parametrize("feed", sorted(load.UPSTREAM_OF_MONEY - {"disbursements"}))
def test_news_of_people_events_or_verdicts_makes_a_wide_night(built: Home, feed: str) -> None:
    deliver(built, bank_file())
    deliver(built, File(feed, "new.csv", FIRST_DAY, [{}]))
    assert not load.load(built, today=NIGHT).narrow
    assert news(built) == []
    with duckdb.connect(str(built.warehouse), read_only=True) as warehouse:
        standing = {row[0] for row in warehouse.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert standing & {table for _, table in load.MONEY_TABLES} == set(), "dbt must build these whole"


def test_a_waiver_that_runs_out_makes_a_wide_night(built: Home) -> None:
    deliver(built, bank_file())
    assert not load.load(built, today=date(2030, 1, 2)).narrow


def test_the_night_after_one_that_did_not_end_well_is_wide(built: Home) -> None:
    deliver(built, bank_file())
    assert load.load(built, today=NIGHT).narrow
    assert not load.load(built, today=NIGHT).narrow, "nobody marked the build"


def test_a_file_that_turns_out_to_be_older_makes_a_wide_night(built: Home) -> None:
    deliver(built, bank_file(day=5))
    load.load(built, today=NIGHT)
    with duckdb.connect(str(built.warehouse)) as warehouse:
        for schema, table in load.MONEY_TABLES:
            warehouse.execute(f"CREATE TABLE IF NOT EXISTS {schema}.{table} AS SELECT 1 AS kept")
    load.mark_built(built)
    deliver(built, bank_file("earlier.csv", day=1))
    assert not load.load(built, today=NIGHT).narrow


def test_new_code_makes_a_wide_night(built: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "code_version", lambda: "other")
    loaded = load.load(built, today=NIGHT)
    assert (loaded.full_refresh, loaded.narrow, loaded.news) == (True, False, None)
