"""The values of a release's columns, looked at many columns at a time.

A column gives its distinct values; what cannot possibly be personal (a code of four letters, a small number) is left
where it is. Values are gathered on a shelf until there are :data:`SHELF` of them, and the whole shelf is looked at
once: a statement costs more than a small table, and compiling a pattern more than trying it on ten thousand values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import duckdb

from pilar.privacy.known import MIN_NUMBER

SHELF = 500_000
"""Values on the shelf beyond which no column of another name joins them."""

Group = Literal["day", "number", "text"]


@dataclass(frozen=True)
class Column:
    """A column to look at: its table as SQL names it and as a report does, and what kind of values it has."""

    source: str
    table: str
    name: str
    group: Group


Found = tuple[Column, str, int]
"""Where, which kind (see :class:`~pilar.privacy.Violation`), in how many rows."""

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
_WRITTEN = "coalesce(TRY_CAST(value AS DATE), try_strptime(value, ['%d-%m-%Y', '%d/%m/%Y', '%d.%m.%Y'])::DATE)"
_NUMBER_IN_TEXT = r"\d(?:[ .-]?\d){8,}"
_TWO_WORDS = r"\pL{2,}[^\pL]+(\pL[^\pL]+)*\pL{2,}"

# The words are a column: a macro's argument is computed anew wherever the macro names it, here for each pair of words.
_PHRASES = f"""SELECT value, unnest(phrases_of(words)) AS phrase
    FROM (SELECT value, words_of(value) AS words FROM word WHERE regexp_matches(value, '{_TWO_WORDS}'))"""

# The bytes of the shortest value that each could match spare most values the pattern.
_SHAPES = {
    "digit_run": f"strlen(value) >= 16 AND regexp_matches(value, '{_DIGIT_RUN}')",
    "scientific": f"strlen(value) >= 9 AND contains(value, '15') AND regexp_matches(value, '{_SCIENTIFIC}')",
    "nik_shape": f"""strlen(value) >= 16
        AND regexp_matches(value, '{_PARTED}') AND NOT regexp_matches(value, '{_DIGIT_RUN}')
        AND NOT regexp_full_match(value, '{_HASH}') AND NOT regexp_matches(value, '{_TWO_DATES}')
        AND len(list_filter(regexp_extract_all(value, '{_PARTED}', 1),
                            lambda part: regexp_matches(digits_of(part), '{_NIK_SHAPE}'))) > 0""",
    "known_name": f"""strlen(value) >= 5 AND regexp_matches(value, '{_TWO_WORDS}')
        AND value IN (SELECT value FROM ({_PHRASES}) SEMI JOIN known_name ON phrase = words)""",
    "known_birth_date": f"strlen(value) >= 5 AND regexp_full_match(value, '{_DAY}') "
    f"AND {_WRITTEN} IN (SELECT day FROM known_birth_date)",
}
_CHANCE = 20
"""Known numbers count as a leak when they are this many times more than chance alone would give."""
_SHORTEST = {"day": 0, "number": MIN_NUMBER - 1, "text": 5}
"""Bytes that the shortest value has which could be something: eight digits, a name of two and two letters."""


def look(connection: duckdb.DuckDBPyConnection, columns: Iterable[Column]) -> Iterator[Found]:
    """Personal data among the columns' values. The connection knows what :func:`pilar.privacy.known.learn` made."""
    checks = {"day": _days, "number": _numbers, "text": _texts}
    # Columns of one name hold the same values (a reference, a pseudonym): side by side, these are looked at once.
    in_order = sorted(columns, key=lambda column: (column.group, column.name, column.table))
    for group, members in groupby(in_order, key=lambda column: column.group):
        for shelf in _shelves(connection, members):
            for place, kind, count in checks[group](connection):
                yield shelf[place], kind, count


def _shelves(connection: duckdb.DuckDBPyConnection, columns: Iterable[Column]) -> Iterator[list[Column]]:
    """Fill ``cell(place, value, n)``, the place being the column's on the shelf, and ``word(value)``: values once."""
    shelf: list[Column] = []
    filled = 0
    for column in columns:
        if shelf and filled >= SHELF and column.name != shelf[-1].name:
            yield _with_words(connection, shelf)
            shelf = []
        if not shelf:
            connection.execute("CREATE OR REPLACE TEMP TABLE cell (place INTEGER, value VARCHAR, n BIGINT)")
            filled = 0
        added = connection.execute(f"INSERT INTO cell {_values(column, len(shelf))}").fetchone()
        filled += added[0] if added else 0
        shelf.append(column)
    if shelf:
        yield _with_words(connection, shelf)


def _with_words(connection: duckdb.DuckDBPyConnection, shelf: list[Column]) -> list[Column]:
    once = "DISTINCT" if len(shelf) > 1 else ""  # one column's values are distinct
    connection.execute(f"CREATE OR REPLACE TEMP TABLE word AS SELECT {once} value FROM cell")
    return shelf


def _values(column: Column, place: int) -> str:
    """Distinct values as texts, with the rows that have them; days as ``2023-01-31``."""
    name = '"' + column.name.replace('"', '""') + '"'
    kind = "DATE" if column.group == "day" else "VARCHAR"
    chosen = name if column.group == "number" else f"{name}::{kind}"
    return (
        f"SELECT {place}, value::VARCHAR, n FROM (SELECT {chosen} AS value, count(*) AS n FROM {column.source} "
        f"WHERE {name} IS NOT NULL GROUP BY 1) WHERE strlen(value::VARCHAR) >= {_SHORTEST[column.group]}"
    )


Counted = tuple[int, str, int]
"""Place on the shelf, kind, rows."""


def _days(connection: duckdb.DuckDBPyConnection) -> list[Counted]:
    return connection.execute(
        "SELECT place, 'known_birth_date', sum(n) FROM cell JOIN known_birth_date ON value::DATE = day GROUP BY place"
    ).fetchall()


def _numbers(connection: duckdb.DuckDBPyConnection) -> list[Counted]:
    """Numbers as a reader would print them: a fraction with 16 decimals is a run of 16 digits, too."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE number AS "
        "SELECT value, whole FROM (SELECT value, regexp_replace(value, '[.]0+$', '') AS whole FROM word) "
        f"WHERE regexp_full_match(whole, '\\d{{{MIN_NUMBER - 1},}}')"
    )
    # Amounts meet one account or another by chance; three of them are a column of accounts.
    return _shapes(connection, ["digit_run"]) + _known_numbers(connection, at_least=3)


def _texts(connection: duckdb.DuckDBPyConnection) -> list[Counted]:
    # A hash has 32 digits at least; most texts are shorter.
    without_hashes = f"CASE WHEN strlen(value) < 32 THEN value ELSE regexp_replace(value, '{_HASH}', ' ', 'g') END"
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE number AS
        SELECT value, digits_of(unnest(regexp_extract_all({without_hashes}, '{_NUMBER_IN_TEXT}'))) AS whole
        FROM word WHERE strlen(value) >= {MIN_NUMBER}
        """
    )
    return _shapes(connection, _SHAPES) + _known_numbers(connection, at_least=1)


def _shapes(connection: duckdb.DuckDBPyConnection, kinds: Iterable[str]) -> list[Counted]:
    met = " UNION ALL ".join(f"SELECT value, '{kind}' AS kind FROM word WHERE {_SHAPES[kind]}" for kind in kinds)
    return connection.execute(
        f"SELECT place, kind, sum(n) FROM cell JOIN ({met}) AS met USING (value) GROUP BY ALL"
    ).fetchall()


def _known_numbers(connection: duckdb.DuckDBPyConnection, at_least: int) -> list[Counted]:
    """Known numbers among ``number(value, whole)``, where a column has more than chance explains.

    Ten million bank references and a million accounts of ten digits meet about a thousand times though no account is
    printed: m known numbers among n distinct ones of d digits meet m·n/10^d times.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE hit AS
        WITH met AS (
            SELECT DISTINCT value, kind, digits FROM number JOIN known_number ON whole = digits WHERE kind <> 'phone'
            UNION ALL
            SELECT DISTINCT value, kind, digits FROM number JOIN known_number ON subscriber(whole) = digits
            WHERE kind = 'phone'
        )
        SELECT place, kind, value, n, digits FROM met JOIN cell USING (value)
        """
    )
    return connection.execute(
        f"""
        WITH met AS (SELECT place, kind, count(DISTINCT digits) AS numbers FROM hit GROUP BY ALL),
        affected AS (
            SELECT place, kind, sum(n) AS n FROM (SELECT DISTINCT place, kind, value, n FROM hit) GROUP BY ALL
        ),
        seen AS (
            SELECT place, length(whole) AS size, count(DISTINCT whole) AS n FROM number JOIN cell USING (value)
            WHERE place IN (SELECT place FROM met) GROUP BY ALL
        ),
        known AS (SELECT kind, length(digits) AS size, count(*) AS n FROM known_number GROUP BY ALL),
        chance AS (
            SELECT place, kind, sum(known.n * seen.n / pow(10, size)) AS expected
            FROM known JOIN seen USING (size) GROUP BY ALL
        )
        SELECT place, 'known_' || kind, affected.n
        FROM met JOIN affected USING (place, kind) LEFT JOIN chance USING (place, kind)
        WHERE numbers >= {at_least} AND numbers > {_CHANCE} * coalesce(expected, 0)
        """
    ).fetchall()


def spoken(connection: duckdb.DuckDBPyConnection, columns: Iterable[Column]) -> Iterator[tuple[str, str | None]]:
    """Texts of the columns in which somebody stands: each with every known name in it, as words in capitals, and with
    None if it has a known number or a shape of one."""
    for _ in _shelves(connection, columns):
        _texts(connection)
        shapes = " OR ".join(f"({_SHAPES[kind]})" for kind in ("digit_run", "scientific", "nik_shape"))
        yield from connection.execute(
            f"""
            SELECT value, NULL FROM hit UNION SELECT value, NULL FROM word WHERE {shapes}
            UNION
            SELECT value, phrase FROM ({_PHRASES}) SEMI JOIN known_name ON phrase = words
            ORDER BY ALL
            """
        ).fetchall()
