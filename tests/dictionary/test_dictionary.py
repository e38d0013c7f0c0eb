"""The dictionary: whole, true to the release, and the committed pages as their sources say."""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from pilar import night
from pilar.config import Home
from pilar.contracts import contracts
from pilar.dictionary import __main__ as docs
from pilar.dictionary import html, markdown, pages
from pilar.dictionary.assemble import dictionary
from pilar.dictionary.lineage import TARGET, lineage, trace
from pilar.dictionary.model import Column, Dictionary
from pilar.quality.suites import suites
from pilar.rules import catalogue
from tests.conftest import Night


@cache
def told(release: Path) -> Dictionary:
    return dictionary(release)


def columns(of: Dictionary) -> Iterator[tuple[str, Column]]:
    return ((table.name, column) for table in of.tables for column in table.columns)


class Page(HTMLParser):
    """Ids, links and texts by id of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given["href"]))


# --- the committed files --------------------------------------------------------------------------------------------


def test_the_committed_lineage_is_what_the_models_say(sample_night: Night) -> None:
    manifest = json.loads((sample_night.home.dbt / "target" / "manifest.json").read_text("utf-8"))
    traced = trace(manifest, docs.views(sample_night.home.current_marts))
    assert traced.as_json() == TARGET.read_text("utf-8"), "run: make docs"


def test_the_committed_dictionary_is_what_the_samples_release_says(sample_night: Night) -> None:
    page = markdown.dictionary_page(told(sample_night.home.current_marts.resolve()))
    assert page == docs.DICTIONARY.read_text("utf-8"), "run: make docs"


def test_the_committed_rules_are_the_catalogue() -> None:
    assert markdown.rules_page() == docs.RULES.read_text("utf-8"), "run: make docs"


# --- what it says ---------------------------------------------------------------------------------------------------


def test_every_column_of_the_release_is_described(sample_night: Night) -> None:
    release = sample_night.home.current_marts.resolve()
    known = {(table, column.name) for table, column in columns(told(release))}
    asked = sample_night.ask(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema IN ('main', 'marts')"
    )
    assert known == set(asked)
    assert [name for name, column in columns(told(release)) if not column.meaning] == []
    functions = sample_night.ask(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE NOT internal AND function_type LIKE '%macro'"
    )
    assert {macro.name for macro in told(release).macros} == {name for (name,) in functions}
    assert all(macro.meaning for macro in told(release).macros)


def test_every_subject_has_a_title(sample_night: Night) -> None:
    assert {table.subject for table in told(sample_night.home.current_marts.resolve()).tables} == set(html.SUBJECTS)


def test_origins_are_traced_to_the_end_for_nearly_all_columns(sample_night: Night) -> None:
    traced, every = told(sample_night.home.current_marts.resolve()).traced
    assert every > 250
    assert traced / every >= 0.95


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("marts.fct_disbursement.amount_idr", {"raw.disbursements.amount_idr"}),
        ("marts.dim_participant.region_code", {"raw.rosters.region"}),
        ("marts.dim_participant.pillar_code", {"raw.rosters.pillar"}),
        ("marts.fct_poverty.value", {"raw.poverty.value"}),
        ("marts.mart_disbursement_reconciliation.entitled_idr", {"raw.events.amount_idr", "raw.events.months"}),
        ("marts.fct_premium_month.coverage_month", {"raw.premiums.month"}),
        ("marts.quality_decisions.verdict", {"raw.decisions.verdict"}),
    ],
)
def test_known_origins(column: str, expected: set[str]) -> None:
    relation, _, name = column.rpartition(".")
    assert expected <= lineage().roots(relation, name)


def test_every_root_is_a_column_that_somebody_wrote_down() -> None:
    given = {f"raw.{feed}.{column.name}" for feed, contract in contracts().items() for column in contract.columns}
    roots = {
        root for name, cols in lineage().parents.items() for column in cols for root in lineage().roots(name, column)
    }
    feeds = {root for root in roots if root.split(".")[1] in contracts() and root.startswith("raw.")}
    ours = {"*", "sheet", "source_row", "file_sha256", "numeric_cells"}
    assert {root for root in feeds - given if root.rpartition(".")[2] not in ours} == set()
    assert len(feeds & given) > 50


def test_examples_are_values_of_the_release_and_no_pseudonym_is_spelt_out(sample_night: Night) -> None:
    release = sample_night.home.current_marts.resolve()
    with duckdb.connect(str(release), read_only=True) as connection:
        for table, column in columns(told(release)):
            if column.example is None:
                query = f'SELECT count("{column.name}") FROM main."{table}"'
                assert connection.execute(query).fetchall() == [(0,)], (table, column.name)
            elif "…" not in column.example:
                query = f'SELECT count(*) > 0 FROM main."{table}" WHERE "{column.name}"::VARCHAR = ?'
                assert connection.execute(query, [column.example]).fetchall() == [(True,)], (table, column.name)
            assert not re.search(r"\b[a-z]_[a-z]{20,}", column.example or "")


def test_money_shares_and_counts_have_a_unit(sample_night: Night) -> None:
    bare = [
        f"{table}.{column.name}"
        for table, column in columns(told(sample_night.home.current_marts.resolve()))
        if column.unit is None and column.data_type.startswith("decimal")
    ]
    assert bare == []


def test_a_column_names_the_rules_of_its_sources(sample_night: Night) -> None:
    by_name = {f"{table}.{c.name}": c for table, c in columns(told(sample_night.home.current_marts.resolve()))}
    amount = by_name["fct_disbursement.amount_idr"]
    assert {"TRANSFER_AMOUNT_INVALID", "CONTROL_TOTAL_DIFFERS"} <= {rule.rule_code for rule in amount.rules}
    assert all(rule.field == "amount_idr" for rule in amount.rules)
    assert ("tidak pernah kosong", "never NULL") in amount.promises
    assert any("never negative" in watch.said[1] for watch in amount.watches)


def test_every_table_of_the_candidate_gate_has_its_expectations_told(sample_night: Night) -> None:
    of = told(sample_night.home.current_marts.resolve())
    shown = {table.name: len(table.watches) + sum(len(c.watches) for c in table.columns) for table in of.tables}
    for suite in suites("candidate"):
        assert shown[suite.table] == len(suite.expectations), suite.table


# --- the night's pages ----------------------------------------------------------------------------------------------


def test_the_night_writes_pages_that_hold_together(sample_night: Night) -> None:
    """No script, no other host; each anchor once; every link leads to something; every rule and column is there."""
    reports = sample_night.home.reports
    shown = {name: Page((reports / name).read_text("utf-8")) for name in ("dictionary.html", "rules.html")}
    of = told(sample_night.home.current_marts.resolve())
    assert {f"{table}.{column.name}" for table, column in columns(of)} <= set(shown["dictionary.html"].ids)
    feeds = {f"{feed}.{column.name}" for feed, contract in contracts().items() for column in contract.columns}
    assert feeds <= set(shown["dictionary.html"].ids)
    assert set(catalogue()) <= set(shown["rules.html"].ids)
    for name, page in shown.items():
        assert len(page.ids) == len(set(page.ids)), name
        assert "script" not in page.tags, name
        for link in page.links:
            target, _, anchor = link.partition("#")
            assert "://" not in target
            if target in shown or not target:
                assert anchor in ("", *shown[target or name].ids), (name, link)
            else:
                assert (reports / target).is_file(), (name, link)
        assert (reports / name).stat().st_size < 1_200_000


def test_the_rules_page_counts_the_open_findings_of_the_release(sample_night: Night) -> None:
    page = (sample_night.home.reports / "rules.html").read_text("utf-8")
    counted = dict(sample_night.ask("SELECT rule_code, count(*) FROM quality_findings WHERE state = 'open' GROUP BY 1"))
    assert counted
    articles = dict(re.findall(r'<article class="rule[^>]* id="(\w+)">(.*?)</article>', page, re.DOTALL))
    for code, article in articles.items():
        shown = re.search(r'class="tag">(?:<span lang="id">)?([\d.]+)', article)
        assert (int(shown[1].replace(".", "")) if shown else None) == counted.get(code), code


def test_the_rules_page_says_everything_about_a_rule_in_both_languages() -> None:
    page = markup.unescape(html.rules_page(None, {}, has_dictionary=False))
    assert "dictionary.html" not in page
    for rule in catalogue().values():
        for text in (rule.message_id, rule.message_en, rule.expected_id, rule.expected_en, rule.fix_id, rule.fix_en):
            assert text in page, rule.rule_code


def test_without_a_release_the_rules_stand_alone(home: Home) -> None:
    assert pages.write_dictionary(home) is None
    page = Page(pages.write_rules(home).read_text("utf-8"))
    assert set(catalogue()) <= set(page.ids)
    assert not [link for link in page.links if link.startswith("dictionary.html")]


def test_a_page_that_breaks_keeps_nobody_from_the_report(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What broke is told by its kind and place; the text of an error may quote a cell."""

    def breaks(_: Home) -> None:
        raise ValueError("quotes SITI REKAAN")

    monkeypatch.setattr(pages, "WRITERS", {"first": breaks, "second": pages.write_rules})
    plan = night.begin(home)
    told = night.report(home, plan["night_id"])
    assert told["status"] == "ok"
    assert len(told["broken"]) == 1
    assert told["broken"][0].startswith("first not written: ValueError in test_dictionary.py, line ")
    assert "SITI" not in json.dumps(told)
    assert (home.reports / "rules.html").is_file()
    assert (home.reports / "index.html").is_file()
