"""Claims on published figures: recomputed each night, with other months, as known at any time; told when they fall."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from pilar.explain import explain
from pilar.explain.text import blocks
from pilar.publish.candidate import STORE
from pilar.report.facts import read_facts
from pilar.showing import plain
from tests.claims.conftest import BPS, YEARLY, land_revision, moment
from tests.harness.nights import Nights

FALL = "fall-2021-2023"
NO_EVIDENCE = "NOT_VERIFIABLE"
ECONOMIES = {
    "DKI Jakarta": 3186470, "Jawa Timur": 2730907, "Jawa Barat": 2422782, "Jawa Tengah": 1560899, "Banten": 747250,
    "DI Yogyakarta": 165690,
}  # fmt: skip
"""Gross regional domestic product of the provinces on Java in 2022, billion rupiah (invented to the last digits)."""


def verdicts(nights: Nights) -> dict[str, tuple[Any, str]]:
    return {row[0]: row[1:] for row in nights.ask("SELECT claim_id, recomputed_value, verdict FROM mart_claims")}


def fallen(nights: Nights) -> list[tuple[Any, ...]]:
    return nights.ask(
        "SELECT subject, severity, state, file_name, source_row FROM quality_findings "
        "WHERE rule_code = 'CLAIM_NO_LONGER_HOLDS'"
    )


def test_before_anything_landed_no_claim_can_be_verified(nights: Nights) -> None:
    nights.run()
    told = nights.ask("SELECT claim_id, verdict, recomputed_value, basis, settle_by, settle_by_en FROM mart_claims")
    assert len(told) == len(nights.memory.ask("FROM seeds.claims"))
    assert {(verdict, value) for _, verdict, value, *_ in told} == {(NO_EVIDENCE, None)}
    assert all(" / " in basis and settle_by and settle_by_en for *_, basis, settle_by, settle_by_en in told)


def test_the_fall_and_its_rank_are_recomputed_from_bps_tables(landed: Nights) -> None:
    said = verdicts(landed)
    assert said[FALL] == (Decimal(383920), "CONFIRMED")
    assert said["largest-fall"] == (Decimal(1), "CONFIRMED")
    ((basis, regions),) = landed.ask("SELECT basis, peers_compared FROM mart_claims WHERE claim_id = 'largest-fall'")
    assert regions == 34
    assert "peringkat di antara 34 wilayah / " in basis
    assert basis.endswith("rank among 34 regions")
    ((basis,),) = landed.ask(f"SELECT basis FROM mart_claims WHERE claim_id = '{FALL}'")
    assert "2021-03: 4572,73; " in basis
    assert "2023-03: 4188.81" in basis


def test_press_figures_prove_nothing_and_are_shown(landed: Nights) -> None:
    assert verdicts(landed)["extreme-poverty"] == (None, NO_EVIDENCE)
    ((basis, kinds),) = landed.ask("SELECT basis, evidence_kinds FROM mart_claims WHERE claim_id = 'extreme-poverty'")
    assert kinds == "press"
    assert "press figures only: 3.58" in basis
    assert "ddhk.org (2021-09): 4.50" in basis


def test_with_other_months_the_number_rose(landed: Nights) -> None:
    told = landed.ask(
        "SELECT base_period, end_period, recomputed_value, verdict, is_published_pair, is_comparable "
        f"FROM mart_claim_sensitivity WHERE claim_id = '{FALL}' ORDER BY ALL"
    )
    assert told == [
        ("2021-03", "2022-03", Decimal(391440), "DIFFERS", False, True),
        ("2021-03", "2023-03", Decimal(383920), "CONFIRMED", True, True),
        ("2022-03", "2023-03", Decimal(-7520), "DIFFERS", False, True),
    ]
    ((rank,),) = landed.ask(
        "SELECT recomputed_value FROM mart_claim_sensitivity "
        "WHERE claim_id = 'largest-fall' AND base_period = '2022-03' AND end_period = '2023-03'"
    )
    fewer = landed.ask("""
        SELECT count(*) FROM fct_poverty AS base JOIN fct_poverty AS last USING (region_code, indicator, area_type)
        WHERE base.is_latest AND last.is_latest AND indicator = 'poor_people_thousand' AND area_type = 'total'
            AND base.period = '2022-03' AND last.period = '2023-03' AND region_code <> '0000'
            AND base.value - last.value > -7.52""")
    assert fewer == [(rank - 1,)]


def test_march_and_september_are_flagged(nights: Nights) -> None:
    nights.drop("poverty/bps/Penduduk Miskin Provinsi.zip", (BPS / "Penduduk Miskin Provinsi.zip").read_bytes(), at=1e9)
    table = (BPS / YEARLY).read_text("utf-8-sig")
    march = next(line for line in table.splitlines() if line.startswith("Jawa Timur"))
    autumn = march.replace("4188.81,...", "4188.81,4150.25")
    nights.drop(f"poverty/bps/{YEARLY}", table.replace(march, autumn), at=moment("2023-07-18 04:00"))
    nights.run()
    flagged = dict(
        nights.ask(
            f"SELECT end_period, is_comparable FROM mart_claim_sensitivity WHERE claim_id = '{FALL}' "
            "AND base_period = '2021-03'"
        )
    )
    assert flagged == {"2022-03": True, "2023-03": True, "2023-09": False}


def test_one_province_alone_is_no_rank(nights: Nights) -> None:
    """The largest of one is always first: with a province missing the rank is not verifiable, the fall itself is."""
    nights.drop("poverty/bps/Penduduk Miskin Provinsi.zip", (BPS / "Penduduk Miskin Provinsi.zip").read_bytes(), at=1e9)
    lines = (BPS / YEARLY).read_text("utf-8-sig").splitlines()
    nights.drop(
        f"poverty/bps/{YEARLY}",
        "\n".join(line for line in lines if "Jawa Tengah" not in line),
        at=moment("2023-07-18 04:00"),
    )
    nights.run()
    said = verdicts(nights)
    assert said[FALL] == (Decimal(383920), "CONFIRMED")
    assert said["largest-fall"] == (None, NO_EVIDENCE)
    ((basis,),) = nights.ask("SELECT basis FROM mart_claims WHERE claim_id = 'largest-fall'")
    assert basis.endswith("rank among 33 regions (34 needed)")


def test_a_revision_fells_a_claim_and_another_raises_it_again(landed: Nights) -> None:
    assert fallen(landed) == []
    land_revision(landed, "revisi 1", "4198.81", at="2023-09-01 04:00")
    landed.run()
    assert verdicts(landed)[FALL] == (Decimal(373920), "DIFFERS")
    assert verdicts(landed)["largest-fall"] == (Decimal(1), "CONFIRMED")
    row = 16  # of East Java in the table
    assert fallen(landed) == [(FALL, "warning", "open", f"revisi 1/{YEARLY}", row)]
    ((key, first_seen),) = landed.ask(
        "SELECT finding_key, first_seen FROM quality_findings WHERE rule_code = 'CLAIM_NO_LONGER_HOLDS'"
    )
    land_revision(landed, "revisi 2", "4188.81", at="2023-10-01 04:00")
    landed.run()
    assert verdicts(landed)[FALL] == (Decimal(383920), "CONFIRMED")
    assert fallen(landed) == [(FALL, "warning", "corrected", f"revisi 1/{YEARLY}", row)]
    assert landed.ask(
        "SELECT finding_key, first_seen FROM quality_findings WHERE rule_code = 'CLAIM_NO_LONGER_HOLDS'"
    ) == [(key, first_seen)]
    held = [("2022-07-18", None, NO_EVIDENCE), ("2023-07-18", Decimal(383920), "CONFIRMED")]
    fell = [("2023-09-01", Decimal(373920), "DIFFERS"), ("2023-10-01", Decimal(383920), "CONFIRMED")]
    history = landed.ask(
        "SELECT strftime(known_from, '%Y-%m-%d'), recomputed_value, verdict FROM mart_claim_history "
        f"WHERE claim_id = '{FALL}' ORDER BY known_from"
    )
    assert history == held + fell
    spans = landed.ask(
        f"SELECT known_from, known_until, is_current FROM mart_claim_history WHERE claim_id = '{FALL}' ORDER BY 1"
    )
    assert [until for _, until, _ in spans] == [since for since, *_ in spans[1:]] + [None]
    assert [current for *_, current in spans] == [False, False, False, True]


def test_another_provinces_revision_fells_the_rank_and_is_named(landed: Nights) -> None:
    land_revision(landed, "revisi 1", "3700.00", at="2023-09-01 04:00", province="Jawa Tengah")
    landed.run()
    assert verdicts(landed)[FALL] == (Decimal(383920), "CONFIRMED")
    assert verdicts(landed)["largest-fall"] == (Decimal(2), "DIFFERS")
    row = 14  # of Jawa Tengah in the table
    assert fallen(landed) == [("largest-fall", "warning", "open", f"revisi 1/{YEARLY}", row)]


def test_a_file_delivered_before_and_taken_later_changes_the_past_only(landed: Nights) -> None:
    land_revision(landed, "lama", "4198.81", at="2023-07-10 04:00")
    landed.run()
    assert verdicts(landed)[FALL] == (Decimal(383920), "CONFIRMED")
    assert fallen(landed) == []
    assert landed.ask(
        f"SELECT strftime(known_from, '%m-%d'), verdict FROM mart_claim_history WHERE claim_id = '{FALL}' "
        "ORDER BY known_from"
    ) == [("07-18", NO_EVIDENCE), ("07-10", "DIFFERS"), ("07-18", "CONFIRMED")]


def test_a_figure_within_the_tolerance_fells_nothing(landed: Nights) -> None:
    land_revision(landed, "revisi 1", "4188.814", at="2023-09-01 04:00")
    landed.run()
    assert verdicts(landed)[FALL] == (Decimal(383916), "CONFIRMED")
    assert fallen(landed) == []
    assert landed.ask(f"SELECT count(*) FROM mart_claim_history WHERE claim_id = '{FALL}'") == [(3,)]


def test_a_claim_that_never_held_did_not_fall(nights: Nights) -> None:
    nights.drop("poverty/bps/Penduduk Miskin Provinsi.zip", (BPS / "Penduduk Miskin Provinsi.zip").read_bytes(), at=1e9)
    land_revision(nights, "bps", "4198.81", at="2023-07-18 04:00")
    nights.run()
    assert verdicts(nights)[FALL] == (Decimal(373920), "DIFFERS")
    assert fallen(nights) == []


def test_history_is_what_each_night_said(landed: Nights) -> None:
    said: dict[str, Any] = {"2023-07-18 04:00": verdicts(landed)[FALL]}
    for month, count in {8: "4198.81", 9: "4198.81", 10: "4188.81", 11: "4178.81"}.items():
        at = f"2023-{month:02d}-01 04:00"
        land_revision(landed, f"ke-{month}", count, at=at)
        landed.run()
        said[at] = verdicts(landed)[FALL]
    for at, (value, verdict) in said.items():
        assert landed.ask(
            f"SELECT recomputed_value, verdict FROM mart_claim_history WHERE claim_id = '{FALL}' "
            f"AND known_from <= TIMESTAMP '{at}' AND coalesce(known_until > TIMESTAMP '{at}', true)"
        ) == [(value, verdict)], at


def economy_table(values: dict[str, int]) -> str:
    rows = "".join(f"{name},{value}\n" for name, value in values.items())
    return f"Provinsi,PDRB Atas Dasar Harga Berlaku (Miliar Rupiah) - 2022\n{rows}"


def economies(nights: Nights, values: dict[str, int]) -> tuple[Any, str]:
    nights.drop("poverty/bps/PDRB Atas Dasar Harga Berlaku Menurut Provinsi, 2022.csv", economy_table(values), at=1.7e9)
    nights.run()
    assert nights.ask("SELECT state FROM file_ledger WHERE file_name LIKE '%PDRB%'") == [("accepted",)]
    return verdicts(nights)["second-economy-java"]


def test_the_second_largest_economy_once_a_table_lands(nights: Nights) -> None:
    assert economies(nights, ECONOMIES) == (Decimal(2), "CONFIRMED")


def test_or_not_the_second_largest(nights: Nights) -> None:
    assert economies(nights, ECONOMIES | {"Jawa Barat": 2800000}) == (Decimal(3), "DIFFERS")


def test_and_not_without_a_province_of_java(nights: Nights) -> None:
    known = {name: value for name, value in ECONOMIES.items() if name != "Banten"}
    assert economies(nights, known) == (None, NO_EVIDENCE)


def test_a_fallen_claim_is_told_by_explain_and_to_the_report(landed: Nights, tmp_path: Path) -> None:
    land_revision(landed, "revisi 1", "4198.81", at="2023-09-01 04:00")
    landed.run()
    released, shown = tmp_path / "release.duckdb", tmp_path / "shown.duckdb"
    for path, schema in ((released, STORE), (shown, "marts")):
        landed.memory.ask(f"ATTACH '{path}' AS written")
        landed.memory.ask(f"CREATE SCHEMA IF NOT EXISTS written.{schema}")
        for mart in ("mart_claims", "mart_claim_history", "mart_claim_sensitivity", "quality_findings", "file_ledger"):
            landed.memory.ask(f"CREATE TABLE written.{schema}.{mart} AS FROM warehouse.marts.{mart}")
        landed.memory.ask("DETACH written")
    ((key,),) = landed.ask("SELECT finding_key FROM quality_findings WHERE rule_code = 'CLAIM_NO_LONGER_HOLDS'")
    chain = explain(released, key)
    assert chain.facts["subject"] == FALL
    assert [(row["recomputed_value"], row["verdict"]) for row in chain.link("answers").rows][-2:] == [
        (Decimal(383920), "CONFIRMED"),
        (Decimal(373920), "DIFFERS"),
    ]
    told = plain(blocks(chain))
    assert "What the claim came to, and since which file" in told
    assert f"revisi 1/{YEARLY}" in told
    facts = read_facts(shown)
    assert [(row["claim_id"], row["value_before"], row["file_name"]) for row in facts.claim_falls] == [
        (FALL, Decimal(383920), f"revisi 1/{YEARLY}")
    ]
    assert (FALL, "2022-03", "2023-03", Decimal(-17520)) in [
        (row["claim_id"], row["base_period"], row["end_period"], row["recomputed_value"]) for row in facts.claim_others
    ]
