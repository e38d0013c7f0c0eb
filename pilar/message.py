"""What a night tells people who do not look: one message, and the question about a held night.

Bahasa Indonesia first, then English. Counts, codes and promises; of names only those of rejected files, masked as in
every report. :func:`compose` and :func:`ask` are pure; :func:`of_night` and :func:`question` read the home.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pilar import night as nights
from pilar.config import Home
from pilar.held import Facts as Step
from pilar.held import Hold
from pilar.publish import current
from pilar.report import Facts, Night, read_night, shown_facts
from pilar.showing import cell, mask

REPORT = "/pilar/reports/index.html"
"""The daily report inside Airflow, behind its login."""
QUESTIONS = "/required_actions?response_received=false"
"""Airflow's page of open questions."""
FILES_NAMED = 10
"""Rejected files named in a message; the report lists them all."""

_ENDS = {
    "published": ("terbit", "published"),
    "unchanged": ("tidak berubah", "unchanged"),
    "held": ("DITAHAN", "HELD"),
    "failed": ("GAGAL", "FAILED"),
}
_NEWS = {
    "published": ("Rilis baru sudah terbit.", "A new release is out."),
    "unchanged": ("Tidak ada yang baru; rilis sebelumnya tetap berlaku.", "Nothing new; the release before stays."),
    "held": (
        "Pemeriksaan menahan data malam ini; rilis sebelumnya tetap berlaku.",
        "A gate held this night's data; the release before stays.",
    ),
    "failed": (
        "Proses malam ini tidak selesai; rilis sebelumnya tetap berlaku. Operator perlu melihat lognya.",
        "This night's run did not finish; the release before stays. The operator has to look at its log.",
    ),
}


@dataclass(frozen=True)
class Message:
    """``subject`` is one line, ``body`` plain text (of a question: Markdown)."""

    subject: str
    body: str
    outcome: str


def of_night(home: Home, night_id: str, *, until: datetime | None, site: str) -> Message:
    """The message of a night on disk: see :func:`compose`."""
    night, release = read_night(home, night_id), current(home)
    return compose(
        night,
        _facts(home, night),
        nights.hold(home, night_id),
        release=release.release_id if release else None,
        until=until,
        site=site,
    )


def compose(
    night: Night, facts: Facts | None, hold: Hold, *, release: str | None, until: datetime | None, site: str
) -> Message:
    """Say how a night ended. ``release`` is what readers get now; ``until`` is when an open question about a held night
    closes, None when nobody asks; ``site`` is Airflow's address, before :data:`REPORT`."""
    outcome = night.outcome

    def part(place: int) -> Iterator[str]:
        yield _NEWS[outcome][place]
        yield (f"Rilis yang berlaku: {release or 'belum ada'}", f"Release in use: {release or 'none yet'}")[place]
        if night.stopped_at:
            yield (f"Berhenti pada langkah: {night.stopped_at}", f"Stopped at step: {night.stopped_at}")[place]
        yield ""
        yield from _counts(night, facts, place)
        if hold and outcome == "held":
            yield ""
            yield from _why(hold, place)
            yield ""
            yield _what_now(hold, until, site, place)
        yield ""
        yield (f"Laporan: {site}{REPORT}", f"Report: {site}{REPORT}")[place]

    asked = ("menunggu jawaban", "waiting for an answer") if until else ("", "")
    ends = (", ".join(filter(None, pair)) for pair in zip(_ENDS[outcome], asked, strict=True))
    day = f"{nights.night_date(night.night_id):%Y-%m-%d}"
    return Message(f"Pilar {day}: {' / '.join(ends)}", _twice(part), outcome)


def never_began(site: str) -> Message:
    """The message of a run whose first task broke: no night has a number yet."""

    def part(place: int) -> Iterator[str]:
        yield _NEWS["failed"][place]
        yield (f"Log: {site}/dags/nightly", f"Log: {site}/dags/nightly")[place]

    return Message("Pilar: GAGAL, malam tidak dimulai / FAILED, the night never began", _twice(part), "failed")


def question(home: Home, night_id: str, *, until: datetime) -> Message:
    """The question about a night on disk: see :func:`ask`."""
    night, release = read_night(home, night_id), current(home)
    return ask(
        night,
        _facts(home, night),
        nights.hold(home, night_id),
        release=release.release_id if release else None,
        until=until,
    )


def ask(night: Night, facts: Facts | None, hold: Hold, *, release: str | None, until: datetime) -> Message:
    """The question to a steward, in Markdown. Airflow keeps its first words when it is asked again."""

    def part(place: int) -> Iterator[str]:
        yield from _why(hold, place, mark="**")
        yield ""
        yield ("**Isi calon rilis:**", "**In the candidate:**")[place]
        yield ""
        yield from _counts(night, facts, place)
        yield ""
        yield (
            f"[Laporan lengkap]({REPORT}). Rilis yang berlaku sekarang: {release or 'belum ada'}.",
            f"[The whole report]({REPORT}). Release in use now: {release or 'none yet'}.",
        )[place]
        yield ""
        yield (
            f"Tanpa jawaban sampai {cell(until)}, rilis sebelumnya tetap berlaku dan malam berikutnya mencoba lagi.",
            f"Without an answer until {cell(until)} the release before stays, and the next night tries again.",
        )[place]
        yield ""
        yield (
            "Untuk menerbitkan, isi alasan tanpa nama atau nomor orang. Tanpa itu pertanyaan ini muncul lagi.",
            "To publish, give a reason without a person's name or number. Without it this question comes again.",
        )[place]

    day = f"{nights.night_date(night.night_id):%Y-%m-%d}"
    return Message(f"Malam {day} ditahan: terbitkan juga? / Night {day} is held: publish anyway?", _twice(part), "held")


def write(home: Home, key: str, message: Message) -> Path:
    """Leave a message as a file: ``messages/<key>.txt``."""
    home.messages.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home.messages / f"{key}.txt"
    path.write_text(f"{message.subject}\n\n{message.body}", "utf-8")
    return path


def prune(home: Home, keep: int) -> list[str]:
    """Remove all but the newest ``keep`` messages; returns their names, oldest first."""
    known = sorted(home.messages.glob("*.txt")) if home.messages.is_dir() else []
    gone = known[:-keep]
    for path in gone:
        path.unlink()
    return [path.name for path in gone]


def _facts(home: Home, night: Night) -> Facts | None:
    """A message goes out though the release cannot be read."""
    try:
        return shown_facts(home, night)
    except duckdb.Error:
        return None


def _counts(night: Night, facts: Facts | None, place: int) -> Iterator[str]:
    """Files of this night, and rows of all that counts now."""
    rejected = night.rejected
    files = sum(item.get("outcome") != "duplicate" for item in night.files)
    yield (
        f"- Berkas baru: {_n(files, 0)}, ditolak {_n(len(rejected), 0)}",
        f"- New files: {_n(files, 1)}, rejected {_n(len(rejected), 1)}",
    )[place]
    for item in rejected[:FILES_NAMED]:
        yield f"  - {mask(str(item.get('feed')))}/{mask(str(item.get('file_name')))}: {item.get('rule_code')}"
    if len(rejected) > FILES_NAMED:
        left = len(rejected) - FILES_NAMED
        yield (f"  - dan {_n(left, 0)} lagi", f"  - and {_n(left, 1)} more")[place]
    if facts is not None and facts.ledger:
        feeds = facts.by_feed()
        read, accepted, quarantined = (
            sum(int(row[name]) for row in feeds) for name in ("read", "accepted", "quarantined")
        )
        found = sum(int(row["n"]) for row in facts.findings)
        yield (
            f"- Baris: dibaca {_n(read, 0)}, diterima {_n(accepted, 0)}, dikarantina {_n(quarantined, 0)}",
            f"- Rows: read {_n(read, 1)}, accepted {_n(accepted, 1)}, quarantined {_n(quarantined, 1)}",
        )[place]
        yield (f"- Temuan terbuka: {_n(found, 0)}", f"- Open findings: {_n(found, 1)}")[place]
    warnings = sum(len(night.failures(gate, "warning")) for gate in ("gate_arrivals", "gate_candidate"))
    if warnings:
        yield (f"- Peringatan: {_n(warnings, 0)}", f"- Warnings: {_n(warnings, 1)}")[place]


def _why(hold: Hold, place: int, mark: str = "") -> Iterator[str]:
    """What holds a night: promises, tests, places of personal data. Never a value of a row."""
    yield mark + ("Yang menahan:", "What holds it:")[place] + mark
    yield ""
    for failure in (*hold.failed, *hold.unjudged):
        yield f"- {_promise(failure, place)}"
    for item in hold.violations:
        said = f"{item.get('table')}.{item.get('column')}, {item.get('kind')}"
        yield (
            f"- Data pribadi: {said}, {_n(int(item.get('count') or 0), 0)} baris",
            f"- Personal data: {said}, {_n(int(item.get('count') or 0), 1)} rows",
        )[place]
    for name in hold.failed_tests:
        yield (f"- Uji dbt gagal: {name}", f"- dbt test failed: {name}")[place]


def _promise(failure: Step, place: int) -> str:
    said = failure.get(("description_id", "description_en")[place]) or failure.get("expectation") or "?"
    where = ".".join(str(part) for part in (failure.get("table"), failure.get("column")) if part)
    observed = failure.get("observed")
    seen = ""
    if isinstance(observed, int | float) and not isinstance(observed, bool):
        seen = (f" Teramati: {_n(observed, 0)}.", f" Observed: {_n(observed, 1)}.")[place]
    return f"{said} ({where}){seen}" if where else f"{said}{seen}"


def _what_now(hold: Hold, until: datetime | None, site: str, place: int) -> str:
    if until:
        return (
            f"Jawab sebelum {cell(until)}, terbitkan juga atau tetap pakai rilis sebelumnya: {site}{QUESTIONS}",
            f"Answer before {cell(until)}, publish anyway or keep the release before: {site}{QUESTIONS}",
        )[place]
    return (
        hold.obstacle()[place]
        or (
            "Perbaiki datanya, atau terbitkan juga dengan `pilar publish --anyway`.",
            "Mend the data, or publish anyway with `pilar publish --anyway`.",
        )[place]
    )


def _twice(part: Callable[[int], Iterator[str]]) -> str:
    return _lines([*part(0), "", "---", "", *part(1)])


def _lines(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _n(number: float, place: int) -> str:
    """1.657,5 in Indonesian, 1,657.5 in English."""
    text = f"{number:,.4f}".rstrip("0").rstrip(".") if isinstance(number, float) else f"{number:,}"
    return text if place else text.translate(str.maketrans(",.", ".,"))
