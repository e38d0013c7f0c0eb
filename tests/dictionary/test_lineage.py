"""Lineage by sqlglot, on small invented models: what a value comes from, however it is written."""

from __future__ import annotations

from typing import Any

import pytest

from pilar.dictionary.lineage import UNKNOWN, Lineage, trace

RAW = {
    "raw.people": ["nik", "name", "region", "amount"],
    "raw.region_aliases": ["alias_key", "region_code"],
    "raw.links": ["one", "other"],
}


def manifest(**models: str) -> dict[str, Any]:
    """A manifest of models that may lean on those before them; ``raw`` and the seed ``pillars`` are given."""
    nodes: dict[str, Any] = {
        "seed.pilar.pillars": {
            "resource_type": "seed",
            "relation_name": '"warehouse"."seeds"."pillars"',
            "original_file_path": "seeds/pillars.csv",
        }
    }
    for name, sql in models.items():
        nodes[f"model.pilar.{name}"] = {
            "resource_type": "model",
            "relation_name": f'"warehouse"."marts"."{name}"',
            "depends_on": {"nodes": list(nodes)},
            "compiled_code": sql,
        }
    sources = {
        name: {"relation_name": ".".join(f'"{part}"' for part in ("warehouse", *name.split("."))), "columns": columns}
        for name, columns in RAW.items()
    }
    return {"nodes": nodes, "sources": sources}


def roots(traced: Lineage, column: str, table: str = "one") -> set[str]:
    return set(traced.roots(f"marts.{table}", column))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('select nik as x from "warehouse"."raw"."people"', {"raw.people.nik"}),
        ("select p.name || coalesce(p.nik, '') as x from raw.people as p", {"raw.people.name", "raw.people.nik"}),
        ("with a as (select * from raw.people), b as (select * from a) select nik as x from b", {"raw.people.nik"}),
        (
            "select nik as x from raw.people union all select name from raw.people",
            {"raw.people.nik", "raw.people.name"},
        ),
        ("select count(*) as x from raw.people", {"raw.people.*"}),
        ("select count(*) filter (where region = 'a') as x from raw.people", {"raw.people.region"}),
        ("select row_number() over () as x from (select * from raw.people) as p", {"raw.people.*"}),
        ("select 1 as x from raw.people", set()),
        ("select p.nik as x from raw.people as p inner join raw.links as l on p.nik = l.one", {"raw.people.nik"}),
        ('select "name" as x from raw.people', {"raw.people.name"}),
    ],
)
def test_a_value_comes_from_what_it_is_computed_from(sql: str, expected: set[str]) -> None:
    traced = trace(manifest(one=sql), {})
    assert roots(traced, "x") == expected
    assert traced.resolved("marts.one", "x")


def test_a_code_comes_from_the_text_that_it_is_looked_up_by() -> None:
    joined = """
        select alias.region_code as x
        from raw.people as p left join raw.region_aliases as alias on upper(p.region) = alias.alias_key
    """
    asked = """
        select (select any_value(q.pillar_code) from seeds.pillars as q where q.aliases = p.name) as x
        from raw.people as p
    """
    assert roots(trace(manifest(one=joined), {}), "x") == {"raw.region_aliases.region_code", "raw.people.region"}
    assert roots(trace(manifest(one=asked), {}), "x") == {"seeds.pillars.pillar_code", "raw.people.name"}


def test_a_walk_along_links_is_followed() -> None:
    sql = """
        with recursive ends as (select one as node, other from raw.links),
        reached as (
            select node, other from ends
            union
            select r.node, e.other from reached as r inner join ends as e on r.other = e.node
        )
        select node, min(other) as x from reached group by node
    """
    traced = trace(manifest(one=sql), {})
    assert roots(traced, "x") == {"raw.links.other"}
    assert traced.resolved("marts.one", "x")


def test_models_lean_on_models_and_views_on_both() -> None:
    first = "select nik, amount from raw.people"
    second = "select nik, sum(amount) as total, count(*) as n from marts.one group by nik"
    views = {
        "main.view_b": "CREATE VIEW main.view_b AS SELECT total FROM view_a;",
        "main.view_a": "CREATE VIEW main.view_a AS SELECT total, count_star() AS n FROM two GROUP BY total;",
    }
    traced = trace(manifest(one=first, two=second), views)
    assert traced.of("marts.two", "total") == ("marts.one.amount",)
    assert roots(traced, "n", "two") == {"raw.people.*"}
    assert traced.of("main.view_b", "total") == ("main.view_a.total",)
    assert set(traced.roots("main.view_b", "total")) == {"raw.people.amount"}
    assert set(traced.roots("main.view_a", "n")) == {"raw.people.*"}


def test_what_cannot_be_followed_is_said() -> None:
    traced = trace(manifest(one="select nowhere.x from raw.people"), {})
    assert UNKNOWN in traced.roots("marts.one", "x")
    assert not traced.resolved("marts.one", "x")
    gap = Lineage({"marts.a": {"x": ("marts.b.gone",)}, "marts.b": {"y": ()}})
    assert not gap.resolved("marts.a", "x")
    assert not gap.resolved("marts.a", "never")
