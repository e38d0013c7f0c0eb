"""A night over every BPS file and API answer of the shared data folder, landed as they are."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from pilar import night
from pilar.config import Home
from tests.conftest import Night

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def bps_night(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Night:
    home = Home(tmp_path_factory.mktemp("bps") / "home").make()
    for folder in ("bps", "bps_api"):
        shutil.copytree(shared / folder, home.landing / "poverty" / folder, copy_function=shutil.copyfile)
    return Night(home, night.run(home))


def test_it_is_published(bps_night: Night) -> None:
    assert bps_night.ended["outcome"] == "published", bps_night.ended["text"]


def test_each_file_loads_or_is_refused_for_a_true_reason(bps_night: Night) -> None:
    refused = dict(
        bps_night.ask("SELECT parse_filename(file_name), rule_code FROM file_ledger WHERE state = 'rejected'")
    )
    population = next(name for name in refused if name.startswith("Penduduk, Laju Pertumbuhan"))
    assert refused == {
        population: "TABLE_NOT_UNDERSTOOD",  # population, no poverty figure in it
        "Klasifikasi Tingkat Kemiskinan di Indonesia.csv": "TABLE_NOT_UNDERSTOOD",  # names no year anywhere
        "var_ids_kemiskinan.csv": "TABLE_NOT_UNDERSTOOD",  # a list of ids, no regions
        "data_0000_1804.json": "API_NOT_POVERTY",
        "th_0000_1804.json": "API_NOT_POVERTY",
        "var_0000_p1.trimmed.json": "API_NOT_POVERTY",
        "data_list_not_available.json": "API_NOT_AVAILABLE",
        "data_null_too_large.json": "API_ERROR_ANSWER",
        "error_bad_key.json": "API_ERROR_ANSWER",
        "error_data_missing_th.json": "API_ERROR_ANSWER",
        "error_data_too_many_th.json": "API_ERROR_ANSWER",
    }
    assert bps_night.ask("SELECT count(*) FROM file_ledger WHERE state = 'accepted'") == [(18,)]
    reasons = bps_night.ask("SELECT reason FROM file_ledger WHERE state = 'rejected'")
    assert all(reason for (reason,) in reasons)


def test_east_java_by_half_year(bps_night: Night) -> None:
    """The list of the data folder's README, section 6."""
    found = dict(
        bps_night.ask(
            "SELECT period, value FROM fct_poverty WHERE region_code = '3500' AND area_type = 'total' "
            "AND indicator = 'poor_people_thousand' AND is_latest AND period BETWEEN '2020-03' AND '2023-09'"
        )
    )
    assert found == {
        "2020-03": Decimal("4419.1000"),
        "2020-09": Decimal("4585.9700"),
        "2021-03": Decimal("4572.7300"),
        "2021-09": Decimal("4259.6000"),
        "2022-03": Decimal("4181.2900"),
        "2022-09": Decimal("4236.5100"),
        "2023-03": Decimal("4188.8100"),
    }


def test_the_claim_of_the_largest_fall_holds(bps_night: Night) -> None:
    claims = dict(bps_night.ask("SELECT claim_id, verdict FROM mart_claims"))
    assert claims["fall-2021-2023"] == claims["largest-fall"] == "CONFIRMED"
    assert claims["extreme-poverty"] == claims["people-total"] == "NOT_VERIFIABLE"


@pytest.mark.parametrize("indicator", ["poor_people_thousand", "poverty_rate_pct", "poverty_line_idr"])
def test_38_kabkota_in_2023_and_not_39(bps_night: Night, indicator: str) -> None:
    assert bps_night.ask(
        "SELECT count(*), count(DISTINCT region_code) FROM fct_poverty JOIN dim_region USING (region_code) "
        f"WHERE period = '2023-03' AND region_level = 'kabkota' AND is_latest AND indicator = '{indicator}'"
    ) == [(38, 38)]


@pytest.mark.parametrize(
    ("where", "rule"),
    [
        ("region_code = '0000' AND period = '2022-03' AND indicator = 'poverty_line_idr'", "POVERTY_LINE_RANGE"),
        ("region_code = '0000' AND period = '2017-03' AND value = 10.12", "POVERTY_RATE_COUNT_DIFFER"),
        (
            "region_code = '0000' AND period = '2009-09' AND indicator = 'poor_people_thousand'",
            "POVERTY_REPEATED_VALUE",
        ),
        ("region_code = '3100' AND area_type = 'rural' AND value = 0", "POVERTY_ZERO_VALUE"),
        ("region_code = '1100' AND period = '2018-03' AND value = 831.5", "POVERTY_AREAS_DIFFER"),
    ],
)
def test_no_published_error_passes_as_a_fact(bps_night: Night, where: str, rule: str) -> None:
    assert bps_night.ask(f"SELECT count(*) FROM fct_poverty WHERE {where}") == [(0,)]
    found = bps_night.ask(f"SELECT count(*) FROM quality_findings WHERE rule_code = '{rule}' AND state = 'open'")
    assert found[0][0] > 0


def test_the_true_september_2013_survives_the_five_copies_of_it(bps_night: Night) -> None:
    assert bps_night.ask(
        "SELECT period FROM fct_poverty WHERE region_code = '0000' AND area_type = 'total' AND value = 28553.93 "
        "AND length(period) = 7"
    ) == [("2013-09",)]


def test_findings_by_rule(bps_night: Night) -> None:
    """Counted by hand and by an independent analysis of the same files."""
    counts = dict(
        bps_night.ask("SELECT rule_code, count(*) FROM quality_findings WHERE rule_code LIKE 'POVERTY%' GROUP BY 1")
    )
    assert counts == {
        "POVERTY_LINE_RANGE": 1,
        "POVERTY_ZERO_VALUE": 8,
        "POVERTY_REPEATED_VALUE": 48,
        "POVERTY_RATE_COUNT_DIFFER": 1,
        "POVERTY_CONFLICT_IN_TABLE": 16,
        "POVERTY_AREAS_DIFFER": 126,
        "POVERTY_PERIOD_CONFLICT": 818,
        "POVERTY_REFERENCE_MONTH": 968,
        "POVERTY_REVISED": 4,
    }


def test_a_revision_keeps_both_vintages(bps_night: Night) -> None:
    assert bps_night.ask(
        "SELECT value, vintage, is_latest FROM fct_poverty WHERE region_code = '0000' AND period = '2015-03' "
        "AND indicator = 'poor_people_thousand' AND area_type = 'total' ORDER BY vintage"
    ) == [(Decimal("28592.8300"), 1, False), (Decimal("28592.7900"), 2, True)]


def test_the_ledger_balances(bps_night: Night) -> None:
    assert bps_night.ask(
        "SELECT count(*), sum(rows_read) FROM file_ledger "
        "WHERE rows_read = rows_accepted + rows_quarantined + rows_superseded"
    ) == [(29, 9330)]
