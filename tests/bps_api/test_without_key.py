"""What the files in landing hold, for who has no key; years as people write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pilar import regions
from pilar.bps_api import Fetched, usual_years, without_key, years_in
from pilar.bps_api.years import ranges
from pilar.config import Home
from tests.bps_api.server import Bps, data

Run = Callable[..., Fetched]
KABKOTA = [code for code, region in regions.regions().items() if region.parent == regions.EAST_JAVA]


def test_no_file_and_no_key(home: Home) -> None:
    assert "there is no BPS file in landing/poverty" in without_key(home)


def test_years_and_gaps_by_indicator_and_level(home: Home, run: Run, bps: Bps) -> None:
    """A year counts for the kab/kota when all 38 have a figure: 2025 lacks one."""
    assert len(KABKOTA) == 38
    names = {code: region.name for code, region in regions.regions().items()}
    for year, codes in ((2023, ["3500", *KABKOTA]), (2025, ["3500", *KABKOTA[1:]])):
        bps.answers["0000", "621", str(year - 1900)] = data(621, [year]) | {
            "vervar": [{"val": int(code), "label": names[code]} for code in codes],
            "datacontent": {f"{code}6210{year - 1900}0": 10.5 for code in codes},
        }
        run([year], variables={"0000": [621]})
    folder = home.landing / "poverty"
    (folder / "catatan.csv").write_text("a,b\n1,2\n", "utf-8")
    (folder / ".hidden.csv").write_text("a\n", "utf-8")
    (folder / "link.csv").symlink_to(folder / "catatan.csv")
    lines = without_key(home, [2023, 2024, 2025]).splitlines()
    assert lines[0] == (
        "No key for the BPS Web API, so nothing was fetched. Nights work from the 3 BPS files in landing/poverty, "
        "of which 1 cannot be read as figures (catatan.csv). Of East Java they hold:"
    )
    assert lines[2] == (
        "- poverty_rate_pct (variables 0000/192, 0000/621, 3500/497): the province 2023, 2025 (missing: 2024); "
        "the kab/kota 2023 (missing: 2024-2025)"
    )
    assert lines[3] == (
        "- poverty_line_idr (variables 0000/195, 0000/624): the province no year (missing: 2023-2025); "
        "the kab/kota no year (missing: 2023-2025)"
    )


@pytest.mark.shared
def test_real_tables_and_answers_of_bps(home: Home, shared: Path) -> None:
    folder = home.landing / "poverty"
    folder.mkdir()
    for name in ("bps/jatim_kabkota/gk_p1_p2_jatim_2025.csv", "bps_api/data_0000_var624_th125.json"):
        (folder / Path(name).name).write_bytes((shared / name).read_bytes())
    text = without_key(home, [2024, 2025])
    assert "the 2 BPS files in landing/poverty. Of East Java" in text
    assert (
        "poverty_line_idr (variables 0000/195, 0000/624): the province 2025 (missing: 2024); the kab/kota 2025" in text
    )
    assert "severity_index_p2 (variables 0000/504, 0000/623): the province no year" in text


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2023", [2023]),
        ("2021-2023", [2021, 2022, 2023]),
        (" 2025, 2021 – 2022;2022 ", [2021, 2022, 2025]),
        ("", []),
    ],
)
def test_years_as_people_write_them(text: str, years: list[int]) -> None:
    assert years_in(text) == years
    assert years_in(ranges(years)) == years


@pytest.mark.parametrize("text", ["23", "2023-2021", "1900", "2021-", "all", "2021 2022"])
def test_what_is_no_year_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no year|does not run upwards"):
        years_in(text)


def test_usually_this_year_and_the_last() -> None:
    """In Java the new year has begun while it is still December in UTC."""
    assert usual_years(datetime(2026, 12, 31, 16, 59, tzinfo=UTC)) == [2025, 2026]
    assert usual_years(datetime(2026, 12, 31, 17, 0, tzinfo=UTC)) == [2026, 2027]
