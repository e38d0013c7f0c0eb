"""A new indicator is a row of the seed and a row of a test: no code, no SQL."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pilar.config import Home
from pilar.figures import indicators as seed
from pilar.figures import read, vocabulary
from pilar.reading import reader, sandbox
from pilar.reading.model import Rejected, Sheet
from tests.figures.conftest import text_sheet
from tests.harness.compiled import Compiled
from tests.harness.memory import Memory
from tests.harness.nights import Nights

ROWS = (
    {
        "indicator": "gini_ratio", "name_id": "Rasio Gini", "name_en": "Gini ratio", "unit": "index", "decimals": "3",
        "least": "0", "most": "1", "adds_up": "false", "topic": "gini rasio|rasio gini|gini ratio",
        "units": "indeks=1", "three_digits": "decimal", "yearly_from": "2015-03", "alone": "false",
    },
    {
        "indicator": "unemployment_rate_pct", "name_id": "Tingkat pengangguran terbuka",
        "name_en": "Open unemployment rate", "unit": "percent", "decimals": "2", "least": "0", "most": "100",
        "adds_up": "false", "topic": "tingkat pengangguran terbuka|tpt|unemployment rate", "units": "persen=1",
        "three_digits": "decimal", "yearly_from": "2011-08", "alone": "false",
    },
)  # fmt: skip
"""Rows as somebody would add them; what a row leaves out is empty."""

TABLE = (
    "Indikator Sosial Ekonomi,,,\n"
    "Kab/Kota,Gini Rasio 2024,Tingkat Pengangguran Terbuka (TPT) (Persen) 2024,Persentase Penduduk Miskin 2024\n"
    "Kab. Tuban,0.330,4.45,14.36\nKab. Lamongan,0.312,5.01,12.16\n"
)


@pytest.fixture
def more_indicators(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The seed with two rows more."""
    with seed.SEED.open(encoding="utf-8", newline="") as handle:
        known = list(csv.DictReader(handle))
    longer = tmp_path / "indicators.csv"
    with longer.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(known[0]), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*known, *ROWS])
    monkeypatch.setattr(seed, "SEED", longer)
    _read_anew()
    yield longer
    monkeypatch.undo()
    _read_anew()


def _read_anew() -> None:
    seed.indicators.cache_clear()
    vocabulary.facets.cache_clear()


def read_table() -> set[tuple[object, ...]]:
    rows = read("tabel.csv", [text_sheet(TABLE)], None)
    return {(row["indicator"], row["region_code"], row["period"], row["value"]) for row in rows}


def test_without_its_row_an_indicator_is_another_matter() -> None:
    assert {indicator for indicator, *_ in read_table()} == {"poverty_rate_pct"}
    with pytest.raises(Rejected, match="missing: an indicator"):
        read("t.csv", [Sheet("s", [["Kab/Kota", "Gini Rasio 2024"], ["Kab. Tuban", 0.33]])], None)


@pytest.mark.usefixtures("more_indicators")
def test_a_row_of_the_seed_makes_its_tables_readable() -> None:
    assert read_table() == {
        ("gini_ratio", "3523", "2024-03", "0.330"),
        ("gini_ratio", "3524", "2024-03", "0.312"),
        ("unemployment_rate_pct", "3523", "2024-08", "4.45"),
        ("unemployment_rate_pct", "3524", "2024-08", "5.01"),
        ("poverty_rate_pct", "3523", "2024-03", "14.36"),
        ("poverty_rate_pct", "3524", "2024-03", "12.16"),
    }


def test_a_row_of_the_seed_carries_its_figures_to_the_marts(
    more_indicators: Path, compiled: Compiled, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Files are read in processes of their own, which know the seed as it lies in the project.
    monkeypatch.setattr(sandbox, "read", reader.read)
    added = ", ".join(f"'{row['indicator']}'" for row in ROWS)
    memory.forget()
    memory.ask(
        "INSERT INTO warehouse.seeds.indicators BY NAME "
        f"SELECT * FROM read_csv('{more_indicators}', all_varchar = true) WHERE indicator IN ({added})"
    )
    try:
        needed = compiled.needed_for(["fct_poverty", "dim_indicator"])
        nights = Nights(Home(tmp_path / "home").make(), memory, models=needed)
        nights.drop("poverty/ekonomi.csv", TABLE, at=1_735_689_600)
        nights.run()
        figures = nights.ask(
            "SELECT indicator, region_code, period, value FROM fct_poverty WHERE is_latest ORDER BY ALL"
        )
        named = nights.ask(
            f"SELECT indicator, indicator_name_en FROM dim_indicator WHERE indicator IN ({added}) ORDER BY ALL"
        )
    finally:
        memory.ask(f"DELETE FROM warehouse.seeds.indicators WHERE indicator IN ({added})")
        memory.forget()
    assert figures == [
        ("gini_ratio", "3523", "2024-03", Decimal("0.3300")),
        ("gini_ratio", "3524", "2024-03", Decimal("0.3120")),
        ("poverty_rate_pct", "3523", "2024-03", Decimal("14.3600")),
        ("poverty_rate_pct", "3524", "2024-03", Decimal("12.1600")),
        ("unemployment_rate_pct", "3523", "2024-08", Decimal("4.4500")),
        ("unemployment_rate_pct", "3524", "2024-08", Decimal("5.0100")),
    ]
    assert named == [("gini_ratio", "Gini ratio"), ("unemployment_rate_pct", "Open unemployment rate")]
