"""What once told the SQL and the page apart, or left the page open, each as small as it gets."""

from __future__ import annotations

from collections.abc import Mapping

from tests.differential.histories import History, Night
from tests.differential.invented import BUDI, SARI, UNKNOWN_ACCOUNTS, Invented, moment
from tests.differential.tables import differences
from tests.differential.worlds import Worlds
from tests.harness.deliveries import File
from tests.model.reckon import Reckoned

EVENT = {"event": "TBN-1", "event_name": "Tali Asih", "event_date": "2023-11-20", "region": "3523", "pillar": "PKH"}
PROMISE = {**EVENT, "benefit": "TALI_ASIH", "amount_idr": "1000000"}


def agreed(worlds: Worlds, *nights: tuple[File, ...]) -> Reckoned:
    """What both say."""
    history = History(tuple(Night(files) for files in nights))
    model = worlds.model(history)
    assert differences(model, worlds.sql(history)) == {}
    return model


def events(*rows: Mapping[str, str]) -> File:
    return File("events", "events.csv", moment(0), rows)


def roster(*rows: Mapping[str, str], day: int = 1) -> File:
    return File("rosters", f"roster {day}.csv", moment(day), rows)


def bank(*rows: Mapping[str, str], day: int = 30) -> File:
    return File("disbursements", f"bank {day}.csv", moment(day), rows)


def member(person: Invented, **cells: str) -> dict[str, str]:
    listed = {"nik": person.nik, "name": person.name, "sex": person.sex, "birth_date": person.birth_date}
    return {**listed, "pillar": "PKH", "region": "3523", "account_no": person.accounts[0]} | cells


def transfer(reference: str, account: str, holder: str, status: str, retry_of: str = "") -> dict[str, str]:
    row = {"reference_no": reference, "batch": "SP2D-1", "event": "TBN-1", "benefit": "TALI_ASIH"}
    row |= {"instructed_on": "2023-11-21", "account_no": account, "account_name": holder, "amount_idr": "1000000"}
    row |= {"status": status, "reason_code": "U183"}
    return row | ({"retry_of": retry_of} if retry_of else {})


def test_every_month_that_one_of_two_promises_names_is_expected(worlds: Worlds) -> None:
    cover = {**EVENT, "benefit": "BPJS_TK", "amount_idr": "16800", "months": "1"}
    said = agreed(
        worlds,
        (
            events({**cover, "starts_on": "2023-11"}, {**cover, "starts_on": "2024-01"}),
            roster(member(SARI, event="TBN-1")),
        ),
    )
    assert [(row.year, row.gap_months) for row in said.coverage] == [(2023, ("2023-11",)), (2024, ("2024-01",))]


def test_a_retry_of_a_retry_counts_for_the_person_whose_name_both_bear(worlds: Worlds) -> None:
    first, second = UNKNOWN_ACCOUNTS
    said = agreed(
        worlds,
        (
            events(PROMISE),
            roster(member(SARI, event="TBN-1")),
            bank(
                transfer("R-1", SARI.accounts[0], SARI.name, "RETUR"),
                transfer("R-2", first, SARI.name, "GAGAL", "R-1"),
                transfer("R-3", second, SARI.name, "SUKSES", "R-2"),
            ),
        ),
    )
    assert [(row.outcome, row.attempts) for row in said.reconciliation] == [("PAID", 3)]


def test_a_step_in_another_name_ends_the_way_back(worlds: Worlds) -> None:
    first, second = UNKNOWN_ACCOUNTS
    said = agreed(
        worlds,
        (
            events(PROMISE),
            roster(member(SARI, event="TBN-1")),
            bank(
                transfer("R-1", SARI.accounts[0], SARI.name, "RETUR"),
                transfer("R-2", first, BUDI.name, "GAGAL", "R-1"),
                transfer("R-3", second, SARI.name, "SUKSES", "R-2"),
            ),
        ),
    )
    assert sorted(row.outcome for row in said.reconciliation) == ["NOT_ENTITLED", "NOT_ENTITLED", "RETURNED"]


def test_a_part_paid_and_the_rest_under_way_is_pending(worlds: Worlds) -> None:
    part = transfer("R-1", SARI.accounts[0], SARI.name, "SUKSES") | {"amount_idr": "400000"}
    rest = transfer("R-2", SARI.accounts[0], SARI.name, "PROSES") | {"amount_idr": "600000"}
    said = agreed(worlds, (events(PROMISE), roster(member(SARI, event="TBN-1")), bank(part, rest)))
    assert [(row.outcome, row.paid, row.pending) for row in said.reconciliation] == [("PENDING", 400_000, 600_000)]


def test_retries_in_a_circle_are_nobodys(worlds: Worlds) -> None:
    first, second = UNKNOWN_ACCOUNTS
    said = agreed(
        worlds,
        (
            events(PROMISE),
            roster(member(SARI, event="TBN-1")),
            bank(
                transfer("R-1", first, SARI.name, "GAGAL", "R-2"), transfer("R-2", second, SARI.name, "SUKSES", "R-1")
            ),
        ),
    )
    assert sorted(row.outcome for row in said.reconciliation) == ["NOT_ENTITLED", "NOT_ENTITLED", "UNPAID"]


def test_an_event_roster_entitles_people_of_any_region(worlds: Worlds) -> None:
    said = agreed(worlds, (events(PROMISE), roster(member(SARI, event="TBN-1", region="3522"))))
    assert [row.outcome for row in said.reconciliation] == ["UNPAID"]


def test_a_roster_of_an_event_that_nobody_names_speaks_from_its_delivery(worlds: Worlds) -> None:
    said = agreed(worlds, (roster(member(SARI, event="XXX-9")),))
    assert [version.valid_from for version in said.participants] == [moment(1).date()]


def test_a_standing_roster_sent_again_on_its_day_corrects_it(worlds: Worlds) -> None:
    both = roster(member(SARI), member(BUDI))
    again = File("rosters", "roster 1 lagi.csv", moment(1, 1), [member(SARI)])
    said = agreed(worlds, (again,), (both,))
    assert len({version.participant_id for version in said.participants}) == 1


def test_a_quarantined_row_shows_that_somebody_still_stands_there(worlds: Worlds) -> None:
    damaged = member(BUDI, nik=BUDI.nik[:14])
    said = agreed(worlds, (roster(member(SARI), member(BUDI)), roster(member(SARI), damaged, day=9)))
    assert {version.said.status for version in said.participants} == {"AKTIF"}


def test_who_is_in_no_row_of_the_next_roster_has_left(worlds: Worlds) -> None:
    said = agreed(worlds, (roster(member(SARI), member(BUDI)), roster(member(SARI), day=9)))
    assert sorted(version.said.status for version in said.participants) == ["AKTIF", "AKTIF", "KELUAR"]


def test_who_moved_before_the_next_roster_came_has_not_left(worlds: Worlds) -> None:
    moved = roster(member(BUDI, region="3522"), day=5)
    said = agreed(worlds, (roster(member(SARI), member(BUDI)), moved, roster(member(SARI), day=9)))
    assert {version.said.status for version in said.participants} == {"AKTIF"}


def test_the_number_of_somebody_who_left_is_still_a_number_of_two(worlds: Worlds) -> None:
    shared = SARI.bpjs_no
    first = roster(member(SARI, bpjs_no=shared), member(BUDI, bpjs_no=shared))
    paid = {"bpjs_no": shared, "month": "2023-11", "program": "JKK+JKM", "amount_idr": "16800", "status": "LUNAS"}
    premiums = File("premiums", "premiums.csv", moment(20), [paid])
    said = agreed(worlds, (first, roster(member(SARI, bpjs_no=shared), day=9), premiums))
    assert said.coverage == []
