"""Three invented text feeds at any size: people on rosters, what they were paid, which of their months are covered.

In the proportions of the real job: of ``transfers`` rows a tenth as many people, ten events for each, 29 of 100 people
with twelve months of premiums. One transfer in fifty fails, one in fifty is returned, three of five of those are tried
again with the next event; one premium month in two hundred is missing, one NIK in a thousand has a letter in it. Made
by hash in DuckDB, so that a size is always the same file for file; nobody in them exists: serials run from 9001.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

SEEDS = Path(__file__).resolve().parent.parent / "dbt_project" / "seeds"
EVENTS = 10
AMOUNT, PREMIUM = 1_000_000, 16_800
PEOPLE_IN_A_FILE = 100_000
"""A bank file pays so many people for one event, with the repeats of the event before."""

PEOPLE = f"""
CREATE TABLE district AS
    SELECT row_number() OVER (ORDER BY kemendagri_code) - 1 AS n, kemendagri_code, region_code
    FROM read_csv('{SEEDS}/districts.csv', all_varchar = true);
CREATE TABLE person AS
WITH drawn AS (
    SELECT i, hash(i, 'person') AS h, i % 2 = 1 AS is_woman,
        DATE '1960-01-01' + CAST(hash(i, 'born') % 14600 AS INTEGER) AS born
    FROM range($people) AS numbers (i)
), placed AS (
    SELECT drawn.*, district.kemendagri_code, district.region_code,
        row_number() OVER (PARTITION BY district.n, born, is_woman ORDER BY i) AS serial
    FROM drawn INNER JOIN district ON drawn.i % 666 = district.n
)
SELECT i, region_code, born, CASE WHEN is_woman THEN 'P' ELSE 'L' END AS sex,
    kemendagri_code || lpad(CAST(day(born) + 40 * CAST(is_woman AS INTEGER) AS VARCHAR), 2, '0')
        || strftime(born, '%m%y')
        || CASE WHEN h % 1000 = 0 THEN 'X' ELSE '9' END || lpad(CAST(serial AS VARCHAR), 3, '0') AS nik,
    CASE WHEN h % 1657 < 1173 THEN 'PKH' WHEN h % 1657 < 1504 THEN 'TAGANA' ELSE 'TKSK' END AS pillar,
    CAST(10000000000 + i AS VARCHAR) AS account,
    CAST(20000000000 + i AS VARCHAR) AS kpj,
    list_aggregate(list_transform(
        [1, 39, 1521, 59319, 2313441, 90224199],
        lambda place: substr('BDGHJKLMNRSTW', 1 + i * 104729 // place % 39 // 3, 1)
            || substr('AIU', 1 + i * 104729 // place % 3, 1)
            || CASE WHEN place = 1521 THEN ' ' ELSE '' END
    ), 'string_agg', '') AS name
FROM placed
"""

ATTEMPTS = """
CREATE TABLE attempt AS
WITH first AS (
    SELECT event, i, hash(event, i, 'first') % 100 AS dice,
        'BJTM' || lpad(CAST(event AS VARCHAR), 2, '0') || lpad(CAST(i AS VARCHAR), 8, '0') AS reference
    FROM range($events) AS events (event), person
), again AS (
    SELECT event + 1 AS paid_with, event, i, hash(event, i, 'again') % 100 AS dice,
        reference || 'R' AS reference, reference AS retry_of
    FROM first WHERE dice < 4 AND event + 1 < $events AND hash(event, i, 'repeat') % 5 < 3
)
SELECT event AS paid_with, event, i, dice, reference, NULL AS retry_of FROM first
UNION ALL
SELECT paid_with, event, i, dice, reference, retry_of FROM again
"""

ROSTER = """
SELECT nik AS "NIK", name AS "NAMA", sex AS "L/P", strftime(born, '%d/%m/%Y') AS "TANGGAL LAHIR", pillar AS "PILAR",
    region_code AS "KAB/KOTA", account AS "NO REKENING", name AS "NAMA REKENING", kpj AS "KPJ"
FROM person WHERE region_code = '{region}' ORDER BY i
"""

BANK = """
SELECT reference AS "NO REFERENSI", 'SP2D-{event:02d}-{part:03d}' AS "BATCH/NO SP2D",
    'KEG-' || lpad(CAST(event AS VARCHAR), 2, '0') AS "KEGIATAN", 'TALI_ASIH' AS "PROGRAM",
    '{day:%d/%m/%Y}' AS "TANGGAL INSTRUKSI", account AS "NO REKENING", name AS "NAMA REKENING",
    {amount} AS "NOMINAL",
    CASE WHEN dice < 2 THEN 'GAGAL' WHEN dice < 4 THEN 'RETUR' ELSE 'SUKSES' END AS "STATUS",
    CASE WHEN dice < 2 THEN 'U114' WHEN dice < 4 THEN 'U136' END AS "KODE RETUR", '{day:%d/%m/%Y}' AS "TANGGAL EFEKTIF",
    retry_of AS "NO REFERENSI ASAL"
FROM attempt INNER JOIN person USING (i)
WHERE paid_with = {event} AND i >= {part} * {size} AND i < ({part} + 1) * {size}
ORDER BY reference
"""

PREMIUMS = """
SELECT kpj AS "KPJ", nik AS "NIK", name AS "NAMA", '2023-{month:02d}' AS "BULAN",
    'JKK+JKM' AS "PROGRAM", {premium} AS "IURAN",
    CASE WHEN hash(i, {month}, 'owed') % 100 = 0 THEN 'TUNGGAK' ELSE 'LUNAS' END AS "STATUS",
    '25/{month:02d}/2023' AS "TANGGAL BAYAR"
FROM person WHERE pillar <> 'PKH' AND hash(i, {month}, 'missing') % 200 <> 0 ORDER BY i
"""


def lay(landing: Path, transfers: int) -> dict[str, int]:
    """Write the feeds below ``landing``; returns rows by feed."""
    people = max(transfers // EVENTS, 1)
    with duckdb.connect() as made:
        for statement in PEOPLE.split(";\n"):
            made.execute(statement, {"people": people} if "$people" in statement else None)
        made.execute(ATTEMPTS, {"events": EVENTS})
        regions = [row[0] for row in made.execute("SELECT DISTINCT region_code FROM person ORDER BY ALL").fetchall()]
        for region in regions:
            _write(made, ROSTER.format(region=region), landing / "rosters" / region / "pilar.csv", date(2022, 12, 1))
        _events(landing, regions)
        for event in range(EVENTS):
            day = _event_day(event)
            for part in range(-(-people // PEOPLE_IN_A_FILE)):
                query = BANK.format(event=event, part=part, size=PEOPLE_IN_A_FILE, day=day, amount=AMOUNT)
                path = landing / "disbursements" / "bank" / f"sp2d {event:02d} {part:03d}.txt"
                rows = _write(made, query, path, day)
                empty = ";" * 10
                with path.open("a", encoding="utf-8") as stream:
                    stream.write(f"JUMLAH TRANSAKSI;{rows}{empty}\nTOTAL NOMINAL;{rows * AMOUNT}{empty}\n")
                _saved_on(path, day)
        for month in range(1, 13):
            query = PREMIUMS.format(month=month, premium=PREMIUM)
            _write(made, query, landing / "premiums" / "bpjs" / f"iuran 2023 {month:02d}.csv", date(2023, month, 25))
        counted = "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM attempt)"
        counts = made.execute(counted).fetchone() or (0, 0)
    return {"rosters": counts[0], "disbursements": counts[1]}


def _events(landing: Path, regions: list[str]) -> None:
    everywhere = ";".join(regions)
    lines = ["KEGIATAN,NAMA KEGIATAN,TANGGAL KEGIATAN,KAB/KOTA,PILAR,PROGRAM,NOMINAL,JUMLAH BULAN,MULAI"]
    lines += [
        f"KEG-{event:02d},Tali asih {event},{_event_day(event):%d/%m/%Y},{everywhere},{pillar},TALI_ASIH,{AMOUNT},,"
        for event in range(EVENTS)
        for pillar in ("PKH", "TAGANA", "TKSK")
    ]
    lines += [
        f"KEG-00,Tali asih 0,{_event_day(0):%d/%m/%Y},{everywhere},{pillar},BPJS_TK,{PREMIUM},12,01/01/2023"
        for pillar in ("TAGANA", "TKSK")
    ]
    path = landing / "events" / "kegiatan.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    _saved_on(path, date(2022, 11, 1))


def _event_day(event: int) -> date:
    return date(2023, event + 1, 20)


def _write(made: duckdb.DuckDBPyConnection, query: str, path: Path, saved_on: date) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = made.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, DELIMITER ';', HEADER, QUOTE '')").fetchone()
    _saved_on(path, saved_on)
    return int(rows[0]) if rows else 0


def _saved_on(path: Path, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 3, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))
