"""Mutated files are read, or refused by a rule. ``bench/fuzz.py`` tries as many as there is time for."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile import fuzzing

TRIED = 250


@settings(
    max_examples=TRIED,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(number=st.integers(0, 10**9), random=st.randoms(use_true_random=False))
def _try(number: int, random: Random) -> None:
    feeds = sorted({seed.feed for seed in SEEDS})
    of_feed = [seed for seed in SEEDS if seed.feed == feeds[number % len(feeds)]]
    fuzzing.read(fuzzing.mutated(of_feed[number // len(feeds) % len(of_feed)], SEEDS, random), TALLY)


SEEDS = [seed for seed in fuzzing.seeds() if len(seed.content) <= 10_000]
TALLY = fuzzing.Tally()


def test_whatever_comes_is_read_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    _try()
    with capsys.disabled():
        print(f"\nfuzzed: {TALLY}")  # noqa: T201 (how many were tried is what a reader of the log wants to know)
    assert TALLY.tried >= TRIED
    assert len(TALLY.seen) > TALLY.tried // 2
    assert TALLY.read > 20
    assert TALLY.texts > 25
    assert len(TALLY.refused) > 5


@pytest.mark.shared
def test_so_are_the_real_files_with_changes(shared: Path) -> None:
    real = fuzzing.seeds(shared)[len(fuzzing.seeds()) :]
    assert len(real) > 20
    random, tally = Random(5), fuzzing.Tally()
    for seed in real:
        fuzzing.read(fuzzing.mutated(seed, real, random), tally)
    assert tally.read > 0
    assert tally.refused.total() > 0


@pytest.mark.parametrize("what", ["unforeseen", "lost", "told"])
def test_the_judge_can_fail(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader with a bug is caught: an error that nobody foresaw, a row that is not written, a reason with a NIK."""
    from pilar.reading import sandbox
    from pilar.reading.model import Rejected

    real = sandbox.read

    def broken(*place: object, **given: object) -> object:
        if what == "unforeseen":
            raise sandbox.Unforeseen("KeyError")
        if what == "told":
            raise Rejected("FILE_UNREADABLE", "3522010101900001", "")
        reading = real(*place, **given)  # type: ignore[arg-type]  # passed on as it came
        reading.rows += 1
        return reading

    monkeypatch.setattr(sandbox, "read", broken)
    with pytest.raises(AssertionError):
        fuzzing.read(SEEDS[-1], fuzzing.Tally())
