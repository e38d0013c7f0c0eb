"""Work is counted, not timed: statements, rows and files of three nights stay below ceilings that somebody agreed to.

``ceilings.yaml`` holds the figures. A night that does more is held up here; one that does far less has earned a lower
ceiling. ``.venv/bin/python -m tests.counted`` prints what is measured and with ``--write`` notes it.
"""

from __future__ import annotations

import pytest

from tests.conftest import Night
from tests.counted import ceilings
from tests.counted.nights import TRANSFERS, Worked, said_by_dbt

CEILINGS = ceilings.read()


@pytest.mark.parametrize("ceiling", CEILINGS, ids=lambda ceiling: f"{ceiling.night}-{ceiling.step}-{ceiling.of}")
def test_work_stays_at_its_ceiling(ceiling: ceilings.Ceiling, worked: dict[str, Worked]) -> None:
    measured = worked[ceiling.night].steps[ceiling.step].get(ceiling.of, 0)
    assert measured <= ceiling.most, f"{measured} instead of {ceiling.figure}: {ceiling.because}"
    assert measured >= ceiling.least, f"{measured} is far below {ceiling.figure}: lower the ceiling"


def test_no_step_goes_uncounted(worked: dict[str, Worked]) -> None:
    known = {(ceiling.night, ceiling.step) for ceiling in CEILINGS}
    done = {(name, step) for name, night in worked.items() for step, work in night.steps.items() if any(work.values())}
    assert done <= known


@pytest.mark.parametrize("night", ["first", "news"])
def test_no_model_takes_many_statements(night: str, worked: dict[str, Worked]) -> None:
    """What a model says twice it pays twice, whatever its rows."""
    taken = {node: work["statements"] for node, work in worked[night].nodes.items() if node.startswith("model.")}
    assert {node: count for node, count in taken.items() if count > ceilings.STATEMENTS_OF_A_MODEL} == {}


def test_statements_do_not_depend_on_what_landed(worked: dict[str, Worked], sample_night: Night) -> None:
    """The samples have four times the rows, seven formats, broken files; a first night says the same to DuckDB."""
    assert said_by_dbt(sample_night.home) == worked["first"].said > 0


def test_a_gate_asks_the_same_of_more_rows(worked: dict[str, Worked]) -> None:
    first, news = (worked[night].steps["gate_candidate"]["statements"] for night in ("first", "news"))
    assert first == news


def test_a_quiet_night_asks_nothing(worked: dict[str, Worked]) -> None:
    asked = {step: work for step, work in worked["quiet"].steps.items() if step != "begin" and any(work.values())}
    assert asked == {}


def test_news_alone_are_read_from_raw(worked: dict[str, Worked]) -> None:
    """One bank file landed: its staging model reads it, writes its rows aside and appends them; no other reads any."""
    opened = {node for node, work in worked["news"].nodes.items() if work.get("files_opened")}
    assert opened == {"model.pilar.stg_disbursements"}
    taken = worked["news"].nodes["model.pilar.stg_disbursements"]["rows_written"]
    assert 0 < taken < TRANSFERS / 4, "more than twice a tenth"
