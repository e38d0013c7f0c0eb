"""A warehouse with marts, and personal data next to them that must not travel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pilar.config import Home

NIKS = [f"35220141079{number:05d}" for number in range(500)]

Change = Callable[..., None]


@pytest.fixture(autouse=True)
def _commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAR_GIT_COMMIT", "0" * 40)


@pytest.fixture
def warehouse(home: Home) -> Path:
    """500 invented people in staging; their transfers, without their identity, in the marts."""
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("CREATE SCHEMA staging; CREATE SCHEMA marts")
        connection.execute(
            "CREATE TABLE staging.stg_rosters AS SELECT unnest(?) AS nik, NULL::VARCHAR AS name, "
            "NULL::VARCHAR AS account_no, NULL::VARCHAR AS account_name, NULL::VARCHAR AS phone, "
            "NULL::VARCHAR AS bpjs_no, NULL::DATE AS birth_date",
            [NIKS],
        )
        connection.execute("CREATE TABLE staging.stg_disbursements (account_no VARCHAR, account_name VARCHAR)")
        connection.execute("CREATE TABLE staging.stg_premiums (nik VARCHAR, name VARCHAR, bpjs_no VARCHAR)")
        connection.execute(
            """
            CREATE TABLE marts.fct_disbursement AS
            SELECT 'TRX-' || i AS reference_no, 1000000.00::DECIMAL(18, 2) AS amount_idr,
                   DATE '2023-11-20' + (i % 9)::INTEGER AS instructed_on, NULL::DATE AS settled_on,
                   ['2023-01', '2023-02'] AS months
            FROM range(500) AS r(i) ORDER BY hash(i);
            COMMENT ON TABLE marts.fct_disbursement IS 'One transfer attempt; the bank''s word.';
            COMMENT ON COLUMN marts.fct_disbursement.amount_idr IS 'Rupiah.';
            CREATE TABLE marts.file_ledger AS
            SELECT 'rosters' AS feed, 'a.xlsx' AS file_name, repeat('a', 64) AS file_sha256, 'accepted' AS state
            UNION ALL SELECT 'rosters', 'b.xlsx', repeat('b', 64), 'rejected';
            CREATE VIEW marts.region_names AS SELECT 1 AS region_code, 'Kab. Tuban' AS region_name;
            """
        )
        # Personal data once stood in the marts, too: its pages are free now but still in the file.
        connection.execute("CREATE TABLE marts.gone AS SELECT nik FROM staging.stg_rosters; CHECKPOINT")
        connection.execute("DROP TABLE marts.gone; CHECKPOINT")
    return home.warehouse


@pytest.fixture
def change(home: Home, warehouse: Path) -> Change:
    """Run statements on the warehouse, as a night would."""

    def run(*statements: str) -> None:
        with duckdb.connect(str(warehouse)) as connection:
            for statement in statements:
                connection.execute(statement)

    return run
