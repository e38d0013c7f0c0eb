"""The formula language: what it computes, what it refuses, and that a wrong formula stops the build."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import jinja2
import pytest

from pilar import build
from pilar.config import PROJECT, Home
from tests.conftest import Night

KINDS = {"poor": "bps", "pkh": "people", "tksk": "people"}
WORLD = {
    "3300": {"poor.base": "100", "poor.end": "90", "pkh": "7", "tksk": "2"},
    "3500": {"poor.base": "50", "poor.end": "20.5", "pkh": "3", "tksk": "0"},
    "3600": {"poor.base": "10", "poor.end": "12", "pkh": "1", "tksk": "1"},
}
"""Terms by region; 3500 is the claim's own."""


class RefusedError(Exception):
    pass


def compiled_formula(formula: str) -> str:
    """The macro's SQL, rendered as dbt renders it but without dbt."""

    def refuse(message: str) -> None:
        raise RefusedError(message)

    source = (build.DBT_PROJECT / "macros" / "claims.sql").read_text("utf-8")
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])  # noqa: S701 (SQL, no page)
    module = environment.from_string(
        source, {"modules": {"re": re}, "exceptions": {"raise_compiler_error": refuse}}
    ).module
    return str(module.claim_formula("some-claim", formula, KINDS, "true")).strip()  # type: ignore[attr-defined]


def value_of(formula: str) -> Decimal | None:
    rows = ", ".join(
        "('{}', MAP {{{}}})".format(
            region, ", ".join(f"'{name}': {value}::DECIMAL(18, 4)" for name, value in terms.items())
        )
        for region, terms in WORLD.items()
    )
    answer = duckdb.sql(
        f"SELECT value FROM (SELECT region, {compiled_formula(formula)} AS value "
        f"FROM (VALUES {rows}) AS v(region, terms)) WHERE region = '3500'"
    ).fetchone()
    assert answer
    value: Decimal | None = answer[0]
    return value


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("pkh", "3"),
        ("pkh + tksk", "3"),
        ("(poor.base - poor.end) * 1000", "29500"),
        ("poor.base - poor.end * 2", "9"),
        ("-poor.base + 60", "10"),
        ("2 * (-pkh)", "-6"),
        ("((pkh))", "3"),
        ("pkh / 8", "0.375"),
        ("100 * poor.end / poor.base", "41"),
        ("rank(poor.base)", "2"),
        ("rank(poor.base - poor.end)", "1"),
        ("rank(poor.end - poor.base)", "3"),
        ("rank(-(poor.base - poor.end) / poor.base) + 10 * rank(pkh)", "23"),
        ("pkh / tksk", None),
        ("pkh / (tksk * 0)", None),
        ("rank(poor.base) / (pkh - pkh)", None),
        ("pkh * 9999999999999", "29999999999997"),
        ("pkh * 99999999999999 * 1000000", None),
    ],
)
def test_a_formula_is_arithmetic(formula: str, value: str | None) -> None:
    assert value_of(formula) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        ("pkh + tagana", "nothing is called tagana; its figures in seeds/claim_figures.csv are poor, pkh, tksk"),
        ("poor", "write poor.base or poor.end"),
        ("poor.middle", "write poor.base or poor.end"),
        ("poor.base.end", "write poor.base or poor.end"),
        ("pkh.end", "has no period"),
        ("", "names no figure"),
        ("12", "names no figure"),
        ("pkh +", "not arithmetic"),
        ("pkh pkh", "not arithmetic"),
        ("(pkh", "not arithmetic"),
        ("pkh)", "not arithmetic"),
        (")pkh(", "not arithmetic"),
        ("pkh()", "not arithmetic"),
        ("2(pkh)", "not arithmetic"),
        ("pkh -- tksk", "not arithmetic"),
        ("pkh /* tksk", "not arithmetic"),
        ("rank pkh", "parenthesis"),
        ("pkh + rank", "not arithmetic"),
        ("rank()", "names no figure"),
        ("rank(rank(pkh))", "rank cannot stand in a rank"),
        ("1.2.3 * pkh", "nothing is called ."),
        ("sum(pkh)", "nothing is called sum"),
        ("pkh; drop", "nothing is called ;"),
        ("pkh + 'x'", "nothing is called '"),
        ('pkh + "x"', 'nothing is called "'),
        ("pkh\n--\ntksk", "nothing is called"),
        ("(select 1)", "nothing is called select"),
    ],
)
def test_anything_else_is_refused_and_says_why(formula: str, problem: str) -> None:
    with pytest.raises(RefusedError, match=re.escape(problem)) as refused:
        compiled_formula(formula)
    assert f'claim some-claim, formula "{formula}"' in str(refused.value)
    assert "See docs/claims.md" in str(refused.value)


def test_adding_a_claim_is_adding_rows_and_a_wrong_formula_stops_the_build(
    sample_night: Night, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example of docs/claims.md over the samples' warehouse: 11.40 - 10.35 per cent."""
    project = tmp_path / "dbt_project"
    shutil.copytree(build.DBT_PROJECT, project)
    figure = "rate-2021-2023,rate,bps,poverty_rate_pct,total,,,,,,"
    assert figure in (PROJECT / "docs" / "claims.md").read_text("utf-8")
    with (project / "seeds" / "claim_figures.csv").open("a", encoding="utf-8") as figures:
        figures.write(f"{figure}\n")
    with (project / "seeds" / "claims.csv").open("a", encoding="utf-8") as claims:
        claims.write(
            "rate-2021-2023,Persentase turun.,The rate fell.,Pemprov,2023-11-20,1.05,points,0.005,"
            "rate.base - rate.end,3500,,,2021-03,2023-03,Tabel BPS,BPS tables\n"
        )
    monkeypatch.setattr(build, "DBT_PROJECT", project)
    shutil.copy(sample_night.home.warehouse, home.warehouse)
    shutil.copy(sample_night.home.root / "pii.key", home.root / "pii.key")
    chosen = ["claims", "claim_figures", "path:models/intermediate/claims", "path:models/marts/claims"]
    ended = build.dbt(home, "build", "--select", *chosen, "--exclude-resource-type", "test", "unit_test")
    assert ended.returncode == 0, ended.stdout[-2000:]
    with duckdb.connect(str(home.warehouse)) as warehouse:
        assert warehouse.execute(
            "SELECT recomputed_value, verdict FROM marts.mart_claims WHERE claim_id = 'rate-2021-2023'"
        ).fetchall() == [(Decimal("1.05"), "CONFIRMED")]
        warehouse.execute("UPDATE seeds.claims SET formula = 'pkh + tagana + banser' WHERE claim_id = 'people-total'")
    ended = build.dbt(home, "compile", "--select", "int_claim_answers")
    assert ended.returncode != 0
    said = " ".join(ended.stdout.split())
    assert 'claim people-total, formula "pkh + tagana + banser": nothing is called banser' in said
    assert "its figures in seeds/claim_figures.csv are pkh, tagana, tksk" in said
