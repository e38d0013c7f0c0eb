"""The shelf: views and table macros that a release carries for the questions asked most.

The SQL is one ``SELECT`` a file in ``views/`` and ``macros/``, without a catalog or schema, so that it holds in both
schemas of a release and under any name it is attached by. ``shelf.yml`` says what each is and means, in the shape of
dbt's YAML.

DuckDB looks for the tables of a view where the view stands, but for those of a macro where its *caller* stands. A macro
of an attached release would so answer from whatever release is in use; each one therefore asks first whether the
release in use is its own, and ends with an error otherwise (ADR 25).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pilar import duck

FOLDER = Path(__file__).parent

_NOT_IN_USE = (
    "makro ini milik rilis lain: jalankan USE untuk rilisnya dahulu / "
    "this macro is of another release: USE that release first"
)


def described() -> list[dict[str, Any]]:
    """The views as dbt describes a model: ``name``, ``description``, ``columns`` (``name``, ``data_type``, …)."""
    views: list[dict[str, Any]] = _catalogue()["models"]
    return views


def macros() -> list[dict[str, Any]]:
    """The table macros: as :func:`described`, with ``parameters`` (``name``, ``default`` as SQL if optional,
    ``description``) and a call as ``example``."""
    found: list[dict[str, Any]] = _catalogue()["macros"]
    return found


def install(
    connection: duckdb.DuckDBPyConnection, catalog: str, schemas: tuple[str, ...], release_id: str
) -> list[str]:
    """Put views and macros with their comments into each schema of the attached ``catalog``; return what was left out.

    What does not bind is left out (a warehouse with some of the marts gives some of the shelf): a night is not lost
    over a convenience. A test holds all of them to the sample night's release. Ends in the catalog ``memory``.
    """
    left_out = []
    for schema in schemas:
        connection.execute(f"USE {catalog}.{schema}")
        for statements in (*map(_view, described()), *(_macro(macro, release_id) for macro in macros())):
            try:
                # One script and one transaction: each statement alone would be written to disk for itself.
                connection.execute("; ".join(["BEGIN", *statements, "COMMIT"]))
            except (duckdb.CatalogException, duckdb.BinderException):
                connection.rollback()
                left_out.append(statements[0].partition(" AS ")[0])
    connection.execute("USE memory")
    return left_out


def _view(view: dict[str, Any]) -> list[str]:
    """Statements that make a view: its creation, then its comments."""
    name = view["name"]
    return [
        f"CREATE VIEW {name} AS {_body('views', name)}",
        f"COMMENT ON VIEW {name} IS {duck.literal(view['description'])}",
        *(f"COMMENT ON COLUMN {name}.{c['name']} IS {duck.literal(c['description'])}" for c in view["columns"]),
    ]


def _macro(macro: dict[str, Any], release_id: str) -> list[str]:
    """Statements that make a macro. DuckDB has no comment for a parameter, so the macro's own tells them."""
    name, parameters = macro["name"], macro["parameters"]
    # What may be left out is given by name, which each DuckDB from 1.2 on takes.
    listed = ", ".join(f"{p['name']} := {p['default']}" if "default" in p else p["name"] for p in parameters)
    told = " ".join([macro["description"], *(f"{p['name']}: {p['description']}" for p in parameters)])
    return [
        f"CREATE MACRO {name}({listed}) AS TABLE SELECT * FROM ({_body('macros', name)}) "
        f"WHERE CASE WHEN (SELECT release_id FROM release_info) = {duck.literal(release_id)} "
        f"THEN true ELSE error({duck.literal(_NOT_IN_USE)}) END",
        f"COMMENT ON MACRO TABLE {name} IS {duck.literal(told)}",
    ]


@cache
def _catalogue() -> dict[str, Any]:
    catalogue: dict[str, Any] = yaml.safe_load((FOLDER / "shelf.yml").read_text("utf-8"))
    return catalogue


@cache
def _body(kind: str, name: str) -> str:
    return (FOLDER / kind / f"{name}.sql").read_text("utf-8")
