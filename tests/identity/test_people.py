"""From rows to people: what merges, what is asked, and what a steward's word does, night after night."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from pilar.config import Home
from tests.harness.memory import Memory
from tests.identity.conftest import Desk

ALI = {
    "nik": "3523010501909001", "name": "Moch. Ali Wahyudi", "sex": "L", "birth_date": "05/01/1990", "pillar": "PKH",
    "region": "Kab. Tuban", "account_no": "0011111111", "phone": "081011111111", "bpjs_no": "23000009001",
}  # fmt: skip
SLIP = ALI | {"nik": "3523010501809001", "name": "Drs. H. MUHAMMAD ALI WAHYUDI", "bpjs_no": ""}
"""The same man; a digit of the NIK is wrong."""

HASAN = {
    "nik": "3523011204889001", "name": "Hasan Basri", "sex": "L", "birth_date": "12/04/1988", "pillar": "PKH",
    "region": "Kab. Tuban", "account_no": "0022222222", "phone": "081022222222",
}  # fmt: skip
HASIN = HASAN | {"nik": "3523011204889002", "name": "Hasin Basri"}
"""His twin, or the same man twice misread: nobody can tell from here."""


def elsewhere(row: dict[str, str]) -> dict[str, str]:
    """The row on a roster of another kind, so that it supersedes nothing."""
    return row | {"month": "2024-01"}


def test_a_slip_in_the_nik_is_one_person_and_is_told(desk: Desk) -> None:
    desk.roster("a", ALI)
    desk.roster("b", elsewhere(SLIP), day=2)
    desk.night()
    assert len(set(desk.people().values())) == 1
    assert [state for _, state in desk.findings("PERSON_MATCHED")] == ["open"]
    told = desk.ask("SELECT feed, file_name, source_row FROM marts.quality_findings WHERE rule_code = 'PERSON_MATCHED'")
    assert told == [("rosters", "b.csv", 2)]
    pairs = desk.ask(
        "SELECT decided, identity_no_level, name_level, contact_level, participant_id_a = participant_id_b "
        "FROM marts.mart_person_candidates"
    )
    assert pairs == [("matched", "typo", "equal", "both", True)]


def test_the_person_is_named_after_a_node_that_stands_today(desk: Desk) -> None:
    """Both NIKs stand: the smaller. When a correction takes that one back, the other."""
    desk.roster("a", SLIP)
    desk.night()
    (wrong,) = desk.people().values()
    desk.roster("b", elsewhere(ALI), day=2)
    desk.night()
    assert set(desk.people().values()) == {wrong}, "3523010501809001 comes before 3523010501909001"
    desk.roster("a corrected", ALI, day=3)
    desk.night()
    (right,) = set(desk.people().values())
    assert right != wrong
    assert desk.ask("SELECT DISTINCT participant_id FROM intermediate.int_people") == [(right,)]


def test_twins_are_two_until_a_steward_says_otherwise_and_again_after_redelivery(desk: Desk) -> None:
    desk.roster("a", HASAN, HASIN)
    desk.night()
    assert len(set(desk.people().values())) == 2
    ((key, state),) = desk.findings("PERSON_NEAR_MATCH")
    assert state == "open"
    desk.decide((key, "same_person"), day=3)
    desk.night()
    assert len(set(desk.people().values())) == 1
    desk.roster("a again", HASIN | {"phone": ""}, HASAN, ALI, day=4)
    desk.night()
    people = desk.people()
    assert people["Hasan Basri"] == people["Hasin Basri"] != people[ALI["name"]]
    assert desk.ask("SELECT finding_key, decided FROM marts.mart_person_candidates") == [(key, "same_person")]
    desk.decide((key, "different_person"), day=5)
    desk.night()
    assert len(set(desk.people().values())) == 3, "the newer verdict counts"
    assert desk.ask("SELECT decided FROM marts.mart_person_candidates") == [("different_person",)]


def test_a_steward_parts_what_pilar_matched(desk: Desk) -> None:
    desk.roster("a", ALI)
    desk.roster("b", elsewhere(SLIP), day=2)
    desk.night()
    ((key, _),) = desk.findings("PERSON_MATCHED")
    desk.decide((key, "different_person"), day=3)
    desk.night()
    assert len(set(desk.people().values())) == 2


@pytest.mark.parametrize("given_under", ["PERSON_MATCHED", "PERSON_NEAR_MATCH"])
def test_a_verdict_holds_whichever_rule_speaks_of_the_pair(desk: Desk, given_under: str) -> None:
    """Weights may change: what was asked yesterday is matched today. Here both keys part the same pair."""
    desk.roster("a", ALI, SLIP)
    desk.night()
    ((a, b),) = desk.ask("SELECT node_id_a, node_id_b FROM marts.mart_person_candidates")
    desk.decide((finding_key(desk, given_under, f"{a} {b}"), "different_person"), day=3)
    desk.night()
    assert len(set(desk.people().values())) == 2


def finding_key(desk: Desk, rule: str, subject: str) -> str:
    """The key of a finding with a subject: sixteen letters of a digest and four that check them."""
    ((digest, check),) = desk.ask(
        f"SELECT left(md5('{rule}|{subject}'), 16), left(md5(left(md5('{rule}|{subject}'), 16)), 4)"
    )
    return "f_" + (digest + check).translate(str.maketrans("0123456789", "ghijklmnop"))


def test_without_nik_account_birth_date_and_name_say_who_it_is(desk: Desk) -> None:
    """Only a waiver lets such a row in."""
    desk.roster("a", ALI)
    desk.roster("b", elsewhere(ALI | {"nik": "", "name": "M. ALI WAHYUDI, S.Sos."}), day=2)
    desk.night()
    ((key, _),) = desk.findings("NIK_MISSING")
    desk.decide((key, "waive"), day=3)
    desk.night()
    assert len(desk.people()) == 2
    assert len(set(desk.people().values())) == 1
    assert desk.findings("PERSON_MATCHED") == [], "nothing was weighed: it is the same node told twice"


def test_parting_one_pair_undoes_what_pilar_joined_around_it(desk: Desk) -> None:
    """a–b and b–c match by weight, and a steward parts a–c: they cannot all be one, and Pilar does not choose."""
    a, b, c = (ALI | {"nik": nik, "name": name} for nik, name in zip(NIKS, ("A ALI", "B ALI", "C ALI"), strict=True))
    rows = [row | {"name": f"{row['name']} WAHYUDI"} for row in (a, b, c)]
    desk.roster("a", *rows)
    desk.night()
    assert len(set(desk.people().values())) == 1
    keys = pair_keys(desk)
    desk.decide((keys[NIKS[0], NIKS[2]], "different_person"), day=3)
    desk.night()
    assert len(set(desk.people().values())) == 3
    desk.decide((keys[NIKS[0], NIKS[1]], "same_person"), day=4)
    desk.night()
    people = desk.people()
    assert people[rows[0]["name"]] == people[rows[1]["name"]] != people[rows[2]["name"]]
    assert desk.findings("DECISION_CONTRADICTED") == []
    desk.decide((keys[NIKS[1], NIKS[2]], "same_person"), day=5)
    desk.night()
    assert len(set(desk.people().values())) == 3, "the verdicts contradict each other: none is obeyed"
    assert desk.ask(
        "SELECT file_name, source_row FROM marts.quality_findings WHERE rule_code = 'DECISION_CONTRADICTED'"
    ) == [("putusan-5.csv", 2)]


NIKS = ("3523010501909001", "3523010501809001", "3523010501409001")
"""Each one digit off each other."""


def pair_keys(desk: Desk) -> dict[tuple[str, str], str]:
    found = desk.ask(
        "SELECT a.node_key, b.node_key, finding_key FROM marts.mart_person_candidates "
        "JOIN intermediate.int_people AS a ON node_id_a = a.node_id "
        "JOIN intermediate.int_people AS b ON node_id_b = b.node_id"
    )
    order = {f"nik {nik}": nik for nik in NIKS}
    return {pair: key for a, b, key in found for pair in ((order[a], order[b]), (order[b], order[a]))}


OFFICE = (
    "Agus Bambang Cahyo Dedi Eko Fajar Gatot Hadi Imam Joko Kusno Lukman Mahmud Nanang Oki Purnomo Qomar Rudi Slamet "
    "Teguh Umar Viktor Wawan Yusuf Zainal"
)


def test_a_telephone_of_everybody_tells_nobody_apart(desk: Desk) -> None:
    """The office's telephone on 25 rows makes no pairs and counts for none."""
    office = [
        HASAN | {"nik": f"35230112048890{n:02d}", "name": f"{word} Basri", "account_no": f"00222222{n:02d}"}
        for n, word in enumerate(OFFICE.split(), start=10)
    ]  # fmt: skip
    desk.roster("a", *office)
    desk.night()
    assert desk.ask("SELECT count(DISTINCT participant_id) FROM intermediate.int_people") == [(len(office),)]
    levels = desk.ask("SELECT DISTINCT contact_level FROM intermediate.int_person_pairs")
    assert ("one",) not in levels
    assert ("both",) not in levels


def test_people_are_the_same_in_any_order_of_files(home: Home, memory: Memory, tmp_path: Path) -> None:
    files: dict[str, tuple[list[dict[str, str]], int]] = {
        "a": ([ALI, HASAN], 1),
        "b": ([elsewhere(SLIP), elsewhere(HASIN)], 2),
        "c": ([elsewhere(ALI | {"nik": NIKS[2], "month": "2024-02"})], 3),
    }
    said: list[Any] = []
    for number, order in enumerate(permutations(files)):
        memory.forget()
        desk = Desk(Home(tmp_path / str(number)).make(), memory)
        for name in order:
            rows, day = files[name]
            desk.roster(name, *rows, day=day)
            desk.night()
        said.append(
            (
                desk.ask("FROM intermediate.int_people ORDER BY ALL"),
                desk.ask("FROM marts.mart_person_candidates ORDER BY ALL"),
                desk.ask(
                    "SELECT participant_id, file_sha256, source_row FROM intermediate.int_roster_lines ORDER BY ALL"
                ),
                desk.ask("FROM intermediate.int_person_findings ORDER BY ALL"),
            )
        )
    assert all(saying == said[0] for saying in said[1:])
    assert len({row[2] for row in said[0][0]}) == 3
