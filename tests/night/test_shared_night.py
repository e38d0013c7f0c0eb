"""A night over the shared data folder: every BPS file and API answer as they are; the sister events; the TKSK form."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pilar import night
from pilar.config import Home
from tests.conftest import Night

pytestmark = pytest.mark.shared

EVENT_HEAD = "KEGIATAN;NAMA KEGIATAN;TANGGAL KEGIATAN;BAKORWIL;PILAR;PROGRAM;NOMINAL;JUMLAH BULAN;MULAI"
MONEY, CARD = "TALI_ASIH;1000000;;", "BPJS_TK;16800;12;2023-01"

INVENTED = [
    # NIK, name, pillar, kab/kota, account: one of each pillar in Madiun's area and in Pamekasan's
    ("3521010101909001", "RINI", "PKH", "Kab. Ngawi", "0811111111"),
    ("3521010201909002", "SETYO", "TAGANA", "Kab. Ngawi", "0811111112"),
    ("3521010301909003", "LAKSMI", "TKSK", "Kab. Ngawi", "0811111113"),
    ("3529010401909004", "HOSNAN", "PKH", "Kab. Sumenep", "0811111114"),
    ("3529010501909005", "MISNAWI", "TAGANA", "Kab. Sumenep", "0811111115"),
    ("3529010601909006", "SUKARTI", "TKSK", "Kab. Sumenep", "0811111116"),
]


def promises(fact: dict[str, str]) -> list[str]:
    """What the press says of who got money and who a card, as lines of an events file. Nothing said: all got both."""
    told = fact["catatan"]
    by_pillar = {"PKH": [MONEY], "TAGANA": [MONEY, CARD], "TKSK": [MONEY, CARD]}
    if "money for PKH and TKSK" in told and "BPJS cards for Tagana and JSC" in told:
        by_pillar = {"PKH": [MONEY], "TKSK": [MONEY], "TAGANA": [CARD], "JSC": [CARD]}
    day = date.fromisoformat(fact["tanggal"])
    code = f"{fact['bakorwil'][:3].upper()}-{day:%Y%m%d}"
    start = f"{code};Pilar Sosial {fact['bakorwil']};{day:%d/%m/%Y};{fact['bakorwil']}"
    return [f"{start};{pillar};{promise}" for pillar, given in by_pillar.items() for promise in given]


@pytest.fixture(scope="module")
def shared_night(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """One night over all of it: BPS's files and answers; Madiun's and Pamekasan's events with six invented people on
    standing rosters, and the real form for TKSK."""
    home = Home(tmp_path_factory.mktemp("shared") / "home").make()
    for folder in ("bps", "bps_api"):
        shutil.copytree(shared / folder, home.landing / "poverty" / folder, copy_function=shutil.copyfile)
    with (shared / "facts" / "kegiatan_pilar_sosial_2023.csv").open(encoding="utf-8", newline="") as handle:
        facts = [fact for fact in csv.DictReader(handle) if fact["bakorwil"] in ("Madiun", "Pamekasan")]
    people = [
        f"{nik};{name};L;{nik[6:8]}/{nik[8:10]}/1990;{pillar};{region};{account};{name}"
        for nik, name, pillar, region, account in INVENTED
    ]
    head = "NIK;NAMA;L/P;TANGGAL LAHIR;PILAR;KAB/KOTA;NO REKENING;NAMA REKENING"
    for name, lines in (
        ("events/kegiatan.csv", [EVENT_HEAD, *(line for fact in facts for line in promises(fact))]),
        ("rosters/pilar.csv", [head, *people]),
    ):
        path = home.landing / name
        path.parent.mkdir(parents=True)
        path.write_text("\n".join(lines) + "\n", "utf-8")
    shutil.copyfile(shared / "roster" / "FORMAT_PENDATAAN_TKSK.xlsx", home.landing / "rosters" / "TKSK.xlsx")
    return Night(home, night.run(home))


# --- what BPS published ---------------------------------------------------------------------------------------------


def test_it_is_published(shared_night: Night) -> None:
    assert shared_night.ended["outcome"] == "published", shared_night.ended["text"]


def test_each_file_loads_or_is_refused_for_a_true_reason(shared_night: Night) -> None:
    refused = dict(
        shared_night.ask("SELECT parse_filename(file_name), rule_code FROM file_ledger WHERE state = 'rejected'")
    )
    assert refused == {
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
    assert shared_night.ask(
        "SELECT feed, count(*) FROM file_ledger WHERE state = 'accepted' GROUP BY 1 ORDER BY 1"
    ) == [
        ("events", 1),
        ("poverty", 19),
        ("rosters", 2),
    ]
    reasons = shared_night.ask("SELECT reason FROM file_ledger WHERE state = 'rejected'")
    assert all(reason for (reason,) in reasons)


def test_east_java_by_half_year(shared_night: Night) -> None:
    """The list of the data folder's README, section 6."""
    found = dict(
        shared_night.ask(
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


def test_the_claim_of_the_largest_fall_holds(shared_night: Night) -> None:
    claims = dict(shared_night.ask("SELECT claim_id, verdict FROM mart_claims"))
    assert claims["fall-2021-2023"] == claims["largest-fall"] == "CONFIRMED"
    assert claims["extreme-poverty"] == claims["people-total"] == "NOT_VERIFIABLE"
    assert shared_night.ask("SELECT peers_compared FROM mart_claims WHERE claim_id = 'largest-fall'") == [(34,)]


def test_the_fall_depends_on_its_base_month(shared_night: Night) -> None:
    other = dict(
        shared_night.ask(
            "SELECT base_period, recomputed_value FROM mart_claim_sensitivity WHERE claim_id = 'fall-2021-2023' "
            "AND end_period = '2023-03' AND is_comparable AND base_period >= '2020'"
        )
    )
    assert other == {"2020-03": 230290, "2021-03": 383920, "2022-03": -7520}
    assert shared_night.ask(
        "SELECT is_comparable, recomputed_value FROM mart_claim_sensitivity WHERE claim_id = 'fall-2021-2023' "
        "AND base_period = '2020-09' AND end_period = '2023-03'"
    ) == [(False, 397160)]


@pytest.mark.parametrize("indicator", ["poor_people_thousand", "poverty_rate_pct", "poverty_line_idr"])
def test_38_kabkota_in_2023_and_not_39(shared_night: Night, indicator: str) -> None:
    assert shared_night.ask(
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
def test_no_published_error_passes_as_a_fact(shared_night: Night, where: str, rule: str) -> None:
    assert shared_night.ask(f"SELECT count(*) FROM fct_poverty WHERE {where}") == [(0,)]
    found = shared_night.ask(f"SELECT count(*) FROM quality_findings WHERE rule_code = '{rule}' AND state = 'open'")
    assert found[0][0] > 0


def test_the_true_september_2013_survives_the_five_copies_of_it(shared_night: Night) -> None:
    assert shared_night.ask(
        "SELECT period FROM fct_poverty WHERE region_code = '0000' AND area_type = 'total' AND value = 28553.93 "
        "AND length(period) = 7"
    ) == [("2013-09",)]


HALF_YEARS = [f"{year}-{month}" for year in range(2016, 2022) for month in ("03", "09")]
WIDE = "jumlah_penduduk_miskin_provinsi_daerah_semester_2007_2026.csv"
BOOK = "kemiskinan_provinsi_semester_2016_2021.xlsx"
YEARLY = "Jumlah dan Persentase Penduduk Miskin Menurut Provinsi, {}.csv"
COUNT, RATE, LINE, P1 = "poor_people_thousand", "poverty_rate_pct", "poverty_line_idr", "depth_index_p1"


def wrong_cells() -> set[tuple[str, str, str, str, str]]:
    """Every figure of the folder that is wrong, found by hand: file, region, area, period, indicator.

    Aceh's rural and total rows of 2016 to 2019 stand a half-year or more away from their period in the workbook (its
    total of March 2016 under September 2017); two of its rural rows stand twice, once
    rightly. Its urban rows are right.
    """
    rural = [period for period in HALF_YEARS[:8] if period not in ("2017-09", "2019-09")]
    aceh = [("total", period) for period in HALF_YEARS[:8]] + [("rural", period) for period in rural]
    return {
        (YEARLY.format(2017), "0000", "total", "2017-03", RATE),
        (YEARLY.format(2022), "0000", "total", "2022-03", LINE),
        *(
            (WIDE, "0000", area, f"{year}-09", COUNT)
            for year in range(2007, 2012)
            for area in ("urban", "rural", "total")
        ),
        *((WIDE, "3100", "rural", p, COUNT) for p in ("2011", "2013-03", "2015-09", "2016-03", "2016-09")),
        *((BOOK, "3100", "rural", period, indicator) for period in HALF_YEARS for indicator in (COUNT, RATE, LINE)),
        *((BOOK, "1100", area, period, indicator) for area, period in aceh for indicator in (COUNT, RATE, LINE, P1)),
    }


def test_every_known_error_waits_and_nothing_else(shared_night: Night) -> None:
    with duckdb.connect(str(shared_night.home.warehouse), read_only=True) as warehouse:
        waiting = warehouse.execute(
            "SELECT parse_filename(file_name), region_code, area_type, period, indicator "
            "FROM intermediate.int_poverty_lines WHERE row_state <> 'accepted'"
        ).fetchall()
    assert len(waiting) == len(set(waiting))
    assert set(waiting) == wrong_cells()


def test_what_stands_beside_a_wrong_figure_counts(shared_night: Night) -> None:
    """Aceh's urban rows, and of its doubled rural rows those that add up with them."""
    told = dict(
        shared_night.ask(
            "SELECT concat_ws(' ', area_type, period), value FROM fct_poverty WHERE region_code = '1100' "
            "AND indicator = 'poor_people_thousand' AND is_latest AND period < '2020' AND area_type <> 'total'"
        )
    )
    assert {cell for cell in told if cell.startswith("urban")} == {f"urban {period}" for period in HALF_YEARS[:8]}
    assert {cell: told[cell] for cell in told if cell.startswith("rural")} == {
        "rural 2016-03": Decimal("688.9400"),
        "rural 2018-03": Decimal("667.4000"),
    }


def test_findings_by_rule(shared_night: Night) -> None:
    """Counted by hand and by an independent analysis of the same files."""
    counts = dict(
        shared_night.ask("SELECT rule_code, count(*) FROM quality_findings WHERE rule_code LIKE 'POVERTY%' GROUP BY 1")
    )
    assert counts == {
        "POVERTY_LINE_RANGE": 1,
        "POVERTY_ZERO_VALUE": 8,
        "POVERTY_REPEATED_VALUE": 48,
        "POVERTY_RATE_COUNT_DIFFER": 1,
        "POVERTY_CONFLICT_IN_TABLE": 2,
        "POVERTY_AREAS_DIFFER": 2,
        "POVERTY_MEMBERS_DIFFER": 14,
        "POVERTY_ROW_MISPLACED": 42,
        "POVERTY_JUMP": 5,
        "POVERTY_PERIOD_CONFLICT": 818,
        "POVERTY_REFERENCE_MONTH": 968,
        "POVERTY_REVISED": 4,
    }


def test_the_jumps_are_true_oddities(shared_night: Night) -> None:
    """Jakarta in the pandemic, and Kota Blitar in 2017: nothing else in eleven years of kab/kota and provinces."""
    assert shared_night.ask(
        "SELECT region_code, period, indicator FROM fct_poverty JOIN quality_findings "
        "USING (file_sha256, sheet, source_row, source_column) WHERE rule_code = 'POVERTY_JUMP' ORDER BY ALL"
    ) == [
        ("3100", "2020-03", COUNT),
        ("3100", "2020-03", RATE),
        ("3100", "2020-09", COUNT),
        ("3572", "2017-03", COUNT),
        ("3572", "2017-03", RATE),
    ]


def test_a_revision_keeps_both_vintages(shared_night: Night) -> None:
    assert shared_night.ask(
        "SELECT value, vintage, is_latest FROM fct_poverty WHERE region_code = '0000' AND period = '2015-03' "
        "AND indicator = 'poor_people_thousand' AND area_type = 'total' ORDER BY vintage"
    ) == [(Decimal("28592.8300"), 1, False), (Decimal("28592.7900"), 2, True)]


def test_the_ledger_balances(shared_night: Night) -> None:
    balanced = "rows_read = rows_accepted + rows_quarantined + rows_superseded"
    assert shared_night.ask(f"SELECT count(*) FROM file_ledger WHERE NOT ({balanced})") == [(0,)]
    assert shared_night.ask("SELECT count(*), sum(rows_read) FROM file_ledger WHERE feed = 'poverty'") == [(29, 9369)]


# --- the sister events ----------------------------------------------------------------------------------------------


def test_entitlement_follows_the_events_file(shared_night: Night) -> None:
    assert shared_night.ended["outcome"] == "published", shared_night.ended["text"]
    money = shared_night.ask(
        "SELECT event_id, pillar_code, entitled_idr, outcome FROM mart_disbursement_reconciliation ORDER BY ALL"
    )
    each = Decimal("1000000.00")
    assert money == [
        ("MAD-20231113", "PKH", each, "UNPAID"),
        ("MAD-20231113", "TAGANA", each, "UNPAID"),
        ("MAD-20231113", "TKSK", each, "UNPAID"),
        ("PAM-20231123", "PKH", each, "UNPAID"),
        ("PAM-20231123", "TKSK", each, "UNPAID"),
    ]
    cover = shared_night.ask(
        "SELECT region_code, pillar_code, months_expected FROM mart_premium_coverage "
        "WHERE months_expected > 0 ORDER BY ALL"
    )
    assert cover == [("3521", "TAGANA", 12), ("3521", "TKSK", 12), ("3529", "TAGANA", 12)]


def test_a_promise_to_a_pillar_that_is_none_is_a_finding(shared_night: Night) -> None:
    assert shared_night.ask(
        "SELECT rule_code, state FROM quality_findings WHERE feed = 'events' AND rule_code LIKE 'EVENT%'"
    ) == [("EVENT_PILLAR_UNKNOWN", "open")]


def test_the_form_for_tksk_damages_nik_and_account(shared_night: Night) -> None:
    """Its NIK and accounts are numeric cells: what any office that fills it in will send."""
    found = shared_night.ask("SELECT rule_code FROM quality_findings WHERE file_name = 'TKSK.xlsx' ORDER BY rule_code")
    assert [rule for (rule,) in found] == ["ACCOUNT_NUMERIC_CELL", "NIK_NUMERIC_CELL"]
    assert shared_night.ask("SELECT rows_read, rows_quarantined FROM file_ledger WHERE file_name = 'TKSK.xlsx'") == [
        (1, 1)
    ]
