"""A small invented province as a release: as many people as a test says, with the columns that open data reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from pilar.config import Home

REGIONS = {
    "3501": ("Kabupaten Pacitan", "Madiun", 12),
    "3502": ("Kabupaten Ponorogo", "Madiun", 21),
    "3522": ("Kabupaten Bojonegoro", "Bojonegoro", 28),
    "3523": ("Kabupaten Tuban", "Bojonegoro", 20),
    "3524": ("Kabupaten Lamongan", "Bojonegoro", 27),
    "3576": ("Kota Mojokerto", "Bojonegoro", 3),
}
EVENT = "BJN-20231120"

PEOPLE = {
    ("3522", "PKH"): (80, 134),
    ("3522", "TAGANA"): (41, 20),
    ("3522", "TKSK"): (15, 13),
    ("3523", "PKH"): (70, 88),
    ("3523", "TAGANA"): (30, 16),
    ("3523", "TKSK"): (12, 8),
    ("3524", "PKH"): (90, 97),
    ("3524", "TAGANA"): (38, 14),
    ("3524", "TKSK"): (14, 13),
    ("3576", "PKH"): (18, 24),
    ("3576", "TAGANA"): (12, 5),
    ("3576", "TKSK"): (1, 2),
}
"""(region, pillar) → men, women. 3501 and 3502 never sent a roster."""

UNPAID = {("3522", "PKH"): 1, ("3522", "TAGANA"): 2, ("3523", "PKH"): 3, ("3524", "PKH"): 4, ("3576", "PKH"): 12}
"""Who of them got no money; the others got what was promised."""

UNCOVERED = {("3522", "TKSK"): 1, ("3523", "TAGANA"): 2}
"""Who of Tagana and TKSK lacks a month of cover."""


@dataclass(frozen=True)
class Invented:
    """Counts, and the name of the release that they are in."""

    people: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=lambda: PEOPLE)
    unpaid: Mapping[tuple[str, str], int] = field(default_factory=lambda: UNPAID)
    uncovered: Mapping[tuple[str, str], int] = field(default_factory=lambda: UNCOVERED)
    rates: Mapping[str, int] = field(default_factory=lambda: {"PKH": 1000000, "TAGANA": 1000000, "TKSK": 1000000})
    release_id: str = "20240105T170000Z"
    event: str = EVENT
    years: tuple[int, ...] = (2023,)
    """Years of the profile: rosters stand, so the same people serve in each."""

    def truth(self) -> dict[tuple[str, ...], int]:
        """What an attacker is after: people by table, kab/kota, pillar and sex (or outcome, or cover)."""
        found: dict[tuple[str, ...], int] = {}
        for (region, pillar), (men, women) in self.people.items():
            unpaid, uncovered = self.unpaid.get((region, pillar), 0), self.uncovered.get((region, pillar), 0)
            found |= {("people", region, pillar, "L"): men, ("people", region, pillar, "P"): women}
            found |= {("money", region, pillar, "OTHERWISE"): unpaid}
            found |= {("money", region, pillar, "IN_FULL"): men + women - unpaid}
            if pillar != "PKH":
                found |= {("premium_cover", region, pillar, "NOT_FULL"): uncovered}
                found |= {("premium_cover", region, pillar, "FULL"): men + women - uncovered}
        return found

    def with_people(self, release_id: str, **changes: tuple[int, int]) -> Invented:
        """Another release in which ``PILLAR_region`` counts so many men and women."""
        changed = {(name.split("_")[1], name.split("_")[0]): counts for name, counts in changes.items()}
        return replace(self, release_id=release_id, people={**self.people, **changed})


def lay(home: Home, told: Invented) -> Path:
    """Make ``told`` the home's current release."""
    folder = home.releases / told.release_id
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "marts.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as release:
        _write(release, told)
    home.current_marts.unlink(missing_ok=True)
    home.current_marts.symlink_to(path.relative_to(home.published))
    return path


def _write(release: duckdb.DuckDBPyConnection, told: Invented) -> None:
    release.execute("CREATE TABLE release_info (release_id VARCHAR, built_at TIMESTAMP, data_through DATE)")
    release.execute("INSERT INTO release_info VALUES (?, '2024-01-05 17:00:00', '2023-12-31')", [told.release_id])
    release.execute("CREATE TABLE dim_region (region_code VARCHAR, region_name VARCHAR)")
    release.execute(
        "CREATE TABLE mart_region_profile (region_code VARCHAR, region_name VARCHAR, bakorwil VARCHAR, year INTEGER, "
        "poor_people_thousand DECIMAL(18, 4), poverty_rate_pct DECIMAL(18, 4), poverty_line_idr DECIMAL(18, 4), "
        "depth_index_p1 DECIMAL(18, 4), severity_index_p2 DECIMAL(18, 4), districts INTEGER, "
        "districts_without_tksk INTEGER)"
    )
    release.execute(
        "CREATE TABLE fct_poverty (region_code VARCHAR, area_type VARCHAR, period VARCHAR, indicator VARCHAR, "
        "value DECIMAL(18, 4), unit VARCHAR, vintage INTEGER, released_on DATE, table_title VARCHAR, is_latest BOOLEAN)"
    )
    release.execute(
        "CREATE TABLE dim_participant (participant_id VARCHAR, region_code VARCHAR, pillar_code VARCHAR, sex VARCHAR, "
        "status VARCHAR, valid_from DATE, valid_to DATE)"
    )
    release.execute("CREATE TABLE dim_event (event_id VARCHAR, event_name VARCHAR, event_date DATE, is_known BOOLEAN)")
    release.execute("INSERT INTO dim_event VALUES (?, 'Tali Asih Pilar Sosial', '2023-11-20', true)", [told.event])
    release.execute("INSERT INTO dim_event VALUES ('MDN-20231113', NULL, NULL, false)")
    release.execute(
        "CREATE TABLE mart_disbursement_reconciliation (event_id VARCHAR, benefit_code VARCHAR, "
        "participant_id VARCHAR, region_code VARCHAR, pillar_code VARCHAR, outcome VARCHAR, "
        "entitled_idr DECIMAL(18, 2))"
    )
    release.execute(
        "CREATE TABLE mart_premium_coverage (participant_id VARCHAR, region_code VARCHAR, pillar_code VARCHAR, "
        "year INTEGER, months_expected INTEGER, months_covered INTEGER)"
    )
    release.execute(
        "CREATE TABLE mart_claims (claim_id VARCHAR, claim_text VARCHAR, claim_text_en VARCHAR, source VARCHAR, "
        "source_date DATE, unit VARCHAR, published_value DECIMAL(18, 4), recomputed_value DECIMAL(18, 4), "
        "difference DECIMAL(18, 4), verdict VARCHAR, evidence_kinds VARCHAR)"
    )
    release.execute("INSERT INTO dim_region VALUES ('3500', 'Jawa Timur')")
    for code, (name, office, districts) in REGIONS.items():
        serving = sum(told.people.get((code, "TKSK"), (0, 0)))
        vacant = max(districts - serving, 0) if serving else None
        release.execute("INSERT INTO dim_region VALUES (?, ?)", [code, name])
        for year in told.years:
            release.execute(
                "INSERT INTO mart_region_profile VALUES (?, ?, ?, ?, 149.3300, 12.1800, 403000, NULL, NULL, ?, ?)",
                [code, name, office, year, districts, vacant],
            )
        release.execute(
            "INSERT INTO fct_poverty VALUES (?, 'total', '2023-03', 'poverty_rate_pct', 12.18, 'persen', 1, NULL, "
            "'Persentase Penduduk Miskin', true)",
            [code],
        )
    for group, sexes in told.people.items():
        _people(release, told, group, sexes)
    total = sum(map(sum, told.people.values()))
    claims = [
        ("people-total", "people", total, "people"),
        ("fall", "people", 383920, "bps"),
        ("premium-months", "months", 11, "months"),
        ("amount-each", "IDR", 1000000, "amount"),
    ]
    for claim, unit, value, kinds in claims:
        release.execute(
            "INSERT INTO mart_claims VALUES (?, 'Pernyataan.', 'Claim.', 'Pemerintah', '2023-11-20', ?, ?, ?, 0, "
            "'CONFIRMED', ?)",
            [claim, unit, value, value, kinds],
        )


def _people(release: duckdb.DuckDBPyConnection, told: Invented, group: tuple[str, str], sexes: tuple[int, int]) -> None:
    (region, pillar), (men, women) = group, sexes
    count = men + women
    unpaid, uncovered = told.unpaid.get(group, 0), told.uncovered.get(group, 0)
    values = {"region": region, "pillar": pillar}
    pseudonym = "'p_' || translate(lpad(person::VARCHAR, 4, '0') || $region, '0123456789', 'abcdefghij') || $pillar"
    release.execute(
        f"INSERT INTO dim_participant SELECT {pseudonym}, $region, $pillar, CASE WHEN person < $men THEN 'L' ELSE 'P' "
        "END, 'AKTIF', DATE '2023-11-01', NULL FROM range($people) AS people (person)",
        values | {"men": men, "people": count},
    )
    release.execute(
        f"INSERT INTO mart_disbursement_reconciliation SELECT $event, 'TALI_ASIH', {pseudonym}, $region, $pillar, "
        "CASE WHEN person < $unpaid THEN ['FAILED', 'UNPAID', 'PENDING'][person % 3 + 1] ELSE 'PAID' END, $rate "
        "FROM range($people) AS people (person)",
        values | {"event": told.event, "unpaid": unpaid, "rate": told.rates[pillar], "people": count},
    )
    if pillar != "PKH":
        release.execute(
            f"INSERT INTO mart_premium_coverage SELECT {pseudonym}, $region, $pillar, 2023, 12, "
            "CASE WHEN person < $uncovered THEN 9 ELSE 12 END FROM range($people) AS people (person)",
            values | {"uncovered": uncovered, "people": count},
        )
