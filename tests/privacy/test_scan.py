"""Planted personal data is found wherever it hides; honest releases pass."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilar.privacy import cells
from pilar.privacy.scan import ScanImpossible, Violation, personal_name, scan

from .conftest import ACCOUNT, BIRTH_DATE, BPJS_NO, NAME, NIK, PHONE


def release(folder: Path, *statements: str, name: str = "release.duckdb") -> Path:
    path = folder / name
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS marts")
        for statement in statements:
            connection.execute(statement)
    return path


def kinds(found: list[Violation]) -> set[str]:
    return {violation.kind for violation in found}


HONEST = [
    """CREATE TABLE marts.dim_region AS SELECT '3522' AS region_code, 'Kabupaten Bojonegoro' AS region_name,
        'Wajak, Sumbermanjing Wetan' AS districts, 1.25::DECIMAL(9, 2) AS rate_pct""",
    """CREATE TABLE marts.dim_participant AS SELECT 'P_ghijklmnopabcdefghijklmn' AS participant_id, 1990 AS birth_year,
        DATE '1900-01-01' AS valid_from, TIMESTAMP '2026-11-24 13:15:00.123456' AS seen_at""",
    """CREATE TABLE marts.fct_disbursement AS SELECT 'TRX-20231120-000123' AS reference_no,
        1000000.00::DECIMAL(18, 2) AS amount_idr, DATE '2023-11-20' AS instructed_on, 1657000000000 AS total,
        'ab123456789012345-678901234567890-1cdef'::VARCHAR AS odd, ['2023-01', '2023-02'] AS gap_months,
        'Rekap 21-11-2023 05-12-2023.xlsx' AS file_name, 'Nomor rekening kosong.' AS reason""",
    """CREATE TABLE marts.dim_date AS
        SELECT unnest(generate_series(DATE '1950-01-01', DATE '2030-12-31', INTERVAL 1 DAY))::DATE AS day""",
]


def test_an_honest_release_passes(tmp_path: Path, warehouse: Path) -> None:
    assert scan(release(tmp_path, *HONEST), warehouse) == []


PARTED = [
    "3522-0141-0790-0012",
    "3522 0141 0790 0012",
    "3522.0141.0790.0012",
    "352201 410790 0012",
    "35 22 01 410790 0012",
]


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        (f"'{NIK}'", "digit_run"),
        ("'lihat 9999999999999999 di baris 7'", "digit_run"),
        (f"['a', '{NIK}']", "digit_run"),
        (f"{{'a': {{'b': '{NIK}'}}}}", "digit_run"),
        (f"MAP {{'k': '{NIK}'}}", "digit_run"),
        (
            "'\uff13\uff15\uff12\uff12\uff10\uff11\uff14\uff11\uff10\uff17\uff19\uff10\uff10\uff10\uff11\uff12'",
            "digit_run",
        ),
        (f"'{NIK}'::BLOB", "digit_run"),
        (f"'{NIK}'::BIGINT", "digit_run"),
        (f"'{NIK}'::HUGEINT", "digit_run"),
        (f"'{NIK}'::DECIMAL(18, 2)", "digit_run"),
        (f"'{NIK}'::DOUBLE", "digit_run"),
        (f"'{NIK}'::ENUM('{NIK}')", "digit_run"),
        (f'\'{{"a": "{NIK}"}}\'::JSON', "digit_run"),
        (f"['{NIK}'::BIGINT]", "digit_run"),
        ("'3,52201E+15'", "scientific"),
        *[(f"'{text}'", "nik_shape") for text in PARTED],
        *[(f"'NIK {text}, baris 7'", "nik_shape") for text in PARTED],
        ("'NIK3522-0141-0790-0012'", "known_nik"),
        (f"'{ACCOUNT}'", "known_account"),
        (f"'rekening {ACCOUNT} ditutup'", "known_account"),
        ("'0031-456-789'", "known_account"),
        ("'0771234500'", "known_account"),
        (f"'{PHONE}'", "known_phone"),
        ("'hubungi +62 812-9876-5432'", "known_phone"),
        (f"'{BPJS_NO}'", "known_bpjs_no"),
        ("'kpj_19008887776.xlsx'", "known_bpjs_no"),
        (f"'{NAME}'", "known_name"),
        ("'melati  kusumaningrum'", "known_name"),
        ("'Daftar Melati Kusumaningrum revisi.xlsx'", "known_name"),
        ("'daftar_BAGAS_WIRAYUDHA_PRATOMO.csv'", "known_name"),
        ("['x', 'Intan Permata']", "known_name"),
        (f"DATE '{BIRTH_DATE}'", "known_birth_date"),
        (f"TIMESTAMP '{BIRTH_DATE} 00:00:00'", "known_birth_date"),
        ("'17-07-1990'", "known_birth_date"),
        (f"'{BIRTH_DATE}'", "known_birth_date"),
    ],
    ids=lambda value: None if "'" not in value else re.sub(r"\W+", "_", re.sub(r"\d", "9", value))[:24],
)
def test_a_planted_value_is_found_in_each_type(expression: str, kind: str, tmp_path: Path, warehouse: Path) -> None:
    path = release(
        tmp_path,
        f"CREATE TABLE marts.planted AS SELECT 1 AS id, {expression} AS remark UNION ALL SELECT 2, NULL",
    )
    found = scan(path, warehouse)
    assert Violation("marts.planted", "remark", kind, 1) in found


def test_accounts_that_became_numbers_are_found_as_a_column(tmp_path: Path, warehouse: Path) -> None:
    numbers = "SELECT unnest([31456789, 31456790, 31456791])"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("UPDATE staging.stg_rosters SET account_no = '1' || account_no WHERE account_no IS NOT NULL")
    path = release(
        tmp_path, f"CREATE TABLE marts.t AS SELECT (10000000000 + n)::BIGINT AS target FROM ({numbers}) AS s(n)"
    )
    assert kinds(scan(path, warehouse)) == {"known_account"}


def test_rows_are_counted_and_values_never_told(tmp_path: Path, warehouse: Path) -> None:
    path = release(
        tmp_path,
        f"CREATE TABLE marts.t AS SELECT CASE WHEN i < 3 THEN '{NIK} {NAME}' ELSE 'x' END AS remark "
        "FROM range(10) AS r(i)",
    )
    found = scan(path, warehouse)
    assert {violation.count for violation in found} == {3}
    assert kinds(found) == {"digit_run", "known_nik", "known_name"}
    told = repr(found).lower()
    assert NIK not in told
    assert "kusumaningrum" not in told


def test_other_schemas_comments_views_and_macros_are_looked_at(tmp_path: Path) -> None:
    path = release(
        tmp_path,
        f"CREATE TABLE main.left_over AS SELECT '{NIK}' AS x",
        "CREATE TABLE marts.t AS SELECT 1 AS a",
        f"COMMENT ON TABLE marts.t IS 'e.g. {NIK}'",
        f"COMMENT ON COLUMN marts.t.a IS 'e.g. {NIK}'",
        f"CREATE VIEW marts.v AS SELECT * FROM marts.t WHERE a::VARCHAR <> '{NIK}'",
        f"CREATE MACRO marts.m(x) AS TABLE SELECT x AS x, '{NIK}' AS y",
    )
    assert scan(path, None) == [
        Violation("main.left_over", "x", "digit_run", 1),
        Violation("marts.m", "", "digit_run", 1),
        Violation("marts.t", "", "digit_run", 1),
        Violation("marts.t", "a", "digit_run", 1),
        Violation("marts.v", "", "digit_run", 1),
    ]


@pytest.mark.parametrize(
    "column",
    ["nik", "NIK", "nik_hash", "name", "full_name", "nama", "account_no", "account_name", "no_rekening", "phone",
     "no_hp", "birth_date", "tanggal_lahir", "bpjs_no", "kpj", "alamat", "e_mail_address", "holder_names"],
)  # fmt: skip
def test_names_that_promise_personal_data(column: str) -> None:
    assert personal_name(column)


@pytest.mark.parametrize(
    "column",
    ["event_name", "region_name", "pillar_name", "benefit_name", "file_name", "rule_name", "sheet_name", "birth_year",
     "participant_id", "account_id", "reference_no", "accounts_unknown", "teknik", "attempt_no", "named", "unit"],
)  # fmt: skip
def test_names_that_do_not(column: str) -> None:
    assert not personal_name(column)


def test_a_forbidden_column_is_found_though_empty_or_nested(tmp_path: Path) -> None:
    path = release(
        tmp_path,
        "CREATE TABLE marts.t (phone VARCHAR, nik_valid BOOLEAN, detail STRUCT(region_name VARCHAR, nik VARCHAR)[])",
    )
    assert scan(path, None) == [
        Violation("marts.t", "detail", "column_name", 0),
        Violation("marts.t", "phone", "column_name", 0),
    ]


def test_a_fraction_of_sixteen_digits_counts_as_a_run(tmp_path: Path) -> None:
    path = release(tmp_path, "CREATE TABLE marts.t AS SELECT 1 / 3 AS rate")
    assert kinds(scan(path, None)) == {"digit_run"}


def test_a_warehouse_without_staging_cannot_vouch(tmp_path: Path, warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("DROP TABLE staging.stg_premiums")
    with pytest.raises(ScanImpossible, match=r"staging\.stg_premiums\.bpjs_no"):
        scan(release(tmp_path, *HONEST), warehouse)


def test_both_files_stay_untouched(tmp_path: Path, warehouse: Path) -> None:
    path = release(tmp_path, *HONEST)
    before = path.read_bytes(), warehouse.read_bytes()
    path.chmod(0o444)
    scan(path, warehouse)
    assert (path.read_bytes(), warehouse.read_bytes()) == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["release.duckdb", "warehouse.duckdb"]


def test_references_that_meet_accounts_by_chance_do_not_hold_a_night(tmp_path: Path, warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            "INSERT INTO staging.stg_rosters (account_no) "
            "SELECT lpad((random() * 999999999)::BIGINT::VARCHAR, 9, '7') FROM range(20000)"
        )
    # 20,000 accounts × 500,000 references of nine digits: about ten meet.
    path = release(
        tmp_path,
        "CREATE TABLE marts.t AS SELECT lpad((hash(i) % 1000000000)::VARCHAR, 9, '1') AS reference_no "
        "FROM range(500000) AS r(i)",
    )
    assert scan(path, warehouse) == []


hexadecimal = st.text(alphabet="0123456789abcdef", min_size=64, max_size=64)
mostly_digits = st.text(alphabet="0123456789" * 4 + "abcdef", min_size=64, max_size=64)


@settings(max_examples=20, deadline=None)
@given(hashes=st.lists(st.one_of(hexadecimal, mostly_digits), min_size=1, max_size=60))
def test_publishable_hashes_never_raise_a_false_alarm(
    hashes: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("hashes")
    path = release(folder, "CREATE TABLE marts.t (file_sha256 VARCHAR)")
    with duckdb.connect(str(path)) as connection:
        connection.executemany(
            "INSERT INTO marts.t VALUES (?)", [[re.sub(r"(\d{15})(?=\d)", r"\1-", text)] for text in hashes]
        )
    assert scan(path, None) == []


@settings(max_examples=25, deadline=None)
@given(
    before=st.text(alphabet="ab -/.", max_size=6),
    digits=st.from_regex(r"\A35[0-9]{4}(0[1-9]|[12][0-9]|6[0-9])(0[1-9]|1[0-2])[0-9]{6}\Z"),
    cuts=st.sets(st.integers(1, 15), max_size=5),
    mark=st.sampled_from(" -./"),
)
def test_any_way_of_parting_a_nik_is_seen(
    before: str, digits: str, cuts: set[int], mark: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    parted = "".join(mark + digit if place in cuts else digit for place, digit in enumerate(digits))
    path = release(tmp_path_factory.mktemp("nik"), "CREATE TABLE marts.t (remark VARCHAR)")
    with duckdb.connect(str(path)) as connection:
        connection.execute("INSERT INTO marts.t VALUES (?)", [f"{before} {parted}"])
    assert kinds(scan(path, None)) in ({"nik_shape"}, {"digit_run"})


def test_columns_that_fill_a_shelf_keep_to_themselves(
    tmp_path: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is found, where and how often does not depend on which columns are looked at together."""
    path = release(
        tmp_path,
        f"CREATE TABLE marts.a AS SELECT i AS n, CASE WHEN i < 3 THEN '{NAME}' ELSE 'bersih ' || i END AS remark, "
        f"CASE WHEN i < 5 THEN '{ACCOUNT}' END AS note, {ACCOUNT} + 100000 * i AS amount FROM range(10) AS r(i)",
        f"CREATE TABLE marts.b AS SELECT 'hub. {PHONE}' AS remark, DATE '{BIRTH_DATE}' AS born, 'bersih 7' AS note",
    )
    expected = [
        Violation("marts.a", "note", "known_account", 5),
        Violation("marts.a", "remark", "known_name", 3),
        Violation("marts.b", "born", "known_birth_date", 1),
        Violation("marts.b", "remark", "known_phone", 1),
    ]
    for values in (1, 12, cells.SHELF):
        monkeypatch.setattr(cells, "SHELF", values)
        assert scan(path, warehouse) == expected
