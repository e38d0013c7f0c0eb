"""The documented queries run on the sample night's release and say what is true of it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pilar.analyst import questions
from tests.conftest import SAMPLES_KEY, Night
from tests.people.asking import QUERIES, documented

NAMES = sorted(path.stem for path in QUERIES.glob("*.sql"))


def test_there_are_as_many_as_the_pages_say() -> None:
    assert len(NAMES) == 23


@pytest.mark.parametrize("name", NAMES)
def test_each_says_its_question_in_both_languages_and_answers(sample_night: Night, name: str) -> None:
    one = next(one for one in questions.questions() if one.name == name)
    assert one.asked_id != one.asked_en
    assert sample_night.ask(documented(name))


def test_a_file_without_its_question_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mute.sql").write_text("-- Berapa?\nselect 1;\n", "utf-8")
    with pytest.raises(ValueError, match=r"mute\.sql must begin with its question"):
        questions.questions(tmp_path)


def test_the_page_shows_what_the_queries_answer(two_nights: Night) -> None:
    """Pseudonyms on the page come from the key of the samples."""
    assert questions.KEY == SAMPLES_KEY
    assert questions.PAGE.read_text("utf-8") == questions.render(two_nights.home.current_marts)


def test_who_was_covered_on_14_may_2023(sample_night: Night) -> None:
    answers = dict(sample_night.ask(f"SELECT answer[:3], count(*) FROM ({documented('covered_on_a_day')}) GROUP BY 1"))
    ((paid,),) = sample_night.ask(
        "SELECT count(DISTINCT participant_id) FROM fct_premium_month "
        "WHERE coverage_month = '2023-05' AND status = 'LUNAS'"
    )
    assert answers["YA:"] == paid > 400
    assert sum(answers.values()) == sample_night.ask("SELECT count(DISTINCT participant_id) FROM dim_participant")[0][0]
    ((never, gap),) = sample_night.ask(
        "SELECT participant_id, gap_months[1] FROM mart_premium_coverage WHERE outcome = 'UNCOVERED' LIMIT 1"
    )
    asked = documented("covered_on_a_day", participant_id=f"'{never}'", day=f"date '{gap}-14'")
    ((person, answer),) = sample_night.ask(f"SELECT participant_id, answer FROM ({asked})")
    assert (person, answer[:6]) == (never, "TIDAK:")


def test_the_roster_of_the_event(sample_night: Night) -> None:
    roster = sample_night.ask(
        f"SELECT participant_id, pillar_code, region_code, district_code, status "
        f"FROM ({documented('roster_as_of_a_day')}) ORDER BY ALL"
    )
    versions = sample_night.ask(
        "SELECT participant_id, pillar_code, region_code, district_code, status FROM dim_participant "
        "WHERE valid_from <= '2023-11-20' AND (valid_to IS NULL OR valid_to > '2023-11-20') ORDER BY ALL"
    )
    assert roster == versions != []
    before = documented("roster_as_of_a_day", known_at="timestamp '2023-01-01 00:00:00'")
    assert sample_night.ask(f"SELECT count(*) FROM ({before})") == [(0,)], "no roster had come by then"


def test_gaps_name_the_months_and_the_row(sample_night: Night) -> None:
    every = documented("premium_gaps", coverage_month="cast(null as varchar)")
    gaps = sample_night.ask(f"SELECT participant_id, coverage_month FROM ({every}) ORDER BY ALL")
    expected = sample_night.ask("SELECT participant_id, unnest(gap_months) FROM mart_premium_coverage ORDER BY ALL")
    assert gaps == expected
    assert sample_night.ask(f"SELECT count(*) FROM ({every}) WHERE file_name IS NULL OR source_row IS NULL") == [(0,)]
    december = sample_night.ask(f"SELECT participant_id FROM ({documented('premium_gaps')}) ORDER BY ALL")
    assert december == [(person,) for person, month in expected if month == "2023-12"] != []


def test_who_is_unpaid_comes_to_what_is_missing(sample_night: Night) -> None:
    ((listed, people, explained, placed),) = sample_night.ask(
        "SELECT sum(missing_idr), count(*), count(*) FILTER (WHERE why <> '' AND next_step <> ''), "
        f"count(source_row) FROM ({documented('who_is_unpaid_and_why')})"
    )
    ((missing, unpaid),) = sample_night.ask(
        "SELECT sum(entitled_idr - paid_idr), count(*) FROM mart_disbursement_reconciliation "
        "WHERE entitled_idr > paid_idr"
    )
    assert (listed, people) == (missing, unpaid)
    assert missing > Decimal(0)
    assert explained == placed == people


# --- money ----------------------------------------------------------------------------------------------------------


def test_money_by_region_is_the_banks_money(sample_night: Night) -> None:
    rows = sample_night.ask(
        f"SELECT bakorwil, region_name, entitled_idr, paid_idr, adds_up FROM ({documented('money_by_region')})"
    )
    ((paid,),) = sample_night.ask("SELECT sum(amount_idr) FROM fct_disbursement WHERE status = 'SUKSES'")
    ((entitled,),) = sample_night.ask("SELECT sum(amount_idr) FROM fct_entitlement WHERE benefit_code = 'TALI_ASIH'")
    *parts, total = rows
    assert total == ("JUMLAH / SUM", None, entitled, paid, True)
    assert all(adds_up for *_, adds_up in parts)
    assert sum(paid for _, region, _, paid, _ in parts if region) == paid
    assert sum(paid for _, region, _, paid, _ in parts if not region) == paid


def test_returned_money_is_every_attempt_that_failed_once(sample_night: Night) -> None:
    asked = sample_night.ask(
        "SELECT sum(attempts), sum(amount_idr), sum(payees), sum(payees_paid_since) "
        f"FROM ({documented('returned_money_by_reason')})"
    )
    failed = "FROM fct_disbursement WHERE status IN ('GAGAL', 'RETUR')"
    ((attempts, rupiah),) = sample_night.ask(f"SELECT count(*), sum(amount_idr) {failed}")
    pairs = "DISTINCT concat_ws(' ', event_id, status, reason_code, participant_id)"
    ((payees,),) = sample_night.ask(f"SELECT count({pairs}) {failed}")
    ((mended,),) = sample_night.ask(
        f"SELECT count({pairs}) {failed} AND (event_id, participant_id) IN (SELECT (event_id, participant_id) "
        "FROM fct_disbursement WHERE status = 'SUKSES' GROUP BY ALL HAVING sum(amount_idr) >= 1000000)"
    )
    assert asked == [(attempts, rupiah, payees, mended)]


def test_retries_are_the_attempts_that_repeat_another(sample_night: Night) -> None:
    asked = sample_night.ask(
        f"SELECT sum(failed), sum(tried_again), sum(worked) FROM ({documented('retries_that_worked')})"
    )
    assert asked == sample_night.ask(
        """
        SELECT
            (SELECT count(*) FROM fct_disbursement WHERE status IN ('GAGAL', 'RETUR')),
            count(DISTINCT again.retry_of),
            count(DISTINCT again.retry_of) FILTER (WHERE again.status = 'SUKSES')
        FROM fct_disbursement AS first JOIN fct_disbursement AS again ON again.retry_of = first.reference_no
        WHERE first.status IN ('GAGAL', 'RETUR')
        """
    )


def test_who_got_it_twice_got_two_transfers(sample_night: Night) -> None:
    ((too_much, transfers),) = sample_night.ask(f"SELECT too_much_idr, paid_by FROM ({documented('who_got_it_twice')})")
    assert too_much == Decimal(1_000_000)
    paid = sample_night.ask(
        "SELECT list(reference_no ORDER BY instructed_on) FROM fct_disbursement WHERE status = 'SUKSES' "
        "AND participant_id IS NOT NULL GROUP BY event_id, participant_id HAVING sum(amount_idr) > 1000000"
    )
    assert paid == [(transfers,)]


def test_money_without_an_entitlement_is_what_no_promise_explains(sample_night: Night) -> None:
    asked = sample_night.ask(
        f"SELECT reference_no FROM ({documented('paid_without_entitlement')}) WHERE len(findings) > 0 ORDER BY 1"
    )
    assert asked == sample_night.ask(
        "SELECT reference_no FROM fct_disbursement AS paid WHERE status = 'SUKSES' AND NOT EXISTS (FROM "
        "fct_entitlement AS due WHERE (due.event_id, due.participant_id) = (paid.event_id, paid.participant_id)) "
        "ORDER BY 1"
    )
    assert len(asked) == 4


def test_days_until_settlement(sample_night: Night) -> None:
    ((transfers, most),) = sample_night.ask(
        f"SELECT sum(transfers), max(days_most) FROM ({documented('instruction_to_settlement')})"
    )
    days = sample_night.ask(
        "SELECT date_diff('day', instructed_on, settled_on) FROM fct_disbursement WHERE settled_on > '2000-01-01'"
    )
    assert (transfers, most) == (len(days), max(day for (day,) in days))


# --- people ---------------------------------------------------------------------------------------------------------


def test_who_left_and_came_adds_up_to_todays_roster(sample_night: Night) -> None:
    changes = dict(
        sample_night.ask(f"SELECT change, sum(people) FROM ({documented('who_left_and_who_came')}) GROUP BY 1")
    )
    ((then,),) = sample_night.ask(
        "SELECT count(DISTINCT participant_id) FROM fct_roster_membership "
        "WHERE known_from <= '2023-11-15' AND (known_to IS NULL OR known_to > '2023-11-15')"
    )
    ((now,),) = sample_night.ask("SELECT count(DISTINCT participant_id) FROM dim_participant WHERE is_current")
    assert then + changes["CAME"] - changes["LEFT"] == now


def test_people_in_two_places_are_those_of_the_findings(sample_night: Night) -> None:
    rows = sample_night.ask(
        f"SELECT count(*) FILTER (WHERE two_pillars), count(*) FILTER (WHERE two_regions), min(len(stands_in)) "
        f"FROM ({documented('people_in_two_places')})"
    )
    assert rows == [(1, 2, 2)]


def test_facilitators_for_each_thousand_poor(sample_night: Night) -> None:
    asked = documented("facilitators_and_poverty")
    rows = sample_night.ask(f"SELECT region_name, all_people, pillars_per_1000_poor, poor_thousand FROM ({asked})")
    people = dict(
        sample_night.ask(
            "SELECT region_name, count(DISTINCT participant_id) FROM dim_participant "
            "JOIN dim_region USING (region_code) WHERE is_current AND status = 'AKTIF' GROUP BY 1"
        )
    )
    assert {region: count for region, count, _, _ in rows} == people
    assert all(abs(rate - count / poor) < Decimal("0.01") for _, count, rate, poor in rows)
    ranked = sample_night.ask(
        f"SELECT rank_by_rate, rank_by_pillars FROM ({asked}) WHERE region_name = 'Kabupaten Tuban'"
    )
    assert ranked == [(1, 2)], "the poorest of the eight, and the second least served"


def test_districts_without_tksk_are_as_many_as_the_profiles_say(sample_night: Night) -> None:
    listed = sample_night.ask(
        f"SELECT region_name, count(*) FROM ({documented('districts_without_tksk')}) GROUP BY 1 ORDER BY 1"
    )
    assert listed == sample_night.ask(
        "SELECT region_name, districts_without_tksk FROM mart_region_profile "
        "WHERE districts_without_tksk > 0 ORDER BY 1"
    )


# --- kab/kota side by side -----------------------------------------------------------------------------------------


def test_where_pillars_lean_is_what_equity_says(sample_night: Night) -> None:
    asked = sample_night.ask(
        f"SELECT measure, concentration_index, reading FROM ({documented('are_pillars_where_poverty_is')})"
    )
    said = dict(sample_night.ask("SELECT measure, round(concentration_index, 3) FROM mart_equity WHERE year = 2023"))
    assert {measure: index for measure, index, _ in asked} == said
    assert len(said) == 5
    assert {reading for *_, reading in asked} == {"lebih sedikit di daerah miskin / less where it is poor"}


def test_changes_are_told_from_the_largest_fall_on(sample_night: Night) -> None:
    asked = sample_night.ask(
        "SELECT region_name, rate_change_points, rate_rank, ranks_gained "
        f"FROM ({documented('which_kabkota_changed_place')})"
    )
    assert len(asked) == 38
    assert asked[0] == ("Kota Batu", Decimal("-0.48"), 38, 0)
    assert asked[-1] == ("Kabupaten Pasuruan", Decimal("0.28"), 23, -2)
    assert [row[1] for row in asked] == sorted(row[1] for row in asked)


def test_offices_are_told_with_what_their_sums_are_of(sample_night: Night) -> None:
    asked = sample_night.ask(
        f"SELECT bakorwil, members, of_members, people, pillars_per_1000_poor "
        f"FROM ({documented('offices_side_by_side')})"
    )
    assert asked == [
        ("Pamekasan", 4, 0, None, None),
        ("Bojonegoro", 8, 8, 1657, Decimal("1.68")),
        ("Jember", 7, 0, None, None),
        ("Madiun", 10, 0, None, None),
        ("Malang", 9, 0, None, None),
    ]


# --- figures, files, findings ---------------------------------------------------------------------------------------


def test_a_revised_figure_is_told_with_its_difference(sample_night: Night, tmp_path: Path) -> None:
    assert sample_night.ask(f"SELECT sum(cells) FROM ({documented('figures_revised')})") == sample_night.ask(
        "SELECT count(DISTINCT (region_code, area_type, period, indicator)) FROM fct_poverty"
    )
    with duckdb.connect(str(tmp_path / "revised.duckdb")) as revised:
        revised.execute(f"ATTACH '{sample_night.home.current_marts}' AS r (READ_ONLY)")
        revised.execute("CREATE TABLE fct_poverty AS FROM r.fct_poverty; CREATE TABLE dim_region AS FROM r.dim_region")
        revised.execute(
            "INSERT INTO fct_poverty SELECT * REPLACE (2 AS vintage, value - 0.5 AS value) FROM fct_poverty "
            "WHERE region_code = '3522' AND period = '2023-03' AND indicator = 'poverty_rate_pct'"
        )
        told = revised.execute(
            f"SELECT what, cells, difference FROM ({documented('figures_revised')}) "
            "WHERE period = '2023-03' AND indicator = 'poverty_rate_pct'"
        ).fetchall()
    assert told == [("tetap / as first published", 72, None), ("Kabupaten Bojonegoro (total)", 1, Decimal("-0.5"))]


def test_rejected_files_are_those_of_the_ledger(sample_night: Night) -> None:
    asked = sample_night.ask(
        f"SELECT file_name FROM ({documented('files_rejected_and_why')}) WHERE reason <> '' ORDER BY 1"
    )
    assert asked == sample_night.ask("SELECT file_name FROM file_ledger WHERE state = 'rejected' ORDER BY 1") != []


def test_open_findings_wait_for_their_owners(sample_night: Night) -> None:
    late = documented("findings_age_by_owner", day="date '2024-12-31'")
    asked = sample_night.ask(f"SELECT owner, severity, findings FROM ({late}) ORDER BY ALL")
    assert asked == sample_night.ask(
        "SELECT owner, severity, count(*) FROM quality_findings WHERE state = 'open' AND severity <> 'info' "
        "GROUP BY ALL ORDER BY ALL"
    )
    (before,), (after,) = (
        sample_night.ask(f"SELECT max(oldest_days) FROM ({documented('findings_age_by_owner', day=day)})")[0]
        for day in ("date '2023-12-31'", "date '2024-01-01'")
    )
    assert after == before + 1


def test_quality_counts_each_delivered_row(sample_night: Night) -> None:
    asked = sample_night.ask(f"SELECT sum(files), sum(rows_read) FROM ({documented('quality_by_submitter')})")
    assert asked == sample_night.ask("SELECT count(*), sum(rows_read) FROM file_ledger WHERE state <> 'duplicate'")


def test_claims_that_do_not_hold(sample_night: Night) -> None:
    asked = dict(sample_night.ask(f"SELECT claim_id, verdict FROM ({documented('which_claim_no_longer_holds')})"))
    assert asked == {
        "premium-months": "DIFFERS",
        "tksk-each-district": "DIFFERS",
        "extreme-poverty": "NOT_VERIFIABLE",
        "second-economy-java": "NOT_VERIFIABLE",
    }


def test_a_claim_that_fell_is_told_with_the_file_that_changed_it(sample_night: Night, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "fell.duckdb")) as fell:
        fell.execute(f"ATTACH '{sample_night.home.current_marts}' AS r (READ_ONLY)")
        for mart in ("mart_claims", "mart_claim_history"):
            fell.execute(f"CREATE TABLE {mart} AS FROM r.{mart}")
        fell.execute("UPDATE mart_claims SET verdict = 'DIFFERS' WHERE claim_id = 'fall-2021-2023'")
        fell.execute(
            "INSERT INTO mart_claim_history BY NAME SELECT claim_id, TIMESTAMP '2024-02-01' AS known_from, unit, "
            "1 AS recomputed_value, 'DIFFERS' AS verdict, 383920 AS value_before, 'CONFIRMED' AS verdict_before, "
            "'bps/revisi.csv' AS file_name FROM mart_claims WHERE claim_id = 'fall-2021-2023'"
        )
        told = fell.execute(
            f"SELECT claim_id, changed_by FROM ({documented('which_claim_no_longer_holds')}) "
            "WHERE held_until IS NOT NULL"
        ).fetchall()
    assert told == [("fall-2021-2023", "bps/revisi.csv")]


def test_every_verdict_is_told_once(sample_night: Night) -> None:
    asked = sample_night.ask(f"SELECT state FROM ({documented('verdicts_and_what_became_of_them')}) ORDER BY 1")
    assert asked == sample_night.ask("SELECT state FROM quality_decisions ORDER BY 1") != []
