"""Each thing that a release says can be retraced to its files and rows, and nobody is named on the way."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pilar import publish
from pilar.config import PROJECT, Home
from pilar.explain import Chain, UnknownKey, explain
from pilar.explain.raw_words import hide
from pilar.explain.text import blocks
from pilar.rules import catalogue
from pilar.showing import plain
from tests.conftest import SAMPLES_KEY, Night
from tests.night.test_personal_data_stays_inside import personal_values

PILAR = Path(sys.executable).with_name("pilar")


def pilar(*arguments: str, home: Home) -> subprocess.CompletedProcess[str]:
    command = [str(PILAR), *arguments, "--home", str(home.root)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def chain_of(told: Night, key: str) -> Chain:
    return explain(told.home.current_marts.resolve(), key, told.home)


@pytest.fixture(scope="module")
def paid_again(two_nights: Night) -> str:
    """A reference that failed and whose retry was paid."""
    ((reference,),) = two_nights.ask(
        "SELECT min(original.reference_no) FROM fct_disbursement AS original "
        "INNER JOIN fct_disbursement AS retry ON retry.retry_of = original.reference_no "
        "WHERE original.status = 'GAGAL' AND retry.status = 'SUKSES' AND original.participant_id = retry.participant_id"
    )
    return str(reference)


# --- a reference ----------------------------------------------------------------------------------------------------


def test_a_reference_has_its_whole_life(two_nights: Night, paid_again: str) -> None:
    chain = chain_of(two_nights, paid_again)
    assert chain.kind == "reference"
    assert [row["status"] for row in chain.link("statements").rows] == ["PROSES", "GAGAL"]
    assert [row["row_state"] for row in chain.link("statements").rows] == ["superseded", "accepted"]
    assert all(row["file_name"] and row["source_row"] for row in chain.link("statements").rows)
    attempts = chain.link("attempts").rows
    assert [(row["this_one"], row["status"]) for row in attempts] == [(True, "GAGAL"), (False, "SUKSES")]
    assert attempts[1]["retry_of"] == paid_again
    (outcome,) = chain.link("outcomes").rows
    assert (outcome["outcome"], outcome["attempts"]) == ("PAID", 2)


def test_the_retry_leads_back_to_the_first_attempt(two_nights: Night, paid_again: str) -> None:
    retry = chain_of(two_nights, paid_again).link("attempts").rows[1]["reference_no"]
    assert [row["reference_no"] for row in chain_of(two_nights, retry).link("attempts").rows] == [paid_again, retry]


def test_a_reason_is_told_in_two_languages_with_the_next_step(two_nights: Night, paid_again: str) -> None:
    facts = chain_of(two_nights, paid_again).facts
    ((meaning_id, advice_en),) = two_nights.ask(
        f"SELECT meaning_id, advice_en FROM dim_bank_reason WHERE reason_code = '{facts['reason_code']}'"
    )
    told = plain(blocks(chain_of(two_nights, paid_again)))
    assert meaning_id in told
    assert advice_en in told


def test_a_promise_names_the_roster_row_and_the_events_row(two_nights: Night, paid_again: str) -> None:
    """The rows that it names are those of the files: read anew from raw/."""
    chain = chain_of(two_nights, paid_again)
    (promise,) = chain.link("promises").rows
    roster = raw_row(two_nights.home, "rosters", promise["file_sha256"], promise["sheet"], promise["source_row"])
    events = raw_row(
        two_nights.home, "events", promise["promise_file_sha256"], promise["promise_sheet"], promise["promise_row"]
    )
    ((account,),) = statement_account(two_nights.home, chain)
    assert digits(roster["account_no"]) == digits(account)
    assert events["event"] == chain.facts["event_id"]
    assert events["benefit"].replace(" ", "_").upper() == chain.facts["benefit_code"]


def raw_row(home: Home, feed: str, sha256: str, sheet: str, row: int) -> dict[str, Any]:
    path = home.raw / feed / sha256.replace("-", "") / "rows.parquet"
    found = duckdb.execute(
        "SELECT * FROM read_parquet($1) WHERE sheet = $2 AND source_row = $3", [str(path), sheet, row]
    ).to_arrow_table()
    (only,) = found.to_pylist()
    return dict(only)


def statement_account(home: Home, chain: Chain) -> list[tuple[str]]:
    last = chain.link("statements").rows[-1]
    return [(raw_row(home, "disbursements", last["file_sha256"], last["sheet"], last["source_row"])["account_no"],)]


def digits(text: str) -> str:
    return re.sub(r"\D", "", text).lstrip("0")


def test_a_quarantined_transfer_is_told_though_it_counts_nowhere(two_nights: Night) -> None:
    ((reference,),) = two_nights.ask(
        "SELECT min(reference_no) FROM fct_transfer_statement WHERE row_state = 'quarantined' "
        "AND reference_no NOT IN (SELECT reference_no FROM fct_disbursement)"
    )
    chain = chain_of(two_nights, reference)
    assert chain.facts["counts"] is False
    assert [row["row_state"] for row in chain.link("statements").rows] == ["quarantined"]
    assert "CONTROL_TOTAL_DIFFERS" in {row["rule_code"] for row in chain.link("findings").rows}


# --- people ---------------------------------------------------------------------------------------------------------


def test_a_person_has_versions_rosters_money_and_cover(two_nights: Night) -> None:
    ((person,),) = two_nights.ask(
        "SELECT min(participant_id) FROM mart_premium_coverage WHERE len(gap_months) > 0 AND months_covered > 0"
    )
    chain = chain_of(two_nights, person)
    assert chain.kind == "participant"
    for name in ("versions", "rosters", "promises", "transfers", "outcomes", "cover", "premiums"):
        assert chain.link(name).rows, name
    (cover,) = chain.link("cover").rows
    assert len(cover["gap_months"]) + cover["months_covered"] == cover["months_expected"]
    assert "PREMIUM_GAP" in {row["rule_code"] for row in chain.link("findings").rows}
    assert sum(row["months"] for row in chain.link("premiums").rows) >= cover["months_covered"]


def test_an_account_of_nobody_can_be_asked_for(two_nights: Night) -> None:
    ((account,),) = two_nights.ask(
        "SELECT min(account_key) FROM mart_disbursement_reconciliation WHERE participant_id IS NULL"
    )
    chain = chain_of(two_nights, account)
    assert chain.kind == "account"
    assert {row["outcome"] for row in chain.link("outcomes").rows} == {"NOT_ENTITLED"}
    assert chain.link("transfers").rows


def test_who_may_be_the_same_person_is_told_on_both_sides(two_nights: Night) -> None:
    ((one, other),) = two_nights.ask(
        "SELECT participant_id_a, participant_id_b FROM mart_person_candidates "
        "WHERE participant_id_a <> participant_id_b ORDER BY ALL LIMIT 1"
    )
    assert other in {row["other"] for row in chain_of(two_nights, one).link("candidates").rows}
    assert one in {row["other"] for row in chain_of(two_nights, other).link("candidates").rows}


# --- findings -------------------------------------------------------------------------------------------------------


def test_every_rule_of_the_samples_can_be_explained(sample_night: Night) -> None:
    found = sample_night.ask("SELECT rule_code, min(finding_key) FROM quality_findings GROUP BY 1 ORDER BY 1")
    assert len(found) > 30
    for rule_code, key in found:
        chain = chain_of(sample_night, key)
        assert chain.kind == "finding"
        assert chain.facts["rule_code"] == rule_code
        assert chain.facts["fix_id"] == catalogue()[rule_code].fix_id
        told = plain(blocks(chain))
        assert catalogue()[rule_code].message_id in told
        assert catalogue()[rule_code].message_en in told
        assert chain.link("files").rows or chain.facts["file_name"] is None, rule_code
        json.dumps(chain.as_dict())


def test_a_finding_about_somebody_says_about_whom(two_nights: Night) -> None:
    ((key, subject),) = two_nights.ask(
        "SELECT finding_key, subject FROM quality_findings WHERE rule_code = 'PREMIUM_GAP' ORDER BY ALL LIMIT 1"
    )
    assert [row["who"] for row in chain_of(two_nights, key).link("about").rows] == [subject.split(" ")[0]]


@pytest.fixture(scope="module")
def waived(sample_night: Night, waived_night: Night) -> tuple[Night, str, str]:
    """A home in which a steward waived a row's finding and wrote more than he should: night, key, the row's NIK."""
    ((key, sha256, sheet, row),) = sample_night.ask(
        "SELECT finding_key, file_sha256, sheet, source_row FROM quality_findings WHERE rule_code = 'NIK_LENGTH'"
    )
    return waived_night, key, raw_row(waived_night.home, "rosters", sha256, sheet, row)["nik"]


def test_a_waiver_is_told_with_its_reason_and_without_the_person(waived: tuple[Night, str, str]) -> None:
    told, key, nik = waived
    assert told.ended["outcome"] == "published", told.ended["text"]
    chain = chain_of(told, key)
    (decision,) = chain.link("decisions").rows
    assert (decision["verdict"], decision["rows_let_in"]) == ("waive", 1)
    assert decision["decided_by"] == "petugas.tuban"
    assert re.fullmatch(r"kartu •+.* diperiksa di Dinsos; NIK •+; HP •+", decision["reason"]), decision["reason"]
    assert nik not in json.dumps(chain.as_dict())


def test_without_raw_a_verdict_has_no_reason_and_says_why(waived: tuple[Night, str, str], tmp_path: Path) -> None:
    told, key, _ = waived
    alone = explain(told.home.current_marts.resolve(), key, Home(tmp_path))
    (decision,) = alone.link("decisions").rows
    assert decision["reason"] is None
    assert "raw/" in (alone.link("decisions").remark or "")


def test_words_of_a_name_are_hidden_in_whatever_order_and_case() -> None:
    hidden = hide("Sdri. AMINAH (siti) sudah datang", ["Siti Aminah, S.Sos.", "L"])
    assert "minah" not in hidden.lower()
    assert "siti" not in hidden.lower()
    assert "sudah datang" in hidden


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["bank-jatim/SP2D-0451 20231121.csv.gz", "sp2d-0451 20231121.csv.gz", "sha256"])
def test_a_file_says_who_took_its_rows(two_nights: Night, asked: str) -> None:
    ((sha256,),) = two_nights.ask("SELECT file_sha256 FROM file_ledger WHERE file_name LIKE '%SP2D-0451 20231121%'")
    chain = chain_of(two_nights, sha256.replace("-", "")[:12] if asked == "sha256" else asked)
    assert (chain.kind, chain.facts["rows_superseded"]) == ("file", 1651)
    assert [row["file_name"] for row in chain.link("superseded_by").rows] == [
        "bank-jatim/SP2D-0451 20231124 final.xlsx"
    ]
    back = chain_of(two_nights, "bank-jatim/SP2D-0451 20231124 final.xlsx")
    assert [row["file_name"] for row in back.link("supersedes").rows] == ["bank-jatim/SP2D-0451 20231121.csv.gz"]
    assert {row["table"] for row in back.link("stands").rows} == {"fct_disbursement"}


# --- keys that nobody knows -----------------------------------------------------------------------------------------


def test_an_unknown_key_brings_near_ones_and_exit_code_1(two_nights: Night, paid_again: str) -> None:
    answer = pilar("explain", paid_again[:-1] + "X", home=two_nights.home)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "did you mean" in answer.stderr
    assert paid_again[:-1] in answer.stderr
    assert "Traceback" not in answer.stderr
    with pytest.raises(UnknownKey) as told:
        chain_of(two_nights, paid_again[:-1] + "X")
    assert len(told.value.near) == 3


def test_a_nik_that_somebody_tries_is_not_repeated(two_nights: Night) -> None:
    answer = pilar("explain", "3522010101909001", home=two_nights.home)
    assert answer.returncode == 1
    assert "3522010101909001" not in answer.stderr
    assert "a key is" in answer.stderr


# --- older releases, other ways of asking ---------------------------------------------------------------------------


def test_an_older_release_is_asked_by_its_name(two_nights: Night, paid_again: str) -> None:
    first, second = publish.releases(two_nights.home)
    then = json.loads(pilar("explain", paid_again, "--release", "previous", "--json", home=two_nights.home).stdout)
    now = json.loads(pilar("explain", paid_again, "--json", home=two_nights.home).stdout)
    assert (then["release_id"], now["release_id"]) == (first, second)
    assert (then["facts"]["status"], now["facts"]["status"]) == ("PROSES", "GAGAL")


@pytest.mark.parametrize("table", ["fct_transfer_statement", "fct_entitlement", "quality_decisions", "dim_bank_reason"])
def test_a_release_that_lacks_a_table_still_tells_the_rest(
    two_nights: Night, paid_again: str, table: str, tmp_path: Path
) -> None:
    older = tmp_path / "older.duckdb"
    shutil.copyfile(two_nights.home.current_marts.resolve(), older)
    with duckdb.connect(str(older)) as release:
        release.execute(f"DROP VIEW marts.{table}; DROP TABLE main.{table}")
    chain = explain(older, paid_again)
    assert table in chain.lacking
    assert len(chain.link("attempts").rows) == 2
    assert table in plain(blocks(chain))


def test_nothing_is_told_on_a_terminal_that_is_not_told_in_a_pipe(two_nights: Night, paid_again: str) -> None:
    answer = pilar("explain", paid_again, home=two_nights.home)
    assert answer.returncode == 0, answer.stderr
    assert "\x1b" not in answer.stdout
    assert answer.stdout == plain(blocks(chain_of(two_nights, paid_again)))


# --- nobody is named ------------------------------------------------------------------------------------------------


def test_no_personal_value_stands_in_any_explanation(two_nights: Night, waived: tuple[Night, str, str]) -> None:
    """Every finding of the waived night, and a sample of references, people and files of two nights."""
    values = personal_values(two_nights.home.warehouse)
    assert len(values) > 6000
    told = [json.dumps(chain_of(waived[0], waived[1]).as_dict(), ensure_ascii=False)]
    asked = [
        "SELECT min(finding_key) FROM quality_findings GROUP BY rule_code",
        "SELECT min(reference_no) FROM fct_disbursement GROUP BY status, attempt_no, reason_code",
        "SELECT min(participant_id) FROM mart_disbursement_reconciliation GROUP BY outcome, pillar_code",
        "SELECT file_name FROM file_ledger",
    ]
    for query in asked:
        for (key,) in two_nights.ask(query):
            if key is not None:
                told.append(json.dumps(chain_of(two_nights, key).as_dict(), ensure_ascii=False))
    text = "\n".join(told)
    assert len(told) > 60
    assert [value for value in values if value in text] == []


# --- the page -------------------------------------------------------------------------------------------------------

PAGE = PROJECT / "docs" / "explain-and-diff.md"
_RELEASE = re.compile(r"\b20[2-9]\d[01]\d[0-3]\dT\d{6}Z\b")
_TAKEN = re.compile(r"\b20(?!23)\d\d-\d\d-\d\d \d\d:\d\d WIB")
"""When Pilar took a file: any time but that of the samples (2023)."""


def without_times(text: str) -> str:
    """Release ids and times of taking differ from run to run; runs of blanks go with the width of what is beside."""
    return re.sub(r" +", " ", _TAKEN.sub("TIME", _RELEASE.sub("RELEASE", text))).strip()


def test_the_page_shows_what_the_commands_answer(two_nights: Night) -> None:
    page = PAGE.read_text("utf-8")
    assert SAMPLES_KEY in page
    asked = re.findall(r"```sh\n\.venv/bin/pilar ([^\n]+)\n```\n\n```text\n(.+?)\n```", page, re.DOTALL)
    assert len(asked) >= 4
    for arguments, printed in asked:
        words = shlex.split(arguments)
        answer = pilar(*words, home=two_nights.home).stdout
        parts = [without_times(part) for part in re.split(r"^…$", printed, flags=re.MULTILINE)]
        told, place = without_times(answer), 0
        for part in parts:
            found = told.find(part, place)
            assert found >= 0, f"pilar {arguments} does not answer:\n{part}"
            place = found + len(part)
