"""What a title, a sheet's name or a file's name says of all its rows: the pillar, the region."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import PurePosixPath

from pilar.config import PROJECT
from pilar.regions import find_in_text

PILLARS = PROJECT / "dbt_project" / "seeds" / "pillars.csv"


def known(column: str, titles: Iterable[str], sheet: str, file_name: str) -> str | None:
    """The one value of ``column`` that the context names, or ``None``.

    Titles, sheet name and file name must not contradict each other; where one of them names several values
    (``PKH, TAGANA``) it says nothing. Folders, and the archive a file came in, are asked only when all of these
    are silent, the nearest first.
    """
    finder = _FINDERS.get(column)
    if finder is None:
        return None
    path = PurePosixPath(file_name)
    sources: list[list[list[str]]] = [[list(titles), [sheet], [path.stem]]]
    sources += [[[part]] for part in reversed(path.parent.parts)]
    for level in sources:
        named = {value for texts in level if (value := _only(finder, texts))}
        if named:
            return named.pop() if len(named) == 1 else None
    return None


def _only(finder: Callable[[str], set[str]], texts: Iterable[str]) -> str | None:
    found = {value for text in texts for value in finder(text)}
    return found.pop() if len(found) == 1 else None


def _pillars_in(text: str) -> set[str]:
    words = f" {' '.join(_words(text))} "
    return {code for name, code in _pillar_names().items() if f" {name} " in words}


def _regions_in(text: str) -> set[str]:
    code = find_in_text(text, level="kabkota")
    return {code} if code else set()


@cache
def _pillar_names() -> dict[str, str]:
    """Every spelling of the seed, as words in capitals → pillar code."""
    with PILLARS.open(encoding="utf-8", newline="") as handle:
        return {
            " ".join(_words(name)): row["pillar_code"]
            for row in csv.DictReader(handle)
            for name in (row["pillar_code"], row["pillar_name"], *row["aliases"].split(";"))
            if name
        }


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Z]+|[0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).upper())


_FINDERS: dict[str, Callable[[str], set[str]]] = {"pillar": _pillars_in, "region": _regions_in}
