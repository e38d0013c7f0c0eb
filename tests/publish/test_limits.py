"""A candidate larger than the memory that DuckDB gets: it is copied all the same, and says the same."""

from __future__ import annotations

import duckdb
import pytest

from pilar import duck
from pilar.config import Home
from pilar.publish import build_candidate, candidate, table_checksums

ROWS = 600_000


@pytest.fixture
def wide(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A warehouse with one mart of texts in no order, some 90 MB of them."""
    monkeypatch.setenv("PILAR_HOME", str(home.make().root))
    with duckdb.connect(str(home.warehouse)) as warehouse:
        warehouse.execute("CREATE SCHEMA marts")
        warehouse.execute(
            "CREATE TABLE marts.fct_wide AS SELECT md5(i::VARCHAR) AS a, md5((i * 7)::VARCHAR) AS b, "
            f"md5((i * 13)::VARCHAR) AS c, i % 1000 AS n FROM range({ROWS}) AS numbers (i)"
        )
    return home


def checksums(home: Home, release_id: str) -> dict[str, str]:
    return table_checksums(build_candidate(home, release_id))


def test_a_candidate_larger_than_memory_is_copied_as_it_comes(wide: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    ample = checksums(wide, "ample")
    monkeypatch.setenv("PILAR_MEMORY_LIMIT", "80MB")
    monkeypatch.setattr(duck, "spill_folder", lambda _=None: "")
    assert checksums(wide, "scant") == ample
    # What would have to be sorted would have to be spilled.
    monkeypatch.setattr(candidate, "SORTED_ROWS", ROWS)
    with pytest.raises(duckdb.OutOfMemoryException):
        build_candidate(wide, "sorted")
