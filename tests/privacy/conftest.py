"""A small warehouse of invented people, and release files to plant things in."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

NIK = "3522014107900012"
NAME = "Dra. Melati Kusumaningrum, M.Si."
ACCOUNT = "0031456789"
PHONE = "081298765432"
BPJS_NO = "19004567891"
BIRTH_DATE = "1990-07-17"


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA staging")
        connection.execute(
            "CREATE TABLE staging.stg_rosters (nik VARCHAR, name VARCHAR, account_no VARCHAR, account_name VARCHAR, "
            "phone VARCHAR, bpjs_no VARCHAR, birth_date DATE)"
        )
        connection.execute("CREATE TABLE staging.stg_disbursements (account_no VARCHAR, account_name VARCHAR)")
        connection.execute("CREATE TABLE staging.stg_premiums (nik VARCHAR, name VARCHAR, bpjs_no VARCHAR)")
        connection.execute(
            "INSERT INTO staging.stg_rosters VALUES (?, ?, ?, ?, ?, ?, ?)",
            [NIK, NAME, ACCOUNT, "MELATI KUSUMANINGRUM", PHONE, BPJS_NO, BIRTH_DATE],
        )
        # A person called like a district of East Java: no release could name the district otherwise.
        connection.execute("INSERT INTO staging.stg_rosters (name) VALUES ('Sumbermanjing Wetan'), ('Sutikno')")
        connection.execute("INSERT INTO staging.stg_rosters (account_no) VALUES ('0031456790'), ('0031456791')")
        connection.execute("INSERT INTO staging.stg_disbursements VALUES ('0771234500', 'Bagas Wirayudha Pratomo')")
        connection.execute(
            "INSERT INTO staging.stg_premiums VALUES ('3578010203920003', 'Intan Permata', '19008887776')"
        )
    return path
