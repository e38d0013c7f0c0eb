"""The documented queries run on the sample night's release and say what is true of it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tests.conftest import Night
from tests.people.asking import QUERIES, documented


@pytest.mark.parametrize("name", sorted(path.stem for path in QUERIES.glob("*.sql")))
def test_each_says_its_question_in_both_languages_and_answers(sample_night: Night, name: str) -> None:
    questions = [line for line in documented(name).splitlines() if re.fullmatch(r"-- .*\?", line)]
    assert len(questions) == 2, "the first in Bahasa Indonesia, the second in English"
    assert sample_night.ask(documented(name))


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
    gaps = sample_night.ask(f"SELECT gap_months, file_name, source_row FROM ({documented('premium_gaps')})")
    marts = sample_night.ask("SELECT gap_months FROM mart_premium_coverage WHERE len(gap_months) > 0")
    assert sorted(months for months, _, _ in gaps) == sorted(months for (months,) in marts)
    assert all(file_name and source_row for _, file_name, source_row in gaps)


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
