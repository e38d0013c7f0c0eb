"""A verdict follows the values it was given on, through formats, names and orders, until they change or it expires."""

from __future__ import annotations

from datetime import date

import pytest

from tests.decisions.conftest import Desk

HEAD = ("NIK", "NAMA", "L/P", "TANGGAL LAHIR", "PILAR", "KAB/KOTA", "NO REKENING", "BULAN")
SARI = ("3523010101909001", "SARI", "L", "01/01/1990", "PKH", "Kab. Tuban", "0011111111", "2023-11")
SHORT = ("352301510190900", "BUDI", "L", "11/01/1990", "PKH", "Kab. Tuban", "0033333333", "2023-11")
SHORT_TOO = ("352301510190901", "RINA", "P", "12/01/1990", "PKH", "Kab. Tuban", "0044444444", "2023-11")
BANK = ("NO REFERENSI", "BATCH", "KEGIATAN", "PROGRAM", "TANGGAL INSTRUKSI", "NO REKENING", "NOMINAL", "STATUS")


def transfer(number: int, amount: str | int, day: str | date = "21/11/2023") -> tuple[str | int | date, ...]:
    return (f"R-{number}", "B-1", "TBN-1", "TALI_ASIH", day, f"001111111{number}", amount, "SUKSES")


def test_a_waiver_follows_the_row_into_another_file(desk: Desk) -> None:
    desk.land("rosters/tuban/november.csv", [HEAD, SARI, SHORT], on=(1, 1))
    desk.night()
    assert desk.rows("tuban/november.csv") == (1, 1, 0, 0)
    desk.decide((desk.key("NIK_LENGTH"), "waive", ""), on=(1, 2))
    desk.night()
    assert desk.rows("tuban/november.csv") == (2, 0, 0, 1)
    assert desk.verdicts() == [("in_force", 1)]

    as_cells = [(*row[:3], date(1990, 1, int(row[3][:2])), *row[4:7], "November 2023") for row in (SHORT, SARI)]
    for number, kind in enumerate(("xlsx", "ods"), 3):
        turned = [(row[1], row[0], *row[2:]) for row in [HEAD, *as_cells]]
        desk.land(f"rosters/tuban/Lagi {kind}.{kind}", turned, on=(1, number))
        desk.night()
        assert desk.rows(f"tuban/Lagi {kind}.{kind}") == (2, 0, 0, 1)
        assert desk.verdicts() == [("in_force", 1)]
    assert desk.states("NIK_LENGTH") == [
        ("tuban/november.csv", "superseded"),
        ("tuban/Lagi xlsx.xlsx", "superseded"),
        ("tuban/Lagi ods.ods", "waived"),
    ]
    assert desk.ask("SELECT rows_waived, findings_waived FROM marts.mart_quality_scorecard WHERE feed = 'rosters'") == [
        (1, 1)
    ]

    desk.land("rosters/tuban/pindah.csv", [HEAD, SARI, (*SHORT[:6], "0033333334", SHORT[7])], on=(1, 6))
    desk.night()
    assert desk.rows("tuban/pindah.csv") == (1, 1, 0, 0)
    assert desk.states("NIK_LENGTH")[-1] == ("tuban/pindah.csv", "open")
    assert desk.verdicts() == [("ended", 0)]


def test_a_waiver_holds_through_its_last_day_and_one_without_a_readable_day_never(desk: Desk) -> None:
    other = ("352301510190902", "DEWI", "P", "13/01/1990", "PKH", "Kab. Tuban", "0055555555", "2023-11")
    desk.land("rosters/tuban.csv", [HEAD, SHORT, SHORT_TOO, other], on=(1, 1))
    desk.night()
    keys = [
        key
        for (key,) in desk.ask(
            "SELECT finding_key FROM marts.quality_findings WHERE rule_code = 'NIK_LENGTH' ORDER BY source_row"
        )
    ]
    last_days = ("2024-07-01", "30 Juni 2024", "akhir tahun")
    desk.decide(*((key, "waive", day) for key, day in zip(keys, last_days, strict=True)), on=(1, 2))
    desk.night()
    assert desk.rows("tuban.csv") == (1, 2, 0, 1)
    assert desk.verdicts() == [("in_force", 1), ("expired", 0), ("refused", 0)]
    assert [state for _, state in desk.states("DECISION_EXPIRY_INVALID")] == ["open"]
    assert desk.states("DECISION_EXPIRED") == [], "it held for a while"
    assert desk.ask("SELECT decided_until FROM marts.quality_findings WHERE state = 'waived'") == [(date(2024, 7, 1),)]


def test_the_newest_verdict_on_the_same_values_counts(desk: Desk) -> None:
    desk.land("rosters/tuban.csv", [HEAD, SHORT], on=(1, 1))
    desk.night()
    first = desk.key("NIK_LENGTH")
    desk.land("rosters/tuban lagi.csv", [HEAD, SARI, SHORT], on=(1, 3))
    desk.night()
    second = desk.key("NIK_LENGTH")
    assert first != second
    desk.decide((second, "waive", ""), (second, "corrected", ""), on=(1, 4))
    desk.night()
    assert desk.rows("tuban lagi.csv") == (1, 1, 0, 0), "in one file the lower row counts"
    # The key of the file that was superseded since names the same values.
    desk.decide((first, "waive", ""), on=(1, 5))
    desk.night()
    assert desk.rows("tuban lagi.csv") == (2, 0, 0, 1)
    assert desk.verdicts() == [("replaced", 0), ("replaced", 0), ("in_force", 1)]
    # A day earlier, landed later: it was overtaken before it came.
    desk.decide((second, "corrected", ""), on=(1, 4), name="terlambat")
    desk.night()
    assert desk.rows("tuban lagi.csv") == (2, 0, 0, 1)


def test_corrected_lets_nothing_in_and_speaks_only_of_what_was_delivered(desk: Desk) -> None:
    desk.land("rosters/tuban.csv", [HEAD, SARI, SHORT], on=(1, 1))
    desk.night()
    desk.decide((desk.key("NIK_LENGTH"), "corrected", ""), on=(1, 2))
    desk.night()
    assert desk.states("NIK_LENGTH") == [("tuban.csv", "corrected")]
    assert desk.rows("tuban.csv") == (1, 1, 0, 0)
    assert desk.verdicts() == [("in_force", 0)]
    desk.land("rosters/masih.csv", [HEAD, SHORT, SARI], on=(1, 3))
    desk.night()
    assert desk.states("NIK_LENGTH") == [("tuban.csv", "superseded"), ("masih.csv", "open")]
    assert desk.verdicts() == [("ended", 0)]


def test_a_verdict_that_cannot_be_meant_is_told_and_harms_nothing(desk: Desk) -> None:
    desk.land("rosters/tuban.csv", [HEAD, SARI, SHORT], on=(1, 1))
    desk.night()
    key = desk.key("NIK_LENGTH")
    misspelt = key[:-1] + ("a" if key[-1] != "a" else "b")
    desk.decide(
        (key, "waive", ""),
        (key, "same_person", ""),
        (misspelt, "waive", ""),
        ("3523010101909001", "waive", ""),
        on=(1, 2),
    )
    desk.decide((key, "tolak", ""), (key, "waive", "2023-12-31"), on=(1, 1))
    desk.night()
    assert desk.rows("tuban.csv") == (2, 0, 0, 1), "same_person on a row changes nothing"
    assert [state for state, _ in desk.verdicts()] == ["refused", "replaced", "in_force", "unfit", "unknown", "unknown"]
    assert desk.ask("SELECT count(*) FROM marts.quality_decisions WHERE finding_key IS NULL") == [(2,)]
    assert desk.ask(
        "SELECT rule_code, source_row FROM marts.quality_findings WHERE feed = 'decisions' ORDER BY 1, 2"
    ) == [
        ("DECISION_EXPIRED", 3),
        ("DECISION_FINDING_UNKNOWN", 4),
        ("DECISION_FINDING_UNKNOWN", 5),
        ("DECISION_VERDICT_UNFIT", 3),
        ("DECISION_VERDICT_UNKNOWN", 2),
    ]


def test_the_key_of_a_finding_that_has_healed_is_still_known(desk: Desk) -> None:
    desk.land("disbursements/b1.csv", [BANK, transfer(1, "1.000.000")], on=(1, 1))
    desk.night()
    key = desk.key("TRANSFER_EVENT_UNKNOWN")
    desk.decide((key, "waive", ""), on=(1, 2))
    desk.night()
    assert desk.states("TRANSFER_EVENT_UNKNOWN") == [("b1.csv", "waived")]
    head = ("KEGIATAN", "NAMA KEGIATAN", "TANGGAL KEGIATAN", "KAB/KOTA", "PILAR", "PROGRAM", "NOMINAL")
    line = ("TBN-1", "Tali Asih", "20/11/2023", "Kab. Tuban", "PKH", "TALI_ASIH", "1.000.000")
    desk.land("events/tuban.csv", [head, line], on=(1, 3))
    desk.night()
    assert desk.states("TRANSFER_EVENT_UNKNOWN") == []
    assert desk.states("DECISION_FINDING_UNKNOWN") == []
    assert desk.verdicts() == [("ended", 0)]


def test_one_verdict_lets_in_a_sheet_whose_control_lines_are_wrong(desk: Desk) -> None:
    lines = [transfer(1, "1.000.000"), transfer(2, "1.000.000"), transfer(3, "500.000")]
    wrong = [BANK, *lines, ("TOTAL NOMINAL", "", "", "", "", "", "2.000.000", "")]
    desk.land("disbursements/b1.csv", wrong, on=(1, 1))
    desk.night()
    assert desk.rows("b1.csv") == (0, 3, 0, 0)
    ((key,),) = desk.ask(
        "SELECT min(finding_key) FROM marts.quality_findings "
        "WHERE rule_code = 'CONTROL_TOTAL_DIFFERS' AND source_row IS NOT NULL"
    )
    desk.decide((key, "waive", "2024-12-31"), on=(1, 2))
    desk.night()
    assert desk.rows("b1.csv") == (3, 0, 0, 3)
    assert desk.verdicts() == [("in_force", 3)]
    numbers = [transfer(n, amount, date(2023, 11, 21)) for n, amount in ((3, 500_000), (1, 1_000_000), (2, 1_000_000))]
    desk.land("disbursements/b1.xlsx", [BANK, *numbers, ("TOTAL NOMINAL", *[None] * 5, 2_000_000, None)], on=(1, 3))
    desk.night()
    assert desk.rows("b1.xlsx") == (3, 0, 0, 3)
    desk.land("disbursements/b1 lain.csv", [*wrong[:3], transfer(3, "600.000"), wrong[-1]], on=(1, 4))
    desk.night()
    assert desk.rows("b1 lain.csv") == (0, 3, 0, 0), "another amount in it: the whole sheet is in doubt again"
    assert desk.verdicts() == [("ended", 0)]


def test_a_file_that_was_refused_can_be_set_aside(desk: Desk) -> None:
    desk.land("rosters/tanpa nik.csv", [HEAD[1:], SARI[1:]], on=(1, 1))
    desk.night()
    desk.decide((desk.key("FILE_MISSING_COLUMN"), "waive", ""), on=(1, 2))
    desk.night()
    assert desk.states("FILE_MISSING_COLUMN") == [("tanpa nik.csv", "waived")]
    desk.land("rosters/tanpa nik.csv", [HEAD, SARI], on=(1, 3))
    desk.night()
    assert desk.states("FILE_MISSING_COLUMN") == [("tanpa nik.csv", "corrected")]
    assert desk.verdicts() == [("ended", 0)]


@pytest.mark.parametrize("late", [False, True])
def test_the_order_in_which_files_and_verdicts_come_makes_no_difference(desk: Desk, late: bool) -> None:
    """The verdict's key is that of the first file; it may come before or after the second."""
    desk.land("rosters/a.csv", [HEAD, SARI, SHORT], on=(1, 1))
    desk.night()
    key = desk.key("NIK_LENGTH")
    for step in ("file", "verdict") if late else ("verdict", "file"):
        if step == "file":
            desk.land("rosters/b.csv", [HEAD, SHORT, SARI], on=(1, 3))
        else:
            desk.decide((key, "waive", ""), on=(1, 2))
        desk.night()
    assert desk.states("NIK_LENGTH") == [("a.csv", "superseded"), ("b.csv", "waived")]
    assert desk.rows("b.csv") == (2, 0, 0, 1)


def test_a_verdict_on_a_finding_between_rows_follows_the_row_too(desk: Desk) -> None:
    """Nothing of such a finding is left once its row is superseded; its key still tells which row it was."""
    rina = ("3523015101909002", "RINA", "P", "11/01/1990", "PKH", "Kab. Tuban", SARI[6], "2023-11")
    desk.land("rosters/a.csv", [HEAD, SARI, rina], on=(1, 1))
    desk.night()
    keys = desk.ask("SELECT finding_key FROM marts.quality_findings WHERE rule_code = 'ACCOUNT_SHARED'")
    desk.decide(*((key, "waive", "") for (key,) in keys), on=(1, 2))
    desk.land("rosters/b.ods", [HEAD, rina, SARI], on=(1, 3))
    desk.night()
    assert desk.states("ACCOUNT_SHARED") == [("b.ods", "waived"), ("b.ods", "waived")]
    assert [state for state, _ in desk.verdicts()] == ["in_force", "in_force"]
    moved = (*rina[:5], "Kab. Lamongan", *rina[6:])
    desk.land("rosters/c.csv", [HEAD, SARI], on=(1, 4))
    desk.land("rosters/d.csv", [HEAD, moved], on=(1, 4))
    desk.night()
    assert desk.states("ACCOUNT_SHARED") == [("c.csv", "waived"), ("d.csv", "open")]


def test_a_finding_about_a_person_needs_no_row(desk: Desk) -> None:
    second = (*SARI[:5], "Kab. Lamongan", "0099999999", SARI[7])
    desk.land("rosters/a.csv", [HEAD, SARI, second], on=(1, 1))
    desk.night()
    desk.decide((desk.key("PERSON_TWO_ACCOUNTS"), "waive", "2024-12-31"), on=(1, 2))
    desk.land("rosters/b.xlsx", [HEAD, (*second[:1], "SARI WATI", *second[2:]), SARI], on=(1, 3))
    desk.night()
    assert desk.states("PERSON_TWO_ACCOUNTS") == [("b.xlsx", "waived")], "another name in the row is not about accounts"
    desk.land("rosters/c.csv", [HEAD, SARI, (*second[:6], "0088888888", second[7])], on=(1, 4))
    desk.night()
    assert desk.states("PERSON_TWO_ACCOUNTS") == [("c.csv", "open")], "a third account asks again"
    assert desk.verdicts() == [("ended", 0)]


def test_no_verdict_makes_up_what_is_missing(desk: Desk) -> None:
    """Rows without a pillar, an amount or a month stay out, and the steward is told."""
    desk.land("rosters/a.csv", [HEAD, SARI, (*SARI[:4], "PILOT", *SARI[5:])], on=(1, 1))
    desk.land("disbursements/b.csv", [BANK, transfer(1, "1.000.000"), transfer(2, "")], on=(1, 1))
    premium = ("KPJ", "NIK", "NAMA", "BULAN", "PROGRAM", "IURAN", "STATUS")
    desk.land("premiums/c.csv", [premium, ("", SARI[0], "SARI", "", "JKK", "16.800", "LUNAS")], on=(1, 1))
    desk.night()
    rules = ("PILLAR_UNKNOWN", "TRANSFER_AMOUNT_INVALID", "PREMIUM_MONTH_INVALID")
    desk.decide(*((desk.key(rule), "waive", "") for rule in rules), on=(1, 2))
    desk.night()
    assert [desk.rows(file)[:2] for file in ("a.csv", "b.csv", "c.csv")] == [(1, 1), (1, 1), (0, 1)]
    assert [desk.states(rule)[0][1] for rule in rules] == ["open", "open", "open"]
    assert [state for state, _ in desk.verdicts()] == ["unfit", "unfit", "unfit"]
    assert len(desk.states("DECISION_VERDICT_UNFIT")) == 3
