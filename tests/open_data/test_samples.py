"""The samples' own release, published: attacked, and compared with what the release says."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pilar import open_data
from pilar.analyst.asking import session
from pilar.config import Home
from tests.conftest import Night
from tests.open_data.attack import Attack, found_out, package_of, rows

MILLION = {"PKH": 1000000, "TAGANA": 1000000, "TKSK": 1000000}


@pytest.fixture(scope="module")
def published(sample_night: Night, tmp_path_factory: pytest.TempPathFactory) -> tuple[open_data.Exported, Path]:
    """The package, and the release that it is from (in a home of its own: the night's is for looking at)."""
    release = sample_night.home.current_marts.resolve()
    home = Home(tmp_path_factory.mktemp("samples published") / "home").make()
    home.current_marts.symlink_to(release)
    with session(home) as opened:
        return open_data.export(opened, home), release


def truth_of(release: Path) -> dict[tuple[str, ...], int]:
    with duckdb.connect(str(release), read_only=True) as opened:
        found = opened.execute(
            """
            SELECT 'people', region_code, pillar_code, sex, count(*) FROM dim_participant
            WHERE is_current AND status = 'AKTIF' GROUP BY ALL
            UNION ALL
            SELECT 'money', region_code, pillar_code, if(outcome = 'PAID', 'IN_FULL', 'OTHERWISE'), count(*)
            FROM mart_disbursement_reconciliation WHERE outcome <> 'NOT_ENTITLED' GROUP BY ALL
            UNION ALL
            SELECT 'premium_cover', region_code, pillar_code, if(outcome = 'COVERED', 'FULL', 'NOT_FULL'), count(*)
            FROM mart_premium_coverage WHERE outcome <> 'NOT_ENTITLED' GROUP BY ALL
            """
        ).fetchall()
    return {tuple(key): count for *key, count in found}


@pytest.mark.parametrize(("audience", "threshold"), [("inside", 5), ("outside", 11)])
def test_nobody_of_the_samples_can_be_reckoned(
    published: tuple[open_data.Exported, Path], audience: str, threshold: int
) -> None:
    package, release = published
    attack = Attack()
    attack.read(package_of(package.folder / audience), MILLION)
    truth = {row["as_of_release"]: truth_of(release) for row in rows(package.folder / audience, "money")}
    attack.suppose_alike(truth)
    assert found_out(attack, truth, threshold) == []


def test_a_citizen_learns_what_became_of_the_event(published: tuple[open_data.Exported, Path]) -> None:
    package, _ = published
    outside = package.folder / "outside"
    province = [row for row in rows(outside, "money") if row["area_level"] == "province"]
    assert [(row["pillar_code"], row["outcome"], row["people"], row["entitled_idr"]) for row in province] == [
        ("ALL", "ALL", "1657", "1657000000.00"),
        ("ALL", "IN_FULL", "1636", "1636000000.00"),
        ("ALL", "OTHERWISE", "21", "21000000.00"),
        ("PKH", "ALL", "1173", "1173000000.00"),
        ("TAGANA", "ALL", "331", "331000000.00"),
        ("TKSK", "ALL", "153", "153000000.00"),
    ]
    (cover,) = [
        row for row in rows(outside, "premium_cover")
        if (row["area_level"], row["pillar_code"], row["cover"]) == ("province", "ALL", "FULL")
    ]  # fmt: skip
    assert (cover["status"], cover["at_least_pct"]) == ("hidden", "95")
    verdicts = {row["claim_id"]: row["verdict"] for row in rows(outside, "claims") if row["status"] == "shown"}
    assert verdicts["people-pkh"] == verdicts["fall-2021-2023"] == "CONFIRMED"


def test_little_of_it_is_hidden(published: tuple[open_data.Exported, Path]) -> None:
    package, _ = published
    people = [row["status"] for row in rows(package.folder / "outside", "people")]
    assert 1 <= people.count("hidden") <= 6
    assert package.hidden["outside"] <= 60
    assert package.shown["outside"] >= 150


def test_the_profile_says_what_the_release_says(published: tuple[open_data.Exported, Path]) -> None:
    package, release = published
    with duckdb.connect(str(release), read_only=True) as opened:
        counted = opened.execute(
            "SELECT year::VARCHAR, region_code, coalesce(people::VARCHAR, '') FROM mart_region_profile ORDER BY ALL"
        ).fetchall()
    told = [
        (row["year"], row["region_code"], row["people"]) for row in rows(package.folder / "inside", "region_profile")
    ]
    assert sorted(told) == counted
