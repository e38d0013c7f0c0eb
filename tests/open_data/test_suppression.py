"""Which figures are hidden, tried on invented tables: enough, and not many more."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilar.open_data.editions import decide
from pilar.open_data.facts import ELSEWHERE, PROVINCE, Area, block_of
from pilar.open_data.model import ALL, Block, Edition, Figure, Refused
from pilar.open_data.suppress import hide, prove
from pilar.open_data.worlds import Knowledge


def table(counts: Sequence[Sequence[int]]) -> Block:
    """A table of counts with the totals of its rows, of its columns, and of all."""
    high, wide = len(counts), len(counts[0])
    groups = {f"{row} {column}": counts[row][column] for row, column in product(range(high), range(wide))}
    figures = {}
    for row, column in product([*range(high), ALL], [*range(wide), ALL]):
        parts = [
            f"{one} {other}" for one, other in product(range(high), range(wide))
            if row in {one, ALL} and column in {other, ALL}
        ]  # fmt: skip
        cost = {0: 1.0, 1: 1.5 if column == ALL else 50.0, 2: 200.0}[(row == ALL) + (column == ALL)]
        key = ("table", str(row), str(column))
        figures[key] = Figure(key, tuple(parts), sum(groups[part] for part in parts), cost)
    return Block("2023", "20240105T170000Z", groups, figures)


def all_tables(block: Block, hidden: frozenset[tuple[str, ...]], high: int, wide: int) -> list[dict[str, int]]:
    """Every table of whole numbers that has the shown figures: by trying, cell by cell."""
    shown = [figure for key, figure in block.figures.items() if key not in hidden]
    most = max(figure.value for figure in block.figures.values())
    names = sorted(block.groups)
    found: list[dict[str, int]] = []

    def go(place: int, so_far: dict[str, int]) -> None:
        for figure in shown:
            known = [so_far[part] for part in figure.parts if part in so_far]
            if sum(known) > figure.value or (len(known) == len(figure.parts) and sum(known) != figure.value):
                return
        if place == len(names):
            found.append(dict(so_far))
            return
        for value in range(most + 1):
            go(place + 1, {**so_far, names[place]: value})

    go(0, {})
    assert len(names) == high * wide
    return found


small_tables = st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=2), min_size=2, max_size=2)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(counts=small_tables, threshold=st.integers(2, 4))
def test_whoever_tries_every_table_cannot_tell(counts: list[list[int]], threshold: int) -> None:
    block = table(counts)
    pattern = hide(Knowledge(block, (), "all", threshold))
    small = [figure for figure in block.figures.values() if figure.is_small(threshold)]
    assert {figure.key for figure in small} <= pattern.hidden
    if sum(map(sum, counts)) < threshold:
        return  # everything is hidden, and then there is no end of tables
    if any(figure.key[1:] == (ALL, ALL) for figure in block.figures.values() if figure.key in pattern.hidden):
        return
    worlds = all_tables(block, pattern.hidden, 2, 2)
    for figure in small:
        values = {sum(world[part] for part in figure.parts) for world in worlds}
        assert 0 in values
        assert max(values) >= threshold


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    counts=st.lists(st.lists(st.integers(0, 15), min_size=3, max_size=3), min_size=3, max_size=6),
    threshold=st.sampled_from([3, 5, 11]),
)
def test_nothing_is_hidden_that_could_be_shown(counts: list[list[int]], threshold: int) -> None:
    """Showing any one figure more would give something away."""
    block = table(counts)
    knowledge = Knowledge(block, (), "all", threshold)
    pattern = hide(knowledge)
    prove(knowledge, pattern.hidden)
    for key in pattern.hidden:
        if not block.figures[key].is_small(threshold):
            with pytest.raises(Refused):
                prove(knowledge, pattern.hidden - {key})


@pytest.mark.parametrize("threshold", [5, 11])
def test_a_dense_table_keeps_most_of_its_figures(threshold: int) -> None:
    """38 kab/kota by three pillars, cells from 0 to 20: 156 figures. Beside the small ones few others are hidden."""
    for seed in range(3):
        chance = random.Random(seed)
        block = table([[chance.randint(0, 20) for _ in range(3)] for _ in range(38)])
        small = sum(figure.is_small(threshold) for figure in block.figures.values())
        pattern = hide(Knowledge(block, (), "all", threshold))
        assert small < len(pattern.hidden) <= small + 25
        assert len(pattern.hidden) <= {5: 45, 11: 90}[threshold]


AREAS = [
    Area(PROVINCE, "province", "Jawa Timur", ("3501", "3502", "3576", ELSEWHERE)),
    Area("bakorwil-madiun", "bakorwil", "Bakorwil Madiun", ("3501", "3502")),
    *(Area(code, "kabkota", code, (code,)) for code in ("3501", "3502", "3576")),
    Area(ELSEWHERE, ELSEWHERE, "?", (ELSEWHERE,)),
]
GROUPS = list(product(("3501", "3502", "3576"), ("PKH", "TKSK"), ("L", "P")))


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    before=st.lists(st.integers(0, 30), min_size=len(GROUPS), max_size=len(GROUPS)),
    changes=st.dictionaries(st.sampled_from(GROUPS), st.integers(-20, 20), max_size=4),
)
def test_editions_of_a_year_never_tell_each_other(before: list[int], changes: dict[tuple[str, str, str], int]) -> None:
    """Whatever changes between two releases, the second package is proven together with the first, or not made."""
    thresholds = {"inside": 3, "outside": 5}
    people = dict(zip(GROUPS, before, strict=True))
    after = {group: max(count + changes.get(group, 0), 0) for group, count in people.items()}

    def block(release_id: str, counts: dict[tuple[str, str, str], int]) -> Block:
        return block_of(("2023", release_id), AREAS, people=counts, money={}, cover={})

    first = decide(block("20240105T170000Z", people), [], thresholds)
    second = decide(block("20240106T170000Z", after), [first.edition], thresholds)
    assert first.is_new
    assert second.is_new or second.edition == first.edition
    assert second.is_held == (not second.is_new and after != people)
    for audience, threshold in thresholds.items():
        known = Knowledge(second.edition.block, [first.edition], audience, threshold)
        prove(known, frozenset(second.edition.block.figures) - second.edition.shown[audience])
        assert len(second.edition.shown[audience]) >= len(first.edition.shown[audience])


def test_a_record_gives_back_what_was_written() -> None:
    """An edition read back says the same, so that the next package is compared with what really went out."""
    block = table([[3, 40, 20], [12, 0, 9]])
    shown = frozenset(block.figures) - hide(Knowledge(block, (), "all", 5)).hidden
    edition = Edition(block, {"inside": shown, "outside": shown}, {"inside": 5, "outside": 5})
    assert Edition.from_json(edition.as_json()) == edition


@pytest.mark.parametrize(
    ("value", "whole", "threshold", "percent"),
    [(480, 484, 11, 95), (480, 484, 5, 95), (480, 484, 20, 90), (99, 100, 5, 90), (9, 10, 5, None), (0, 40, 5, None)],
)
def test_a_bound_leaves_room_for_twice_the_threshold(
    value: int, whole: int, threshold: int, percent: int | None
) -> None:
    figure = Figure(("money",), (), value, whole=whole)
    assert figure.at_least_pct(threshold) == percent
    if percent:
        assert value * 100 >= percent * whole
        assert whole - -(-whole * percent // 100) >= 2 * threshold
