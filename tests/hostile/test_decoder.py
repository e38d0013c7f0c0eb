"""The decoder of the BPS Web API over answers that nobody foresaw: figures, or a refusal by a rule of the catalogue."""

from __future__ import annotations

import json
from collections import Counter
from random import Random

import pytest

from pilar import figures
from pilar.reading.model import Rejected
from pilar.rules import rule
from tests.figures.test_answers import answer
from tests.hostile import fuzzing

TRIED = 3000


def test_whatever_an_answer_is_it_is_read_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Nodes of answers go, come twice, change their names and types, up to three at once; bare and in recordings."""
    random = Random(28)
    starts = [answer(), {"request": {"params": {"domain": "3500"}}, "status_code": 200, "body": answer()}]
    starts += [
        json.loads(seed.content) for seed in fuzzing.seeds() if seed.feed == "poverty" and seed.content[:1] == b"{"
    ]
    refused: Counter[str] = Counter()
    read = 0
    for _ in range(TRIED):
        tree = random.choice(starts)
        for _ in range(random.randint(1, 3)):
            tree = fuzzing.tree_changed(tree, random)
        try:
            rows = figures.read("jawaban.json", None, tree)
        except Rejected as refusal:
            assert rule(refusal.rule_code).severity == "error"
            refused[refusal.rule_code] += 1
            continue
        read += 1
        for row in rows:
            assert row["value"] is None or isinstance(row["value"], str)
    with capsys.disabled():
        print(f"\ndecoder: {TRIED} answers, {read} read, {refused.total()} refused {dict(refused)}")  # noqa: T201 (as test_fuzz)
    assert read > 100
    assert len(refused) >= 3
