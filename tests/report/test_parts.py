"""The pure parts of the page: pictures, scorecards, work by submitter, links."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pilar.report import charts
from pilar.report.links import links
from pilar.report.scorecards import punctuality, scores
from pilar.report.work import anchors, groups, senders, spans
from pilar.workbooks import LIST

Row = dict[str, Any]


def night(day: int, read: int, accepted: int, opened: int = 0, submitter: str = "kab-a") -> Row:
    return {
        "feed": "rosters", "submitter": submitter, "night": date(2026, 11, day), "rows_read": read,
        "rows_accepted": accepted, "rows_quarantined": read - accepted, "rows_waived": 0, "open_findings": opened,
        "findings_waived": 0, "oldest_finding_days": day,
    }  # fmt: skip


def finding(rule_code: str, n: int, severity: str, submitter: str = "kab-a", **more: Any) -> Row:
    return {
        "rule_code": rule_code, "severity": severity, "feed": "rosters", "submitter": submitter,
        "file_name": f"{submitter}/a.csv", "sheet": None, "n": n, "first_seen": None, "source_rows": [2, 3, 4, 9],
        "finding_keys": ["f_a"],
    } | more  # fmt: skip


def file(delivered_at: datetime | None, state: str = "accepted") -> Row:
    return {"feed": "rosters", "submitter": "kab-a", "state": state, "delivered_at": delivered_at}


def test_a_line_runs_from_the_first_to_the_last_value_and_up_for_more() -> None:
    drawn = charts.sparkline([Decimal(90), None, Decimal(100)])
    assert 'points="3.0,21.0 93.0,3.0"' in drawn
    assert 'cx="93.0" cy="3.0"' in drawn
    assert 'aria-hidden="true"' in drawn


@pytest.mark.parametrize("values", [[], [None], [5], [5, 5, None, 5]])
def test_nothing_is_drawn_where_nothing_moved(values: list[int | None]) -> None:
    assert charts.sparkline(values) == ""


def test_a_bar_is_filled_in_order_and_hides_no_small_part() -> None:
    drawn = charts.stacked([("ok", 999_999), ("no", 1), ("old", 0)], 1_000_000)
    assert '<rect class="ok" x="0.00" width="100.00"' in drawn
    assert charts.stacked([("no", 1), ("ok", 999)], 1000).index('class="no" x="0.00" width="0.60"') > 0
    assert "old" not in drawn
    assert "<rect" not in charts.stacked([("ok", 0)], 0)


def test_columns_stand_on_one_line_with_labels_in_both_languages() -> None:
    drawn = charts.columns([(("Mei", "May"), 2), (("Jun <", "Jun"), 4)])
    assert 'y="68.0" width="44" height="50.0"' in drawn
    assert 'y="18.0" width="44" height="100.0"' in drawn
    assert 'lang="id" x="22" y="132">Mei</text>' in drawn
    assert "Jun &lt;" in drawn
    assert charts.columns([]) == ""


def test_a_card_takes_rows_from_the_newest_delivery_and_findings_from_the_newest_night() -> None:
    history = [night(1, 100, 90, 12), night(2, 0, 0, 9), night(3, 50, 49, 4), night(4, 0, 0, 3)]
    (card,) = scores(history, ("feed", "submitter"), [], date(2026, 11, 4))
    assert card.delivery is not None
    assert card.previous is not None
    assert (card.delivery.rate, card.previous.rate, card.better) == (Decimal(98), Decimal(90), 1)
    assert (card.now.open_findings, card.now.oldest_finding_days, card.punctuality) == (3, 4, None)


def test_a_card_of_a_source_sums_over_its_submitters() -> None:
    history = [night(1, 100, 90, 2), night(1, 300, 300, 5, "kab-b")]
    (card,) = scores(history, ("feed",), [], date(2026, 11, 1))
    assert card.now.rate == Decimal("97.50")
    assert (card.now.open_findings, card.better) == (7, 0)


def test_who_never_brought_a_row_has_no_rate() -> None:
    (card,) = scores([night(1, 0, 0, 1)], ("submitter",), [], date(2026, 11, 1))
    assert card.delivery is None
    assert card.now.rate is None


def test_a_delivery_is_dated_by_its_day_in_jakarta_and_a_duplicate_brings_no_news() -> None:
    files = [
        file(datetime(2026, 11, 3, 18)),  # noqa: DTZ001 (as DuckDB stores UTC)
        file(datetime(2026, 11, 1, 2)),  # noqa: DTZ001
        file(datetime(2026, 11, 9, 2), "duplicate"),  # noqa: DTZ001
        file(None),
    ]
    told = punctuality(files, date(2026, 11, 10))
    assert told is not None
    assert (told.age_days, told.gap_days) == (6, 3)
    assert punctuality([file(None)], date(2026, 11, 10)) is None


def test_row_numbers_are_told_as_ranges() -> None:
    assert spans([9, 2, 3, 4, 4]) == [(2, 4), (9, 9)]
    assert spans([]) == []


def test_the_gravest_rule_comes_first_then_the_most_frequent() -> None:
    found = groups([
        finding("ACCOUNT_MISSING", 90, "warning"), finding("NIK_LENGTH", 1, "error"),
        finding("NAME_MISSING", 5, "error"), finding("CONTROL_TOTAL_DIFFERS", 1, "critical"),
        finding("NIK_LENGTH", 2, "error", "kab-b"),
    ])  # fmt: skip
    assert [(group.rule.rule_code, group.n) for group in found] == [
        ("CONTROL_TOTAL_DIFFERS", 1), ("NAME_MISSING", 5), ("NIK_LENGTH", 3), ("ACCOUNT_MISSING", 90),
    ]  # fmt: skip
    assert [place.submitter for place in found[2].places] == ["kab-b", "kab-a"]


def test_a_submitter_has_rejected_files_first_and_what_only_informs_is_no_task() -> None:
    rejected = {
        "feed": "rosters", "submitter": "kab-a", "file_name": "kab-a/x.xlsx", "state": "rejected",
        "rule_code": "FILE_ENCRYPTED",
    }  # fmt: skip
    told = finding("FILE_ENCRYPTED", 1, "error", file_name="kab-a/x.xlsx")
    found = [
        told,
        finding("NIK_LENGTH", 2, "error"),
        finding("PERSON_MATCHED", 4, "info"),
        finding("NAME_MISSING", 1, "error", "-"),
    ]
    one, nobody = senders(found, [rejected], {0: ("Sandi.", "A password.")})
    assert [(task.rule.rule_code, task.n) for task in one.tasks] == [("FILE_ENCRYPTED", 1), ("NIK_LENGTH", 2)]
    assert one.tasks[0].reason == ("Sandi.", "A password.")
    assert (one.notices, one.urgent, nobody.submitter) == (4, 3, "-")


def test_each_submitter_has_an_anchor_of_its_own_without_a_long_number() -> None:
    assert anchors(["kab-tuban", "Kab Tuban", "-", "dinas 081234567890"]) == [
        "dari-kab-tuban", "dari-kab-tuban-2", "dari-lain", "dari-dinas",
    ]  # fmt: skip


def test_only_what_is_on_disk_is_linked(tmp_path: Path) -> None:
    assert links(tmp_path).rules is None
    assert links(tmp_path).by_file == {}
    (tmp_path / "rules.html").write_text("x")
    shelf = tmp_path / "restricted" / "workbooks"
    (shelf / "kab a").mkdir(parents=True)
    entries = [{"feed": "rosters", "file_name": "kab a/x.csv", "path": "kab a/x.xlsx"}]
    entries += [{"feed": "rosters", "file_name": "gone.csv", "path": "kab a/gone.xlsx"}]
    entries += [{"feed": "rosters", "file_name": "n.csv", "path": "kab a/081234567890.xlsx"}]
    (shelf / LIST).write_text(json.dumps(entries))
    for name in ("x.xlsx", "081234567890.xlsx"):
        (shelf / "kab a" / name).write_text("x")
    found = links(tmp_path)
    assert found.rules == "rules.html"
    assert found.by_file == {("rosters", "kab a/x.csv"): "restricted/workbooks/kab%20a/x.xlsx"}
