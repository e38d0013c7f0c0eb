"""From the API to raw/: what a night makes of the files that a fetch landed, faults and revisions included."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pilar import landing
from pilar.bps_api import Fetched, FetchError
from pilar.config import Home
from tests.bps_api.server import Bps, Reply, data

Run = Callable[..., Fetched]


def night(home: Home) -> dict[str, tuple[str, int, str | None]]:
    """(outcome, rows, rule) by file name of what is new in landing."""
    taken = [landing.ingest(home, item) for item in landing.scan(home).items]
    assert {one.feed for one in taken} <= {"poverty"}
    return {one.file_name: (one.outcome, one.rows_read, one.rule_code) for one in taken}


def test_faults_lose_nothing_and_double_nothing_on_the_way_to_raw(home: Home, run: Run, bps: Bps) -> None:
    three = {"0000": [619, 621, 624]}
    gini = [{"val": 619, "label": "Indeks Gini Menurut Provinsi", "unit": "Tidak Ada Satuan"}]
    bps.answers["0000", "619", "124;125"] = data(619, [2024, 2025], var=gini)
    bps.fault = lambda query: Reply(status=500) if query["var"] == "621" else None
    with pytest.raises(FetchError) as failed:
        run([2024, 2025], variables=three)
    assert len(failed.value.reasons) == 2
    assert night(home) == {
        "bps-web-api/0000_619_124-125.json": ("rejected", 0, "API_NOT_POVERTY"),
        "bps-web-api/0000_624_124-125.json": ("read", 4, None),
    }
    bps.fault = lambda _: None
    del bps.answers["0000", "619", "124;125"]
    run([2024, 2025], variables=three)
    taken = night(home)
    assert sorted(taken.values()) == [("read", 4, None)] * 2
    assert [name[:24] for name in sorted(taken)] == ["bps-web-api/0000_619_124", "bps-web-api/0000_621_124"]
    assert run([2024, 2025], variables=three).landed == []
    assert night(home) == {}, "a night after a month without news has none"
