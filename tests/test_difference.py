"""What changed between two releases: each kind of change by hand-made releases, then two real nights."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilar import night, publish
from pilar.config import Home
from pilar.difference import Difference, compare
from pilar.difference.notes import TITLES, markdown, notes_of
from pilar.difference.text import blocks
from pilar.publish import notes
from pilar.showing import plain
from tests.conftest import SAMPLES_KEY, Night
from tests.night.test_personal_data_stays_inside import personal_values

PILAR = Path(sys.executable).with_name("pilar")

MARTS = """
CREATE SCHEMA marts;
CREATE TABLE marts.release_info AS SELECT 'r1' AS release_id;
CREATE TABLE marts.dim_region AS
    SELECT * FROM (VALUES ('3522', 'Bojonegoro'), ('3523', 'Tuban')) v(region_code, region_name);
CREATE TABLE marts.dim_participant AS SELECT * FROM (VALUES
    ('p_a', 'PKH', '3522', '352201', 'AKTIF', 'L', 1990, DATE '2023-11-01', NULL::DATE, true),
    ('p_b', 'TKSK', '3522', '352202', 'AKTIF', 'P', 1985, DATE '2023-11-01', NULL, true),
    ('p_c', 'TAGANA', '3523', '352301', 'AKTIF', 'L', 1979, DATE '2023-10-01', DATE '2023-11-01', false),
    ('p_c', 'TAGANA', '3523', '352302', 'AKTIF', 'L', 1979, DATE '2023-11-01', NULL, true)
) v(participant_id, pillar_code, region_code, district_code, status, sex, birth_year, valid_from, valid_to, is_current);
CREATE TABLE marts.mart_disbursement_reconciliation AS SELECT event_id, benefit_code, participant_id, account_key,
    'PKH' AS pillar_code, '3522' AS region_code, entitled::DECIMAL(18, 2) AS entitled_idr,
    instructed::DECIMAL(18, 2) AS instructed_idr, paid::DECIMAL(18, 2) AS paid_idr,
    returned::DECIMAL(18, 2) AS returned_idr, outcome FROM (VALUES
    ('E1', 'TALI_ASIH', 'p_a', NULL::VARCHAR, 100, 100, 100, 0, 'PAID'),
    ('E1', 'TALI_ASIH', 'p_b', NULL, 100, 100, 0, 0, 'PENDING'),
    ('E1', 'TALI_ASIH', NULL, 'a_x', 0, 50, 50, 0, 'NOT_ENTITLED')
) v(event_id, benefit_code, participant_id, account_key, entitled, instructed, paid, returned, outcome);
CREATE TABLE marts.fct_disbursement AS SELECT reference_no, 'E1' AS event_id, 'B1' AS batch, status,
    amount::DECIMAL(18, 2) AS amount_idr, NULL::VARCHAR AS reason_code, 'f-1' AS file_sha256 FROM (VALUES
    ('R1', 'SUKSES', 100), ('R2', 'PROSES', 100), ('R3', 'SUKSES', 50)) v(reference_no, status, amount);
CREATE TABLE marts.mart_premium_coverage AS SELECT 'p_a' AS participant_id, 2023 AS year, 12 AS months_expected,
    10 AS months_covered, ['2023-11', '2023-12'] AS gap_months;
CREATE TABLE marts.fct_poverty AS SELECT '3522' AS region_code, 'total' AS area_type, '2023-03' AS period,
    'poverty_rate_pct' AS indicator, 12.18::DECIMAL(18, 4) AS value, 1 AS vintage, true AS is_latest,
    'f-2' AS file_sha256, 'Tabel' AS table_title;
CREATE TABLE marts.mart_claims AS SELECT 'c1' AS claim_id, 'CONFIRMED' AS verdict,
    5::DECIMAL(18, 4) AS recomputed_value, 5::DECIMAL(18, 4) AS published_value,
    'Lima orang.' AS claim_text, 'Five people.' AS claim_text_en;
CREATE TABLE marts.quality_findings AS SELECT * FROM (VALUES
    ('f_1', 'NIK_LENGTH', 'error', 'rosters', 'a.csv', 'S', 5, NULL::VARCHAR, 'open'),
    ('f_2', 'TKSK_DISTRICT_NONE', 'warning', 'rosters', 'a.csv', NULL, NULL, '352201', 'open')
) v(finding_key, rule_code, severity, feed, file_name, sheet, source_row, subject, state);
CREATE TABLE marts.file_ledger AS SELECT 'disbursements' AS feed, 'bank' AS submitter, 'bank/a.csv' AS file_name,
    'f-1' AS file_sha256, 'accepted' AS state, 3 AS rows_read, 3 AS rows_accepted, 0 AS rows_quarantined,
    0 AS rows_superseded, NULL::VARCHAR AS rule_code, TIMESTAMP '2023-11-21 01:00:00' AS delivered_at,
    []::VARCHAR[] AS superseded_by;
"""

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A release of the small world above, after some statements, with its manifest."""

    def build(name: str, *statements: str, manifest: dict[str, Any] | None = None) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        draft = folder / "draft.duckdb"  # a file called marts would make `marts.<table>` ambiguous
        with duckdb.connect(str(draft)) as release:
            release.execute(MARTS)
            release.execute(f"UPDATE marts.release_info SET release_id = '{name}'")
            for statement in statements:
                release.execute(statement)
        path = draft.rename(folder / "marts.duckdb")
        if manifest is not None:
            (folder / "manifest.json").write_text(json.dumps(manifest))
        return path

    return build


def changed(difference: Difference) -> set[str]:
    """Sections in which something changed; ``tables`` only repeats the others."""
    return {section.name for section in difference.sections if section.changed} - {"tables"}


def test_a_release_differs_in_nothing_from_itself(make: Make) -> None:
    difference = compare(make("r1"), make("r2"))
    assert (difference.before, difference.after) == ("r1", "r2")
    assert not difference.changed
    assert "Nothing changed." in plain(blocks(difference))


@pytest.mark.parametrize(
    ("statement", "change", "before", "after"),
    [
        ("INSERT INTO {t} VALUES ('p_d', 'PKH', '3523', NULL, 'AKTIF', 'L', 1991, '2023-11-01', NULL, true)",
         "in", None, "PKH, Tuban"),
        ("DELETE FROM {t} WHERE participant_id = 'p_a'", "out", "PKH, Bojonegoro", None),
        ("UPDATE {t} SET pillar_code = 'TKSK' WHERE participant_id = 'p_a'", "pillar", "PKH", "TKSK"),
        ("UPDATE {t} SET region_code = '3523' WHERE participant_id = 'p_a'", "region", "Bojonegoro", "Tuban"),
        ("UPDATE {t} SET status = 'KELUAR' WHERE participant_id = 'p_a'", "status", "AKTIF", "KELUAR"),
        ("UPDATE {t} SET district_code = '352209' WHERE participant_id = 'p_a'", "district", "352201", "352209"),
        ("UPDATE {t} SET region_code = '3522' WHERE participant_id = 'p_c' AND NOT is_current", "history", None, None),
        ("DELETE FROM {t} WHERE participant_id = 'p_c' AND NOT is_current", "history", None, None),
    ],
)  # fmt: skip
def test_people(make: Make, statement: str, change: str, before: str | None, after: str | None) -> None:
    difference = compare(make("r1"), make("r2", statement.format(t="marts.dim_participant")))
    assert changed(difference) == {"people"}
    (example,) = difference.section("people").rows("examples")
    assert (example["change"], example["before"], example["after"]) == (change, before, after)
    (count,) = difference.section("people").rows("counts")
    assert (count["change"], count["people"]) == (change, 1)


def test_one_person_may_move_in_two_ways(make: Make) -> None:
    moved = "UPDATE marts.dim_participant SET pillar_code = 'TKSK', region_code = '3523' WHERE participant_id = 'p_a'"
    people = compare(make("r1"), make("r2", moved)).section("people")
    assert [(row["change"], row["people"]) for row in people.rows("counts")] == [("pillar", 1), ("region", 1)]


def test_outcomes_and_rupiah(make: Make) -> None:
    paid = "SET outcome = 'PAID', paid_idr = 100 WHERE participant_id = 'p_b'"
    difference = compare(make("r1"), make("r2", f"UPDATE marts.mart_disbursement_reconciliation {paid}"))
    assert changed(difference) == {"outcomes", "money"}
    (count,) = difference.section("outcomes").rows("counts")
    assert (count["before"], count["after"], count["payees"], count["paid_moved"]) == ("PENDING", "PAID", 1, 100)
    (payee,) = difference.section("outcomes").rows("payees")
    assert payee["payee"] == "p_b"
    (event,) = difference.section("money").rows("by_event")
    assert (event["paid_before"], event["paid_after"]) == (Decimal(150), Decimal(250))


def test_an_account_of_nobody_is_a_payee_too(make: Make) -> None:
    gone = "DELETE FROM marts.mart_disbursement_reconciliation WHERE account_key = 'a_x'"
    (payee,) = compare(make("r1"), make("r2", gone)).section("outcomes").rows("payees")
    assert (payee["payee"], payee["before"], payee["after"], payee["paid_moved"]) == ("a_x", "NOT_ENTITLED", None, -50)


def test_transfers_come_change_and_are_withdrawn(make: Make) -> None:
    difference = compare(
        make("r1"),
        make(
            "r2",
            "UPDATE marts.fct_disbursement SET status = 'RETUR' WHERE reference_no = 'R1'",
            "UPDATE marts.fct_disbursement SET amount_idr = 90 WHERE reference_no = 'R2'",
            "DELETE FROM marts.fct_disbursement WHERE reference_no = 'R3'",
            "INSERT INTO marts.fct_disbursement VALUES ('R4', 'E1', 'B2', 'PROSES', 7, NULL, 'f-1')",
        ),
    )
    assert changed(difference) == {"transfers"}
    examples = {row["reference_no"]: row for row in difference.section("transfers").rows("examples")}
    assert {name: (row["before"], row["after"]) for name, row in examples.items()} == {
        "R1": ("SUKSES", "RETUR"), "R2": ("PROSES", "PROSES"), "R3": ("SUKSES", None), "R4": (None, "PROSES"),
    }  # fmt: skip
    assert (examples["R2"]["amount_before"], examples["R2"]["amount_after"]) == (100, 90)


def test_a_row_that_only_stands_elsewhere_is_no_change(make: Make) -> None:
    assert not changed(compare(make("r1"), make("r2", "UPDATE marts.fct_disbursement SET file_sha256 = 'f-9'")))


def test_gaps_open_and_close(make: Make) -> None:
    now = "SET gap_months = ['2023-12', '2023-05'], months_covered = 10"
    difference = compare(make("r1"), make("r2", f"UPDATE marts.mart_premium_coverage {now}"))
    assert changed(difference) == {"cover"}
    (person,) = difference.section("cover").rows("people")
    assert (person["opened"], person["closed"]) == (["2023-05"], ["2023-11"])
    (year,) = difference.section("cover").rows("by_year")
    assert (year["gaps_opened"], year["gaps_closed"], year["months_covered_moved"]) == (1, 1, 0)


def test_figures_are_revised_and_added(make: Make) -> None:
    newer = "INSERT INTO marts.fct_poverty SELECT * REPLACE (12.2 AS value, 2 AS vintage) FROM marts.fct_poverty"
    difference = compare(
        make("r1"),
        make(
            "r2",
            newer,
            "UPDATE marts.fct_poverty SET is_latest = vintage = 2",
            "INSERT INTO marts.fct_poverty SELECT * REPLACE ('2022-03' AS period, true AS is_latest) "
            "FROM marts.fct_poverty WHERE vintage = 1",
        ),
    )
    assert changed(difference) == {"figures"}
    figures = difference.section("figures")
    (revised,) = figures.rows("revised")
    assert (revised["region_name"], revised["before"], revised["after"]) == (
        "Bojonegoro", Decimal("12.18"), Decimal("12.2"),
    )  # fmt: skip
    assert (revised["vintage_before"], revised["vintage_after"]) == (1, 2)
    (added,) = figures.rows("added")
    assert added["period"] == "2022-03"


def test_an_older_publication_that_comes_late_is_kept_beside(make: Make) -> None:
    late = "INSERT INTO marts.fct_poverty SELECT * REPLACE (11.9 AS value, false AS is_latest) FROM marts.fct_poverty"
    figures = compare(make("r1"), make("r2", late)).section("figures")
    assert figures.rows("revised") == ()
    (beside,) = figures.rows("kept_beside")
    assert beside["value"] == Decimal("11.9")


def test_claims(make: Make) -> None:
    difference = compare(
        make("r1"), make("r2", "UPDATE marts.mart_claims SET verdict = 'DIFFERS', recomputed_value = 4")
    )
    assert changed(difference) == {"claims"}
    (claim,) = difference.section("claims").rows("verdicts")
    assert (claim["before"], claim["after"], claim["recomputed_after"]) == ("CONFIRMED", "DIFFERS", 4)


@pytest.mark.parametrize(
    ("statement", "change"),
    [
        ("UPDATE {t} SET state = 'corrected' WHERE finding_key = 'f_1'", "corrected"),
        ("UPDATE {t} SET state = 'waived' WHERE finding_key = 'f_1'", "waived"),
        ("DELETE FROM {t} WHERE finding_key = 'f_1'", "gone"),
        ("INSERT INTO {t} SELECT * REPLACE ('f_3' AS finding_key) FROM {t} WHERE finding_key = 'f_1'", "opened"),
    ],
)
def test_findings(make: Make, statement: str, change: str) -> None:
    difference = compare(make("r1"), make("r2", statement.format(t="marts.quality_findings")))
    assert changed(difference) == {"findings"}
    (count,) = difference.section("findings").rows("counts")
    assert (count["change"], count["rule_code"], count["findings"]) == (change, "NIK_LENGTH", 1)


def test_a_finding_can_open_again(make: Make) -> None:
    closed = make("r1", "UPDATE marts.quality_findings SET state = 'corrected'")
    (first, second) = compare(closed, make("r2")).section("findings").rows("counts")
    assert {first["change"], second["change"]} == {"reopened"}


LATER = (
    "UPDATE marts.file_ledger SET rows_accepted = 1, rows_superseded = 2, superseded_by = ['f-3']",
    "INSERT INTO marts.file_ledger SELECT * REPLACE ('bank/a 0812345678901.csv' AS file_name, 'f-3' AS file_sha256, "
    "2 AS rows_read, 2 AS rows_accepted, 0 AS rows_superseded, []::VARCHAR[] AS superseded_by, "
    "TIMESTAMP '2023-12-05 02:00:00' AS delivered_at) FROM marts.file_ledger",
    "UPDATE marts.fct_disbursement SET status = 'RETUR', file_sha256 = 'f-3' WHERE reference_no = 'R1'",
)
"""A file comes two weeks late, takes two rows, and one transfer is returned."""


def test_a_late_correction_is_named_with_what_it_moved(make: Make) -> None:
    difference = compare(make("r1"), make("r2", *LATER))
    files = difference.section("files")
    (late,) = files.rows("corrections")
    assert (late["corrects"], late["rows_superseded"], late["days_later"]) == ("bank/a.csv", 2, 14)
    (moved,) = files.rows("moved")
    assert (moved["what"], moved["n"]) == ("transfers", 1)
    told = [note for note in notes_of(difference, "r1") if note.topic == "late"]
    assert [note.indonesian for note in told] == [
        "bank/a •••.csv menggantikan 2 baris dari bank/a.csv (14 hari kemudian): 1 transfer berubah."
    ]
    assert [note.english for note in told] == [
        "bank/a •••.csv took 2 rows of bank/a.csv (14 days later): 1 transfer changed."
    ]


# --- releases of other times ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "section"),
    [
        ("dim_participant", "people"), ("mart_disbursement_reconciliation", "money"), ("fct_disbursement", "transfers"),
        ("mart_premium_coverage", "cover"), ("fct_poverty", "figures"), ("mart_claims", "claims"),
        ("quality_findings", "findings"), ("file_ledger", "files"),
    ],
)  # fmt: skip
def test_a_table_that_the_older_release_lacks_is_told(make: Make, table: str, section: str) -> None:
    difference = compare(make("r1", f"DROP TABLE marts.{table}"), make("r2"))
    assert [remark.english for remark in difference.section(section).remarks] == [
        f"Release r1 has no table {table}; not compared."
    ]
    assert changed(difference) == set()
    (row,) = difference.section("tables").rows("changed")
    assert (row["table"], row["rows_before"]) == (table, None)
    assert f"Release r1 has no table {table}" in plain(blocks(difference))


def test_a_column_that_the_older_release_lacks_is_no_change(make: Make) -> None:
    older = make("r1", "ALTER TABLE marts.dim_participant DROP COLUMN district_code")
    difference = compare(older, make("r2"))
    assert changed(difference) == set()
    assert [remark.english for remark in difference.section("people").remarks] == [
        "Release r1 has no column dim_participant.district_code; not compared."
    ]
    (row,) = difference.section("tables").rows("changed")
    assert row["columns_came"] == "district_code"


def test_a_column_without_which_nothing_can_be_said(make: Make) -> None:
    difference = compare(make("r1", "ALTER TABLE marts.fct_disbursement DROP COLUMN status"), make("r2"))
    assert difference.section("transfers").listings == ()
    assert (
        difference.section("transfers")
        .remarks[0]
        .english.startswith("Release r1 has no column fct_disbursement.status")
    )


def test_people_of_another_key_are_not_compared(make: Make) -> None:
    older = make("r1", manifest={"key_fingerprint": "abc"})
    other = "UPDATE marts.dim_participant SET participant_id = participant_id || 'x'"
    subject = (
        "INSERT INTO marts.quality_findings SELECT * REPLACE ('f_9' AS finding_key, 'p_ax' AS subject) "
        "FROM marts.quality_findings LIMIT 1"
    )
    claim = "UPDATE marts.mart_claims SET verdict = 'DIFFERS'"
    difference = compare(older, make("r2", other, subject, claim, manifest={"key_fingerprint": "xyz"}))
    assert changed(difference) == {"claims"}
    assert "different pseudonym keys" in difference.remarks[0].english
    for section in ("people", "outcomes", "cover"):
        assert difference.section(section).listings == ()
        assert "keys behind the pseudonyms differ" in difference.section(section).remarks[0].english
    assert "Kunci nama samaran" in markdown("r2", notes_of(difference, "r1"))


def test_tables_that_manifests_vouch_for_are_not_read(make: Make) -> None:
    """The claim differs, but both manifests say the same of it: the difference believes them."""
    told = {"duckdb_version": "1", "tables": {"mart_claims": {"rows": 1, "checksum": "same"}}}
    older, claim = make("r1", manifest=told), "UPDATE marts.mart_claims SET verdict = 'DIFFERS'"
    assert changed(compare(older, make("r2", claim, manifest=told))) == set()
    assert changed(compare(older, make("r3", claim, manifest=told | {"duckdb_version": "2"}))) == {"claims"}


# --- sums -----------------------------------------------------------------------------------------------------------

PAYEES = st.dictionaries(
    st.sampled_from(["p_a", "p_b", "p_c", "p_d"]),
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(["PAID", "UNPAID", "RETURNED"])),
)


@settings(max_examples=40, deadline=None)
@given(before=PAYEES, after=PAYEES)
def test_what_payees_moved_is_what_events_moved(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """However payees come, go and change: the sums over them are the differences of the sums."""
    folder = tmp_path_factory.mktemp("sums")
    paths = []
    for name, payees in (("r1", before), ("r2", after)):
        paths.append(folder / f"{name}.duckdb")
        with duckdb.connect(str(paths[-1])) as release:
            release.execute(MARTS + "DELETE FROM marts.mart_disbursement_reconciliation")
            for payee, (entitled, paid, outcome) in payees.items():
                release.execute(
                    "INSERT INTO marts.mart_disbursement_reconciliation "
                    "VALUES ('E', 'B', ?, NULL, 'PKH', '1', ?, ?, ?, 0, ?)",
                    [payee, entitled, paid, paid, outcome],
                )
    there, back = compare(*paths), compare(*reversed(paths))
    counts = there.section("outcomes").rows("counts")
    for place, name in enumerate(("entitled", "paid")):
        moved = sum(row[place] for row in after.values()) - sum(row[place] for row in before.values())
        assert sum(row[f"{name}_moved"] for row in counts) == moved
        assert (
            sum(row[f"{name}_after"] - row[f"{name}_before"] for row in there.section("money").rows("by_event"))
            == moved
        )
    mirrored = {(row["after"], row["before"], -row["paid_moved"]) for row in back.section("outcomes").rows("counts")}
    assert {(row["before"], row["after"], row["paid_moved"]) for row in counts} == mirrored


def test_examples_are_bounded_and_counted(make: Make) -> None:
    many = (
        "INSERT INTO marts.dim_participant SELECT 'p_' || i, 'PKH', '3522', NULL, 'AKTIF', 'L', 1990, '2023-11-01', "
        "NULL, true FROM range(25) r(i)"
    )
    older, newer = make("r1"), make("r2", many)
    listing = compare(older, newer).section("people").listing("examples")
    assert listing is not None
    assert (listing.total, len(listing.rows), listing.left_out) == (25, 10, 15)
    assert "and 15 more" in plain(blocks(compare(older, newer)))
    whole = compare(older, newer, examples=None).section("people").listing("examples")
    assert whole is not None
    assert len(whole.rows) == 25


# --- notes ----------------------------------------------------------------------------------------------------------


def test_notes_say_everything_in_both_languages(make: Make) -> None:
    told = notes_of(compare(make("r1"), make("r2", *LATER)), "r1")
    assert {note.topic for note in told} <= set(TITLES)
    page = markdown("r2", told)
    indonesian, english = page.split("\n# What changed in release r2")
    assert indonesian.startswith("# Apa yang berubah dalam rilis r2")
    assert indonesian.count("\n- ") == english.count("\n- ") == len(told)
    assert "Perbaikan yang datang terlambat" in indonesian
    assert "Corrections that came late" in english


def test_notes_of_a_first_release_and_of_an_equal_one(make: Make) -> None:
    (first,) = notes_of(None, None)
    assert first.topic == "first"
    (same,) = notes_of(compare(make("r1"), make("r2")), "r1")
    assert (same.topic, same.english) == ("same", "The content equals that of release r1.")


def test_a_lost_release_does_not_keep_the_next_from_being_described(make: Make) -> None:
    newer = make("r2")
    lost = newer.parent.parent / "r1"
    lost.mkdir()
    notes.write(newer.parent, {"release_id": "r2"}, lost)
    replaced, told = notes.read(newer.parent)
    assert replaced == "r1"
    assert [note.topic for note in told] == ["limits"]


# --- real nights ----------------------------------------------------------------------------------------------------


def pilar(*arguments: str, home: Home) -> subprocess.CompletedProcess[str]:
    command = [str(PILAR), *arguments, "--home", str(home.root)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def ledger_of(home: Home, release_id: str) -> list[dict[str, Any]]:
    """The file ledger of one release."""
    with duckdb.connect(str(home.releases / release_id / "marts.duckdb"), read_only=True) as release:
        return release.execute("SELECT feed, file_name, file_sha256 FROM file_ledger").to_arrow_table().to_pylist()


def test_the_second_night_is_told_by_its_notes(two_nights: Night) -> None:
    first, second = publish.releases(two_nights.home)
    told = json.loads((two_nights.home.releases / second / "notes.json").read_text("utf-8"))
    assert (told["release_id"], told["compared_with"], told["changed"]) == (second, first, True)
    late = [note["id"] for note in told["notes"] if note["topic"] == "late"]
    assert len(late) == 1
    assert late[0].startswith(
        "bank-jatim/SP2D-0451 20231124 final.xlsx menggantikan 1.651 baris dari bank-jatim/SP2D-0451 20231121.csv.gz "
        "(3 hari kemudian): "
    )
    page = (two_nights.home.reports / "index.html").read_text("utf-8")
    assert "Perbaikan yang datang terlambat" in page
    assert late[0] in page
    first_told = json.loads((two_nights.home.releases / first / "notes.json").read_text("utf-8"))
    assert [note["topic"] for note in first_told["notes"]] == ["first"]


def test_diff_says_what_the_marts_say(two_nights: Night) -> None:
    answer = pilar("diff", "--json", home=two_nights.home)
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)["sections"]
    (paid,) = two_nights.ask("SELECT sum(paid_idr)::VARCHAR FROM mart_disbursement_reconciliation")
    moved = told["money"]["listings"]["by_event"]["rows"]
    assert sum(Decimal(row["paid_after"]) for row in moved) == Decimal(paid[0])
    first, second = publish.releases(two_nights.home)
    came = told["files"]["listings"]["came"]
    ledgers = [
        {(row["feed"], row["file_name"], row["file_sha256"]) for row in ledger_of(two_nights.home, release)}
        for release in (first, second)
    ]
    assert came["total"] == len(ledgers[1] - ledgers[0]) == len(ledgers[1]) - len(ledgers[0])
    assert told["people"]["changed"] is False


def test_diff_in_a_pipe_is_plain_text(two_nights: Night) -> None:
    answer = pilar("diff", "previous", "current", "--examples", "2", home=two_nights.home)
    assert answer.returncode == 0, answer.stderr
    assert "\x1b" not in answer.stdout
    for title in ("Files", "Rupiah by event and benefit", "Outcomes of payees", "Transfers", "Cover", "Findings"):
        assert f"\n{title}\n" in answer.stdout
    assert answer.stdout.index("kinds of change") < answer.stdout.index("payees:")


def test_an_unknown_release_is_told_in_a_sentence(two_nights: Night) -> None:
    answer = pilar("diff", "19990101T000000Z", home=two_nights.home)
    assert answer.returncode == 1
    assert publish.releases(two_nights.home)[0] in answer.stderr
    assert "Traceback" not in answer.stderr


def test_no_personal_value_stands_in_notes_or_difference(two_nights: Night) -> None:
    values = personal_values(two_nights.home.warehouse)
    assert len(values) > 6000
    latest = two_nights.home.releases / publish.releases(two_nights.home)[-1]
    told = pilar("diff", "--all", home=two_nights.home).stdout
    told += (latest / "notes.json").read_text("utf-8") + (latest / "notes.md").read_text("utf-8")
    assert len(told) > 100_000
    assert [value for value in values if value in told] == []
    assert '"p_' not in (latest / "notes.json").read_text("utf-8"), "notes name nobody, not even by a pseudonym"


def test_a_night_after_a_rollback_brings_back_what_it_took_and_compares_with_what_was_current(
    two_nights: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILAR_PII_KEY", SAMPLES_KEY)
    home = Home(tmp_path / "copy")
    shutil.copytree(two_nights.home.root, home.root, symlinks=True)
    first, second = publish.releases(home)
    told = pilar("publish", "--rollback", first, home=home).stdout
    assert told.splitlines()[-1] == f"what that takes back: pilar diff {second} {first}"
    ended = night.run(home, force=True)
    assert ended["outcome"] == "published", ended["text"]
    third = publish.current(home)
    assert third is not None
    assert third.release_id not in (first, second)
    assert publish.table_checksums(third.path) == publish.table_checksums(publish.find(home, second).path)
    replaced, said = notes.read(third.folder)
    assert replaced == notes.replaced(third.folder) == first
    assert {note.topic for note in said} == {note.topic for note in notes.read(publish.find(home, second).folder)[1]}
    assert publish.find(home, "previous").release_id == first
    assert publish.find(home, "current").release_id == third.release_id
