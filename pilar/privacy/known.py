"""What the scan compares a release with: every NIK, account, phone, member number, birth date and name that the
warehouse keeps, as temporary tables of the scan's own connection."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache

import duckdb
import pyarrow as pa

from pilar.config import PROJECT

KNOWN_COLUMNS: dict[str, dict[str, str]] = {
    "stg_rosters": {
        "nik": "nik",
        "name": "name",
        "account_no": "account",
        "account_name": "name",
        "phone": "phone",
        "bpjs_no": "bpjs_no",
        "birth_date": "birth_date",
    },
    "stg_disbursements": {"account_no": "account", "account_name": "name"},
    "stg_premiums": {"nik": "nik", "name": "name", "bpjs_no": "bpjs_no"},
}
"""Where the warehouse keeps personal data: table of schema ``staging`` → column → kind."""

MIN_NUMBER = 9
"""Shorter account and phone numbers meet dates and amounts by chance; whole columns of them give themselves away."""
_MAX_WORDS = 10


class ScanImpossible(RuntimeError):
    """The warehouse lacks what the scan compares with, so a clean result would mean nothing."""


def learn(connection: duckdb.DuckDBPyConnection, *, with_warehouse: bool) -> None:
    """Temporary tables ``known_number(kind, digits)``, ``known_name(words)``, ``known_birth_date(day)``, empty without
    a database attached as ``warehouse``; and the macros by which texts are compared with them."""
    _macros(connection)
    if with_warehouse:
        _require(connection)
    kept = [
        f"SELECT '{kind}' AS kind, {column}::VARCHAR AS value FROM warehouse.staging.{table}"
        for table, columns in KNOWN_COLUMNS.items()
        for column, kind in columns.items()
        if with_warehouse
    ] or ["SELECT NULL::VARCHAR AS kind, NULL::VARCHAR AS value"]
    connection.execute(
        f"CREATE TEMP TABLE known_raw AS SELECT DISTINCT kind, value FROM ({' UNION ALL '.join(kept)}) "
        "WHERE value IS NOT NULL"
    )
    connection.execute(
        f"""
        CREATE TEMP TABLE known_number AS
        SELECT DISTINCT kind, CASE kind WHEN 'phone' THEN subscriber(digits) ELSE digits END AS digits
        FROM (SELECT kind, digits_of(value) AS digits FROM known_raw
              WHERE kind IN ('nik', 'account', 'phone', 'bpjs_no'))
        WHERE length(digits) >= {MIN_NUMBER} AND ltrim(digits, left(digits, 1)) <> ''  -- not 0000000000
        """
    )
    # With its titles and without; one word alone is too common a word.
    connection.execute(
        rf"""
        CREATE TEMP TABLE known_name AS
        WITH spelled AS (
            SELECT words_of(value) AS words FROM known_raw WHERE kind = 'name'
            UNION ALL
            SELECT list_filter(
                words_of(regexp_replace(value, ',.*$', '')),
                lambda w: w NOT IN ('DRS', 'DRA', 'DR', 'IR', 'H', 'HJ', 'KH', 'PROF', 'R', 'RR'))
            FROM known_raw WHERE kind = 'name'
        )
        SELECT DISTINCT array_to_string(words, ' ') AS words
        FROM spelled
        WHERE len(list_filter(words, lambda w: length(w) >= 2)) >= 2 AND len(words) <= {_MAX_WORDS}
        """
    )
    # A person called like a district, or like words of the rule catalogue, cannot be told from them.
    public = pa.table({"value": _public_texts()})
    connection.register("public_text", public)
    connection.execute(
        "DELETE FROM known_name WHERE words IN "
        "(SELECT unnest(phrases_of(words)) FROM (SELECT words_of(value) AS words FROM public_text))"
    )
    connection.unregister("public_text")
    # Pillars are adults, and dates of business are recent; first days of months are periods.
    connection.execute(
        """
        CREATE TEMP TABLE known_birth_date AS
        SELECT DISTINCT TRY_CAST(value AS DATE) AS day FROM known_raw
        WHERE kind = 'birth_date' AND day(TRY_CAST(value AS DATE)) > 1 AND TRY_CAST(value AS DATE) < ?
        """,
        [date(date.today().year - 17, 1, 1)],  # noqa: DTZ011 (a year is all that is needed)
    )
    connection.execute("DROP TABLE known_raw")


def _macros(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "CREATE TEMP MACRO words_of(text) AS "
        "list_filter(string_split_regex(upper(strip_accents(text)), '[^A-Z]+'), lambda w: w <> '')"
    )
    # All runs of two words and more, as long as a name may be.
    connection.execute(
        "CREATE TEMP MACRO phrases_of(words) AS flatten(list_transform(range(1, len(words)), lambda i: list_transform("
        f"range(i + 1, least(len(words), i + {_MAX_WORDS - 1}) + 1), "
        "lambda j: array_to_string(list_slice(words, i, j), ' '))))"
    )
    connection.execute("CREATE TEMP MACRO digits_of(text) AS regexp_replace(text, '\\D', '', 'g')")
    # A phone is the same with 0, 62 or nothing in front.
    connection.execute(
        "CREATE TEMP MACRO subscriber(digits) AS CASE WHEN starts_with(digits, '62') THEN substr(digits, 3) "
        "WHEN starts_with(digits, '0') THEN substr(digits, 2) ELSE digits END"
    )


def _require(connection: duckdb.DuckDBPyConnection) -> None:
    present = connection.execute(
        "SELECT table_name || '.' || column_name FROM duckdb_columns() "
        "WHERE database_name = 'warehouse' AND schema_name = 'staging'"
    ).fetchall()
    wanted = {f"{table}.{column}" for table, columns in KNOWN_COLUMNS.items() for column in columns}
    missing = sorted(wanted - {str(row[0]) for row in present})
    if missing:
        raise ScanImpossible(f"cannot compare the release with staging.{', staging.'.join(missing)}: not built")


@cache
def _public_texts() -> list[str]:
    texts: list[str] = []
    for path in sorted((PROJECT / "dbt_project" / "seeds").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            texts.extend(cell for row in csv.reader(stream) for cell in row if " " in cell)
    return texts
