"""The scan for personal data that each release file must pass before anybody can read it.

It asks three questions of every column of every table, whatever its type:

* does its **name** promise personal data?
* do its values have a **shape** that only an identity number has: a run of 16 digits, the same parted by blanks or
  hyphens, or what a spreadsheet makes of it (``3.52E+15``)?
* does it hold a **known** value: a NIK, account, phone, member number, birth date or name that stands in the
  warehouse, alone or inside a longer text?

All work is set-based over the distinct values of a column. A violation says where and how many, never what.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import duckdb
from duckdb.sqltypes import DuckDBPyType

from pilar.config import PROJECT, limits


@dataclass(frozen=True, order=True)
class Violation:
    """Personal data in a release: the place, what kind, and in how many rows. Never the value.

    ``table`` is ``schema.table``; ``column`` is empty when the table's own comment or definition is at fault.
    ``kind`` is one of ``column_name``, ``digit_run``, ``nik_shape``, ``scientific``, ``known_nik``, ``known_account``,
    ``known_phone``, ``known_bpjs_no``, ``known_name``, ``known_birth_date``.
    """

    table: str
    column: str
    kind: str
    count: int


class ScanImpossible(RuntimeError):
    """The warehouse lacks what the scan compares with, so a clean result would mean nothing."""


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


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Column names. `*_name` must say whose name it is, and that must be no person.
_PERSONAL_TOKENS = _words(
    "nik ktp nama phone phones telp telepon hp handphone msisdn email alamat address rekening kpj npwp dob surname "
    "nickname birthdate birthday birthplace tempat_lahir"
)
_PERSONAL_PAIRS = frozenset(
    {
        ("birth", "date"),
        ("birth", "place"),
        ("tanggal", "lahir"),
        ("tgl", "lahir"),
        ("account", "no"),
        ("account", "number"),
        ("account", "holder"),
        ("bpjs", "no"),
        ("bpjs", "number"),
        ("identity", "number"),
        ("no", "kk"),
    }
)
_THINGS_WITH_NAMES = _words(
    "area bakorwil bank batch benefit block claim column day district event expectation feed field file folder gate "
    "indicator item kabkota kecamatan level macro mart month outcome owner pillar program province publication "
    "quarter reason region reviewer rule sheet source status step submitter suite table unit view weekday"
)

# Shapes of values. Letters and digits must not touch a parted number, or parts of a hash would look like one.
_DIGIT_RUN = r"\pN{16}"
_SCIENTIFIC = r"\d[.,]\d{4,}[eE]\+?15"
_PARTED = r"(?:^|[^0-9A-Za-z])(\d(?:[ ./_-]{0,2}\d){15})(?:$|[^0-9A-Za-z])"
_HASH = r"[0-9a-f](?:-?[0-9a-f]){31,}"
_TWO_DATES = r"\d{1,2}[./-]\d{1,2}[./-]\d{4}[ _/.-]{1,2}\d{1,2}[./-]\d{1,2}[./-]\d{4}"
_NIK_SHAPE = (
    "^(1[1-9]|2[01]|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-7])"  # province
    r"\d{4}"
    "(0[1-9]|[12]\\d|3[01]|4[1-9]|[56]\\d|7[01])(0[1-9]|1[0-2])"  # day (women +40), month
    r"\d{6}$"
)
_DAY = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?"
_NUMBER_IN_TEXT = r"\d(?:[ .-]?\d){8,}"
_MIN_NUMBER = 9
"""Shorter account and phone numbers meet dates and amounts by chance; whole columns of them give themselves away."""
_CHANCE = 20
"""Known numbers count as a leak when they are this many times more than chance alone would give."""


def scan(candidate: Path, warehouse: Path | None) -> list[Violation]:
    """Look for personal data in a release file; an empty list means none was found.

    Both files are opened read-only. ``warehouse=None`` leaves out the comparison with known values (for a release
    looked at later, away from its warehouse). Raises :class:`ScanImpossible` if the warehouse lacks a table or
    column to compare with.
    """
    with duckdb.connect(":memory:", config={"threads": limits().threads}) as connection:
        _attach(connection, candidate, "candidate")
        if warehouse is not None:
            _attach(connection, warehouse, "warehouse")
        _learn(connection, with_warehouse=warehouse is not None)
        found = [*_definitions(connection)]
        for schema, table, columns in _tables(connection):
            for name, kind in columns:
                found.extend(_column(connection, schema, table, name, kind))
    return sorted(found)


def personal_name(column: str) -> bool:
    """Whether a column's name promises personal data."""
    tokens = [token for token in re.split(r"[^a-z0-9]+", column.lower()) if token]
    if _PERSONAL_TOKENS.intersection(tokens) or _PERSONAL_PAIRS.intersection(pairwise(tokens)):
        return True
    if tokens in (["account"], ["lahir"]):
        return True
    return ("name" in tokens or "names" in tokens) and not _THINGS_WITH_NAMES.intersection(tokens)


# ── what to compare with ──────────────────────────────────────────────────────────────────────────────────────────


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, alias: str) -> None:
    literal = str(path).replace("'", "''")
    connection.execute(f"ATTACH '{literal}' AS {alias} (READ_ONLY)")


def _learn(connection: duckdb.DuckDBPyConnection, *, with_warehouse: bool) -> None:
    """Temporary tables ``known_number(kind, digits)``, ``known_name(words, length)``, ``known_birth_date(day)``."""
    connection.execute("CREATE TEMP TABLE known_raw (kind VARCHAR, value VARCHAR)")
    connection.execute(
        "CREATE TEMP MACRO words_of(text) AS "
        "list_filter(string_split_regex(upper(strip_accents(text)), '[^A-Z]+'), lambda w: w <> '')"
    )
    connection.execute(
        "CREATE TEMP MACRO phrases_of(words, length) AS list_transform("
        "range(1, greatest(len(words) - length + 2, 1)), "
        "lambda i: array_to_string(list_slice(words, i, i + length - 1), ' '))"
    )
    # A phone is the same with 0, 62 or nothing in front.
    connection.execute("CREATE TEMP MACRO digits_of(text) AS regexp_replace(text, '\\D', '', 'g')")
    connection.execute(
        "CREATE TEMP MACRO subscriber(digits) AS CASE WHEN starts_with(digits, '62') THEN substr(digits, 3) "
        "WHEN starts_with(digits, '0') THEN substr(digits, 2) ELSE digits END"
    )
    if with_warehouse:
        _require(connection)
        for table, columns in KNOWN_COLUMNS.items():
            for column, kind in columns.items():
                connection.execute(
                    f"INSERT INTO known_raw SELECT DISTINCT '{kind}', {column}::VARCHAR "
                    f"FROM warehouse.staging.{table} WHERE {column} IS NOT NULL"
                )
    connection.execute(
        f"""
        CREATE TEMP TABLE known_number AS
        SELECT DISTINCT kind, CASE kind WHEN 'phone' THEN subscriber(digits) ELSE digits END AS digits
        FROM (SELECT kind, digits_of(value) AS digits FROM known_raw
              WHERE kind IN ('nik', 'account', 'phone', 'bpjs_no'))
        WHERE length(digits) >= {_MIN_NUMBER} AND ltrim(digits, left(digits, 1)) <> ''  -- not 0000000000
        """
    )
    # With its titles and without; one word alone is too common a word.
    connection.execute(
        r"""
        CREATE TEMP TABLE known_name AS
        WITH spelled AS (
            SELECT words_of(value) AS words FROM known_raw WHERE kind = 'name'
            UNION ALL
            SELECT list_filter(
                words_of(regexp_replace(value, ',.*$', '')),
                lambda w: w NOT IN ('DRS', 'DRA', 'DR', 'IR', 'H', 'HJ', 'KH', 'PROF', 'R', 'RR'))
            FROM known_raw WHERE kind = 'name'
        )
        SELECT DISTINCT array_to_string(words, ' ') AS words, len(words) AS length
        FROM spelled
        WHERE len(list_filter(words, lambda w: length(w) >= 2)) >= 2 AND len(words) <= 10
        """
    )
    _forget_public_words(connection)
    # Pillars are adults, and dates of business are recent; first days of months are periods.
    connection.execute(
        """
        CREATE TEMP TABLE known_birth_date AS
        SELECT DISTINCT TRY_CAST(value AS DATE) AS day FROM known_raw
        WHERE kind = 'birth_date' AND day(TRY_CAST(value AS DATE)) > 1 AND TRY_CAST(value AS DATE) < ?
        """,
        [date(date.today().year - 17, 1, 1)],  # noqa: DTZ011 (a year is all that is needed)
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


def _forget_public_words(connection: duckdb.DuckDBPyConnection) -> None:
    """A person called like a district, or like words of the rule catalogue, cannot be told from them."""
    connection.execute("CREATE TEMP TABLE public_text (value VARCHAR)")
    connection.execute("INSERT INTO public_text SELECT unnest(?)", [_public_texts()])
    for length in _lengths(connection):
        connection.execute(
            "DELETE FROM known_name WHERE length = $length AND words IN "
            "(SELECT unnest(phrases_of(words_of(value), $length)) FROM public_text)",
            {"length": length},
        )


@cache
def _public_texts() -> list[str]:
    texts: list[str] = []
    for path in sorted((PROJECT / "dbt_project" / "seeds").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            texts.extend(cell for row in csv.reader(stream) for cell in row if " " in cell)
    return texts


def _lengths(connection: duckdb.DuckDBPyConnection) -> list[int]:
    return [int(row[0]) for row in connection.execute("SELECT DISTINCT length FROM known_name ORDER BY 1").fetchall()]


# ── what to look at ───────────────────────────────────────────────────────────────────────────────────────────────


def _tables(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, list[tuple[str, DuckDBPyType]]]]:
    """Every table of the candidate with its columns and their types."""
    rows = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'candidate' ORDER BY ALL"
    ).fetchall()
    for schema, table in rows:
        relation = connection.sql(f"SELECT * FROM candidate.{_quoted(schema)}.{_quoted(table)} LIMIT 0")
        yield schema, table, list(zip(relation.columns, relation.types, strict=True))


def _definitions(connection: duckdb.DuckDBPyConnection) -> Iterator[Violation]:
    """Comments and the texts of views and macros travel with the file too."""
    rows = connection.execute(
        """
        SELECT schema_name || '.' || table_name, '', comment FROM duckdb_tables() WHERE database_name = 'candidate'
        UNION ALL
        SELECT schema_name || '.' || table_name, column_name, comment FROM duckdb_columns()
        WHERE database_name = 'candidate'
        UNION ALL
        SELECT schema_name || '.' || view_name, '', concat_ws(' ', comment, sql) FROM duckdb_views()
        WHERE database_name = 'candidate' AND NOT internal
        UNION ALL
        SELECT schema_name || '.' || function_name, '', concat_ws(' ', comment, macro_definition)
        FROM duckdb_functions()
        WHERE database_name = 'candidate' AND NOT internal
        """
    ).fetchall()
    for table, column, text in rows:
        if text and re.search(r"\d{16}", text):
            yield Violation(table, column, "digit_run", 1)


def _field_names(kind: DuckDBPyType) -> Iterator[str]:
    """Names inside a nested type: of struct fields, at any depth."""
    if kind.id not in {"struct", "list", "array", "map", "union"}:
        return
    for name, child in kind.children:
        if isinstance(child, DuckDBPyType):
            if kind.id in {"struct", "union"}:
                yield name
            yield from _field_names(child)


_WHOLE = _words("tinyint smallint integer bigint hugeint utinyint usmallint uinteger ubigint uhugeint")
_FRACTIONS = frozenset({"decimal", "float", "double"})
_MOMENTS = frozenset({"date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"})
_HARMLESS = frozenset({"boolean", "time", "time with time zone", "interval"})


def _column(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, column: str, kind: DuckDBPyType
) -> Iterator[Violation]:
    place = f"{schema}.{table}"
    source = f"candidate.{_quoted(schema)}.{_quoted(table)}"
    # A yes or no about somebody's NIK is no NIK.
    if kind.id != "boolean" and any(map(personal_name, [column, *_field_names(kind)])):
        count = connection.execute(f"SELECT count({_quoted(column)}) FROM {source}").fetchall()[0][0]
        yield Violation(place, column, "column_name", int(count))
    if kind.id in _HARMLESS:
        return
    expression = f"{_quoted(column)}::DATE" if kind.id in _MOMENTS else f"{_quoted(column)}::VARCHAR"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE cell AS SELECT {expression} AS value, count(*) AS n FROM {source} "
        f"WHERE {_quoted(column)} IS NOT NULL GROUP BY 1"
    )
    checks: Iterable[tuple[str, int]]
    if kind.id in _MOMENTS:
        checks = () if table == "dim_date" else _moments(connection)
    elif kind.id in _WHOLE or kind.id in _FRACTIONS:
        checks = _numbers(connection)
    else:
        checks = _texts(connection)
    for found, count in checks:
        yield Violation(place, column, found, count)


# ── the checks on the distinct values of one column: table `cell`(value, n) ───────────────────────────────────────


def _moments(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int]]:
    count = _count(connection, "SELECT sum(n) FROM cell JOIN known_birth_date ON value = day")
    if count:
        yield "known_birth_date", count


def _numbers(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int]]:
    """Numbers as a reader would print them: a fraction with 16 decimals is a run of 16 digits, too."""
    count = _count(connection, f"SELECT sum(n) FROM cell WHERE regexp_matches(value, '{_DIGIT_RUN}')")
    if count:
        yield "digit_run", count
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE number_in_cell AS SELECT value, n, subscriber(whole) AS subscriber, whole "
        "FROM (SELECT value, n, regexp_replace(value, '[.]0+$', '') AS whole FROM cell) "
        f"WHERE regexp_full_match(whole, '\\d{{{_MIN_NUMBER - 1},}}')"
    )
    # Amounts meet one account or another by chance; three of them are a column of accounts.
    yield from _known_numbers(connection, at_least=3)


def _texts(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int]]:
    shapes = {
        "digit_run": f"regexp_matches(value, '{_DIGIT_RUN}')",
        "scientific": f"regexp_matches(value, '{_SCIENTIFIC}')",
        "nik_shape": f"""
            regexp_matches(value, '{_PARTED}') AND NOT regexp_matches(value, '{_DIGIT_RUN}')
            AND NOT regexp_full_match(value, '{_HASH}') AND NOT regexp_matches(value, '{_TWO_DATES}')
            AND len(list_filter(regexp_extract_all(value, '{_PARTED}', 1),
                                lambda part: regexp_matches(digits_of(part), '{_NIK_SHAPE}'))) > 0""",
    }
    for kind, condition in shapes.items():
        count = _count(connection, f"SELECT sum(n) FROM cell WHERE {condition}")
        if count:
            yield kind, count
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE number_in_cell AS
        SELECT value, n, subscriber(whole) AS subscriber, whole FROM (
            SELECT value, n, digits_of(unnest(regexp_extract_all(regexp_replace(value, '{_HASH}', ' ', 'g'),
                                                                 '{_NUMBER_IN_TEXT}'))) AS whole
            FROM cell WHERE regexp_matches(value, '{_NUMBER_IN_TEXT}'))
        """
    )
    yield from _known_numbers(connection, at_least=1)
    yield from _known_names(connection)
    written = "coalesce(TRY_CAST(value AS DATE), try_strptime(value, ['%d-%m-%Y', '%d/%m/%Y', '%d.%m.%Y'])::DATE)"
    count = _count(
        connection,
        f"SELECT sum(n) FROM (SELECT {written} AS day, n FROM cell WHERE regexp_full_match(value, '{_DAY}')) "
        "JOIN known_birth_date USING (day)",
    )
    if count:
        yield "known_birth_date", count


def _known_numbers(connection: duckdb.DuckDBPyConnection, at_least: int) -> Iterator[tuple[str, int]]:
    """Known numbers among ``number_in_cell``, if there are more than chance explains.

    Ten million bank references and a million accounts of ten digits meet about a thousand times though no account is
    printed: m known numbers among n distinct ones of d digits meet m·n/10^d times.
    """
    rows = connection.execute(
        f"""
        WITH hit AS (
            SELECT kind, digits, value, n FROM number_in_cell, known_number WHERE whole = digits AND kind <> 'phone'
            UNION ALL
            SELECT kind, digits, value, n FROM number_in_cell, known_number WHERE subscriber = digits AND kind = 'phone'
        ),
        met AS (SELECT kind, count(DISTINCT digits) AS numbers FROM hit GROUP BY kind),
        affected AS (SELECT kind, sum(n) AS n FROM (SELECT DISTINCT kind, value, n FROM hit) GROUP BY kind),
        chance AS (
            SELECT kind, sum(known.n * seen.n / pow(10, size)) AS expected
            FROM (SELECT kind, length(digits) AS size, count(*) AS n FROM known_number GROUP BY ALL) AS known
            JOIN (SELECT length(whole) AS size, count(DISTINCT whole) AS n FROM number_in_cell GROUP BY ALL) AS seen
            USING (size)
            GROUP BY kind)
        SELECT kind, affected.n FROM met JOIN affected USING (kind) LEFT JOIN chance USING (kind)
        WHERE numbers >= {at_least} AND numbers > {_CHANCE} * coalesce(expected, 0)
        ORDER BY kind
        """
    ).fetchall()
    for kind, count in rows:
        yield f"known_{kind}", int(count)


def _known_names(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int]]:
    """Names of two words or more, as the whole text or as consecutive words of it."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE worded AS SELECT value, n, words_of(value) AS words FROM cell "
        "WHERE regexp_matches(value, '\\pL{2,}[^\\pL]+(\\pL[^\\pL]+)*\\pL{2,}')"
    )
    if _count(connection, "SELECT count(*) FROM worded") == 0:
        return
    phrases = " UNION ".join(
        f"SELECT value, n FROM (SELECT value, n, unnest(phrases_of(words, {length})) AS phrase FROM worded) "
        f"WHERE phrase IN (SELECT words FROM known_name WHERE length = {length})"
        for length in _lengths(connection)
    )
    count = _count(connection, f"SELECT sum(n) FROM ({phrases})") if phrases else 0
    if count:
        yield "known_name", count


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    value = connection.execute(query).fetchall()[0][0]
    return int(value or 0)


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
