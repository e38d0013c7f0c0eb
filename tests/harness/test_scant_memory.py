"""All models with less memory than their tables take: what does not fit is spilled, and they say the same."""

from __future__ import annotations

from pathlib import Path

from pilar import night
from pilar.config import Home
from tests.counted.nights import lay
from tests.harness.compiled import Compiled
from tests.harness.memory import Memory, Rows

TRANSFERS = 40_000
"""With people and premiums they make tables of some 350 MB, uncompressed as they are in memory."""
SCANT = "192MB"


def contents(memory: Memory, compiled: Compiled) -> dict[str, Rows]:
    """Rows and a sum of their digests, by table."""
    asked = "SELECT count(*), sum(hash(row)::HUGEINT) FROM {} AS row"
    return {model.name: memory.ask(asked.format(model.relation)) for model in compiled.models if not model.view}


def test_models_that_do_not_fit_say_the_same(compiled: Compiled, tmp_path: Path) -> None:
    home = Home(tmp_path / "home").make()
    lay(home, TRANSFERS)
    plan = night.begin(home, "night-1", force=True)
    for item in plan["items"]:
        assert night.ingest(home, "night-1", item)["outcome"] == "read"
    said = []
    for scant in (False, True):
        memory = Memory(compiled, b"a key for a test of memory")
        if scant:
            memory.confine(SCANT, tmp_path / "spill")
        memory.night(home)
        said.append(contents(memory, compiled))
        spilled = memory.ask("SELECT coalesce(sum(size), 0) > 0 FROM duckdb_temporary_files()")
        memory.close()
        assert spilled == [(scant,)]
    ample, little = said
    assert ample["stg_disbursements"][0][0] > TRANSFERS
    assert little == ample
