"""The candidate: the marts copied into a fresh file that holds nothing else.

Copying rows (not the file) leaves behind free pages, staging tables and indexes of the warehouse. The candidate lies in
``releases/.building-<release_id>/`` until it is judged and flipped; whatever a crash leaves there is swept by the next.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from pilar import duck
from pilar.config import PROJECT, Home
from pilar.privacy import hiding
from pilar.publish import shelf

SCHEMA = "marts"
"""Schema of the warehouse that is published, and of the release's views."""
STORE = "main"
"""Schema of the release that holds the tables. A file named ``marts`` makes ``marts.<table>`` ambiguous (catalog or
schema?), so the tables lie where a bare name finds them and ``marts`` shows the same as views."""
FILE_NAME = "marts.duckdb"
BUILDING = ".building-"
PENDING = "pending"
"""``release_info.gate_result`` until the gate has spoken; no published release carries it."""

SORTED_ROWS = 122_880
"""Rows up to which a table is sorted by all its columns: one row group of DuckDB's."""

_RELEASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_RELEASE_INFO = "release_info"
_HIDDEN = pa.schema([("said", pa.string()), ("shown", pa.string())])
_RELEASE_INFO_COMMENTS = {
    "": "This release: one row.",
    "release_id": "Name of the release: the night that built it, in UTC.",
    "built_at": "When the candidate was built (UTC).",
    "git_commit": "Commit of Pilar that built it; a hyphen breaks a run of 16 digits.",
    "gate_result": "What the gates said: passed, or overridden by a steward with a reason.",
    "data_through": "Newest day on which money moved, as far as the release knows.",
}


class PublishError(RuntimeError):
    """A release cannot be built, flipped or rolled back; the one before stays."""


def building_folder(home: Home, release_id: str) -> Path:
    """Where a candidate lies before it is published. Refuses an id that is no plain file name."""
    if not _RELEASE_ID.fullmatch(release_id):
        raise PublishError("a release id has letters, digits, '_' and '-' only")
    return home.releases / f"{BUILDING}{release_id}"


def candidate_path(home: Home, release_id: str) -> Path:
    return building_folder(home, release_id) / FILE_NAME


def sweep(home: Home) -> list[Path]:
    """Remove what a crash left: candidates, half-removed releases, links not yet in place. Returns what went.

    Call it only with the warehouse's pool slot in hand, because then nobody else is building.
    """
    left = [*home.releases.glob(f"{BUILDING}*"), *home.releases.glob(".removing-*")]
    for folder in left:
        shutil.rmtree(folder)
    links = [*home.published.glob(".marts.duckdb.*")]
    for link in links:
        link.unlink()
    return left + links


def build_candidate(
    home: Home,
    release_id: str,
    *,
    gate_result: str = PENDING,
    git_commit: str | None = None,
    data_through: date | None = None,
    built_at: datetime | None = None,
) -> Path:
    """Copy every table of the warehouse's schema ``marts`` into a fresh file and return its path.

    Tables of up to :data:`SORTED_ROWS` rows are sorted by all their columns; larger ones keep the warehouse's order
    (ADR 43). Comments travel along. The :mod:`pilar.publish.shelf` of views and macros is added. Names of files and
    sheets in which somebody was found are shown without them (:mod:`pilar.privacy.hiding`).
    ``release_info`` is added with ``gate_result`` pending: :func:`pilar.publish.finish` writes the verdict.
    ``built_at`` must be aware; it is stored as UTC. Opens the warehouse read-only: needs its pool slot.
    """
    folder = building_folder(home, release_id)
    home.releases.mkdir(parents=True, exist_ok=True)
    sweep(home)
    folder.mkdir(mode=0o700)  # not judged yet
    path = folder / FILE_NAME
    with duck.attached({"warehouse": home.warehouse}, home=home) as connection:
        # Older clients read it too: tried from DuckDB 1.1 on.
        connection.execute(f"ATTACH {duck.literal(str(path))} AS candidate (STORAGE_VERSION 'v1.0.0')")
        connection.execute(f"CREATE SCHEMA candidate.{SCHEMA}")
        tables = _mart_tables(connection)
        if not tables:
            raise PublishError("the warehouse has no marts: build first")
        hidden = hiding.known(home)
        connection.register("hidden", pa.table({"said": list(hidden), "shown": list(hidden.values())}, _HIDDEN))
        small = _small(connection, tables)
        for table in tables:
            _copy(connection, table, sort=table in small, may_name=hiding.COLUMNS if hidden else ())
        _describe(connection, "candidate", tables, _comments(connection))
        write_release_info(
            connection,
            "candidate",
            release_id=release_id,
            built_at=built_at or datetime.now(UTC),
            git_commit=publishable(git_commit or current_commit()),
            gate_result=gate_result,
            data_through=data_through or _data_through(connection),
        )
        shelf.install(connection, "candidate", (STORE, SCHEMA), release_id)
        connection.execute("CHECKPOINT candidate")
        connection.execute("DETACH candidate")
    assert_whole(path)
    return path


def write_release_info(
    connection: duckdb.DuckDBPyConnection,
    catalog: str,
    *,
    release_id: str,
    built_at: datetime,
    git_commit: str,
    gate_result: str,
    data_through: date | None,
) -> None:
    """(Re)write the one row that says what this file is."""
    table = f"{catalog}.{STORE}.{_RELEASE_INFO}"
    connection.execute(
        f"CREATE OR REPLACE TABLE {table} (release_id VARCHAR, built_at TIMESTAMP, git_commit VARCHAR, "
        "gate_result VARCHAR, data_through DATE)"
    )
    connection.execute(
        f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)",
        [release_id, built_at.astimezone(UTC).replace(tzinfo=None), git_commit, gate_result, data_through],
    )
    said = [(_RELEASE_INFO, column, text) for column, text in _RELEASE_INFO_COMMENTS.items()]
    _describe(connection, catalog, [_RELEASE_INFO], said)


def assert_whole(path: Path) -> None:
    """One file says everything: no write-ahead log beside it, and no index in it (DESIGN section 6)."""
    if path.with_name(path.name + ".wal").exists():
        raise PublishError("the release has a write-ahead log beside it")
    with duck.connect(path, read_only=True) as connection:
        indexes = connection.execute("SELECT count(*) FROM duckdb_indexes()").fetchall()[0][0]
    if indexes:
        raise PublishError("the release holds an index")


def publishable(digest: str) -> str:
    """A hash as a release may carry it: a hyphen breaks each run of 16 digits (dbt macro ``publishable_hash``)."""
    return re.sub(r"(\d{15})(?=\d)", r"\1-", digest)


def current_commit() -> str:
    """The checkout's commit, else ``PILAR_GIT_COMMIT`` (an image has no ``.git``), else ``unknown``."""
    if (PROJECT / ".git").exists():
        try:
            asked = subprocess.run(
                ["git", "-C", str(PROJECT), "rev-parse", "HEAD"],
                capture_output=True,
                text=True,
                timeout=10,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            asked = None
        if asked is not None and asked.returncode == 0:
            return asked.stdout.strip()
    return os.environ.get("PILAR_GIT_COMMIT", "").strip() or "unknown"


def _mart_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        """
        SELECT table_name FROM duckdb_tables() WHERE database_name = 'warehouse' AND schema_name = $schema
        UNION ALL
        SELECT view_name FROM duckdb_views() WHERE database_name = 'warehouse' AND schema_name = $schema
        ORDER BY 1
        """,
        {"schema": SCHEMA},
    ).fetchall()
    return [str(row[0]) for row in rows if row[0] != _RELEASE_INFO]


def _small(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> set[str]:
    """The tables of up to :data:`SORTED_ROWS` rows. Counting stops there, so that no view is worked out for it."""
    counts = " UNION ALL ".join(
        f"SELECT {duck.literal(table)} AS name, count(*) AS n FROM "
        f"(SELECT 1 FROM warehouse.{SCHEMA}.{duck.quoted(table)} LIMIT {SORTED_ROWS + 1})"
        for table in tables
    )
    return {
        str(row[0]) for row in connection.execute(f"SELECT name FROM ({counts}) WHERE n <= {SORTED_ROWS}").fetchall()
    }


def _copy(connection: duckdb.DuckDBPyConnection, table: str, *, sort: bool, may_name: Collection[str]) -> None:
    """``may_name``: columns whose texts are looked up among what must not be shown."""
    source = f"warehouse.{SCHEMA}.{duck.quoted(table)}"
    columns = [str(row[0]) for row in connection.execute(f"DESCRIBE {source}").fetchall()] if may_name else []
    shown = ", ".join(
        f"coalesce((SELECT shown FROM hidden WHERE said = {name}), {name}) AS {name}"
        for name in columns
        if name in may_name
    )
    picked = f"* REPLACE ({shown})" if shown else "*"
    order = " ORDER BY ALL" if sort else ""
    connection.execute(f"CREATE TABLE candidate.{STORE}.{duck.quoted(table)} AS SELECT {picked} FROM {source}{order}")


_Comment = tuple[str, str, str]
"""Table, column (``''`` for the table's own), text."""


def _comments(connection: duckdb.DuckDBPyConnection) -> list[_Comment]:
    """What the warehouse says of its marts."""
    rows = connection.execute(
        """
        SELECT table_name, '' AS column_name, comment FROM duckdb_tables()
        WHERE database_name = 'warehouse' AND schema_name = $schema AND comment <> ''
        UNION ALL
        SELECT view_name, '', comment FROM duckdb_views()
        WHERE database_name = 'warehouse' AND schema_name = $schema AND comment <> ''
        UNION ALL
        SELECT table_name, column_name, comment FROM duckdb_columns()
        WHERE database_name = 'warehouse' AND schema_name = $schema AND comment <> ''
        """,
        {"schema": SCHEMA},
    ).fetchall()
    return [(str(table), str(column), str(text)) for table, column, text in rows if table != _RELEASE_INFO]


def _describe(
    connection: duckdb.DuckDBPyConnection, catalog: str, tables: Iterable[str], comments: Iterable[_Comment]
) -> None:
    """The tables' views in schema ``marts``, and the comments of both.

    A view names no catalog, so it holds whatever name a reader attaches it by. All of it is one script in one
    transaction: each statement alone would be written to disk for itself.
    """
    script = ["BEGIN", f"USE {catalog}"]
    for table in tables:
        name = duck.quoted(table)
        script.append(f"CREATE OR REPLACE VIEW {catalog}.{SCHEMA}.{name} AS SELECT * FROM {STORE}.{name}")
    for table, column, text in comments:
        for schema, kind in ((STORE, "TABLE"), (SCHEMA, "VIEW")):
            full = f"{catalog}.{schema}.{duck.quoted(table)}"
            target = f"COLUMN {full}.{duck.quoted(column)}" if column else f"{kind} {full}"
            script.append(f"COMMENT ON {target} IS {duck.literal(text)}")
    connection.execute("; ".join([*script, "COMMIT", "USE memory"]))


def _data_through(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The newest instruction or settlement of a transfer, if there is one."""
    columns = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = 'candidate' AND schema_name = $schema "
        "AND table_name = 'fct_disbursement' AND column_name IN ('instructed_on', 'settled_on') ORDER BY 1",
        {"schema": STORE},
    ).fetchall()
    if not columns:
        return None
    newest = ", ".join(f"max({name}::DATE)" for (name,) in columns)
    found: date | None = connection.execute(
        f"SELECT greatest({newest}) FROM candidate.{STORE}.fct_disbursement"
    ).fetchall()[0][0]
    return found
