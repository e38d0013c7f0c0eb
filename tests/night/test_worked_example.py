"""docs/worked-example.md says nothing that its three nights do not say."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pilar import night, samples
from pilar.config import PROJECT, Home, limits
from pilar.contracts import contract
from pilar.reading.cells import key
from pilar.reading.reader import read
from tests.conftest import FIRST_DAY, SAMPLES_KEY, Night

PAGE = (PROJECT / "docs" / "worked-example.md").read_text("utf-8")
PILAR = Path(sys.executable).with_name("pilar")
MASK = "••••"

QUOTED_ROW = re.compile(
    r"`samples/(?P<path>[^`]+)`, sheet `(?P<sheet>[^`]+)`,\s+row (?P<row>\d+):\n\n"
    r"\| (?P<head>.+) \|\n\| [-| ]+ \|\n\| (?P<cells>.+) \|\n"
)
ASKED = re.compile(r"```(?P<how>sql|sh)\n(?P<question>.+?)\n```\n\n```text\n(?P<answer>.+?)\n```", re.DOTALL)


@dataclass(frozen=True)
class Chapter:
    """A section of the page that is told by a night: what had arrived until then, and what it asks."""

    title: str
    until: date
    asked: list[tuple[str, str, str]]
    """(`sql` or `sh`, question, answer as printed)."""


def chapters() -> list[Chapter]:
    """The sections whose title ends in a day, each a night over what had arrived by the end of it."""
    found = re.findall(r"^## ([^\n]+: (\d{4}-\d\d-\d\d))\n(.+?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return [Chapter(title, date.fromisoformat(day), ASKED.findall(text)) for title, day, text in found]


@pytest.fixture(scope="module")
def told(first_of_two: Night, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """(chapter, question) → what Pilar answers on that night. One home, a night for each chapter; the first was run for
    others too."""
    home = Home(tmp_path_factory.mktemp("example") / "home")
    shutil.copytree(first_of_two.home.root, home.root, symlinks=True)
    answers = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PILAR_PII_KEY", SAMPLES_KEY)
        for number, chapter in enumerate(chapters()):
            if number:
                samples.lay(home, until=chapter.until)
                assert night.run(home)["outcome"] == "published"
            for how, question, _ in chapter.asked:
                answers[chapter.title, question] = ask(home, how, question)
    return answers


def ask(home: Home, how: str, question: str) -> str:
    arguments = ["sql", question] if how == "sql" else shlex.split(question.removeprefix("pilar "))
    done = subprocess.run(
        [str(PILAR), *arguments],
        env=os.environ | {"PILAR_HOME": str(home.root)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.rstrip()


def steady(answer: str) -> str:
    """The answer without what differs from night to night: the releases' ids and the hour at which it ran."""
    answer = re.sub(r"\b\d{8}T\d{6}Z\b", "RELEASE", answer)
    return re.sub(r"\b(?!2023)\d{4}-\d\d-\d\d \d\d:\d\d WIB", "TONIGHT", answer)


def test_the_page_tells_three_nights_and_asks_in_each() -> None:
    assert [bool(chapter.asked) for chapter in chapters()] == [True] * 3
    assert chapters()[0].until == FIRST_DAY
    assert re.findall(r"PILAR_PII_KEY='([^']+)'", PAGE) == [SAMPLES_KEY]
    assert len(ASKED.findall(PAGE)) == sum(len(chapter.asked) for chapter in chapters())


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: str(chapter.until))
def test_answers_are_those_of_the_night(chapter: Chapter, told: dict[tuple[str, str], str]) -> None:
    for _, question, printed in chapter.asked:
        assert steady(told[chapter.title, question]) == steady(printed), question


@pytest.mark.parametrize(
    "quoted", list(QUOTED_ROW.finditer(PAGE)), ids=lambda quoted: f"{quoted['path']} {quoted['row']}"
)
def test_rows_are_those_of_the_files(quoted: re.Match[str], tmp_path: Path) -> None:
    feed, _, name = quoted["path"].partition("/")
    rules = contract(feed)
    rows, work = tmp_path / "rows.parquet", tmp_path / "work"
    work.mkdir()
    path = samples.SAMPLES / quoted["path"]
    read(path, rules, file_name=name, sha256="0" * 64, limits=limits(), rows_to=rows, work=work)
    (row,) = [
        row
        for row in pq.read_table(rows).to_pylist()
        if (row["sheet"], row["source_row"]) == (quoted["sheet"], int(quoted["row"]))
    ]
    named = {key(header): column.name for column in rules.columns for header in column.headers}
    personal = {column.name for column in rules.columns if column.classification == "restricted"}
    for header, cell in zip(quoted["head"].split(" | "), quoted["cells"].split(" | "), strict=True):
        column = named[key(header)]
        assert (cell == MASK) == (column in personal and row[column] is not None), header
        if cell != MASK:
            assert (row[column] or "") == cell.replace("\\|", "|").strip(), header


def test_every_row_named_is_quoted() -> None:
    assert len(QUOTED_ROW.findall(PAGE)) == PAGE.count("sheet `") == 5


def test_the_finding_is_told_as_the_catalogue_tells_it() -> None:
    with (PROJECT / "dbt_project" / "seeds" / "quality_rules.csv").open(encoding="utf-8", newline="") as handle:
        (rule,) = [row for row in csv.DictReader(handle) if row["rule_code"] == "TRANSFER_ACCOUNT_CHANGED"]
    told = re.sub(r"[\s>*]+", " ", PAGE)
    for name in ("message_id", "fix_id", "message_en", "fix_en"):
        assert rule[name] in told, name
