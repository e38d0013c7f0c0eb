"""A steward's verdict on a finding, checked and laid into ``landing/decisions/``: all that write verdicts do it here.

The night reads the file like any other that lands. What it would refuse or leave without effect is refused here, in
words, all of it at once.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import os
import re
import secrets
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment

from pilar.config import DISPLAY_ZONE, PROJECT, Home
from pilar.disk import sync
from pilar.explain.raw_words import hide
from pilar.showing import mask

VERDICTS = ("waive", "corrected", "same_person", "different_person")
HEAD = ("KUNCI TEMUAN", "KEPUTUSAN", "ALASAN", "PETUGAS", "BERLAKU SAMPAI", "DICATAT PADA")
"""The last says when it was written down: the same verdict given again is no duplicate of the first."""

REASON_LETTERS = 500
"""Longest reason."""

_KEY = re.compile("f_[a-p]{20}")
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_DIGITS = str.maketrans("ghijklmnop", "0123456789")
_OURS = re.compile(r"keputusan \d{8}T\d{6}Z [0-9a-f]{8}\.csv")
_FORMULA = ("=", "+", "-", "@")
_FOLDER = re.compile(r"(?!\.|~\$)[^/\x00-\x1f\x7f]{1,100}")
"""A name that landing walks into: no hidden one, one level."""


@dataclass(frozen=True)
class Decision:
    """One verdict. ``decided_by`` is the steward's account name; ``expires_on`` is the last day a waiver holds."""

    finding_key: str
    verdict: str
    reason: str
    decided_by: str
    expires_on: date | None = None


@dataclass(frozen=True)
class Given:
    """A verdict as it lies in landing. ``file_name`` is relative to ``landing/decisions/``, as in the ledger."""

    decision: Decision
    at: datetime
    file_name: str


@dataclass(frozen=True)
class Problem:
    """Why a verdict cannot be taken: which part of it, and one sentence in either language."""

    part: str
    """A field of :class:`Decision`."""
    message_id: str
    message_en: str


class Refused(ValueError):
    """Verdicts that were not written, none of them; ``problems`` are all that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(f"{problem.message_id} / {problem.message_en}" for problem in problems))
        self.problems = tuple(problems)


def is_finding_key(key: str) -> bool:
    """Whether Pilar gave this key: sixteen letters of a digest and four that check them (macro ``is_finding_key``)."""
    if not _KEY.fullmatch(key):
        return False
    digest, check = key[2:18].translate(_DIGITS), key[18:]
    return hashlib.md5(digest.encode(), usedforsecurity=False).hexdigest()[:4].translate(_LETTERS) == check


def pair_rules() -> frozenset[str]:
    """The rules about two people who are or may be one."""
    return _rules("rules_about_pairs")


def fitting(rule_code: str) -> tuple[str, ...]:
    """The verdicts that have an effect on findings of a rule."""
    if rule_code in pair_rules():
        return VERDICTS
    return ("corrected",) if rule_code in _rules("rules_beyond_waiving") else ("waive", "corrected")


def problems(
    decision: Decision, *, rule_code: str | None = None, personal: Iterable[str] = (), today: date | None = None
) -> list[Problem]:
    """All that is wrong with a verdict; nothing when it may be written.

    ``rule_code`` is that of the finding, if known; ``personal`` are values of the people it is about, which the reason
    must not repeat; ``today`` is the day in Asia/Jakarta.
    """
    found = []
    if not is_finding_key(decision.finding_key):
        found.append(
            Problem(
                "finding_key",
                "Kunci temuan salah; salin apa adanya dari laporan.",
                "The finding's key is wrong; copy it from the report as it stands.",
            )
        )
    if decision.verdict not in VERDICTS:
        listed = ", ".join(VERDICTS)
        found.append(
            Problem("verdict", f"Keputusan harus salah satu dari: {listed}.", f"The verdict must be one of: {listed}.")
        )
    elif rule_code is not None and decision.verdict not in fitting(rule_code):
        fit = ", ".join(fitting(rule_code))
        found.append(
            Problem(
                "verdict",
                f"Keputusan {decision.verdict} tidak berlaku untuk temuan {rule_code}; yang berlaku: {fit}.",
                f"The verdict {decision.verdict} has no effect on a finding {rule_code}; these have: {fit}.",
            )
        )
    found += _reason_problems(one_line(decision.reason), tuple(personal))
    by = one_line(decision.decided_by)
    if not by or mask(by) != by:
        found.append(
            Problem(
                "decided_by",
                "Nama akun petugas kosong atau berupa nomor panjang.",
                "The steward's account name is empty or a long number.",
            )
        )
    return found + _expiry_problems(decision, today or datetime.now(DISPLAY_ZONE).date())


def write(home: Home, decisions: Sequence[Decision], submitter: str, *, at: datetime | None = None) -> Path:
    """Lay verdicts as one new file into ``landing/decisions/<submitter>/`` and return its path.

    The file appears whole or not at all, under a name of its own; no file is ever changed. ``at`` (default now, UTC) is
    when they were given: the modification time, which orders deliveries. Raises :class:`Refused` if anything is wrong
    with any of them, :class:`ValueError` for no decisions or a submitter that is no plain folder name.
    """
    if not decisions:
        raise ValueError("no decisions to write")
    if not _FOLDER.fullmatch(submitter):
        raise ValueError("the submitter must be a plain folder name")
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    today = moment.astimezone(DISPLAY_ZONE).date()
    if wrong := [problem for decision in decisions for problem in problems(decision, today=today)]:
        raise Refused(list(dict.fromkeys(wrong)))
    folder = home.landing / "decisions" / submitter
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"keputusan {moment:%Y%m%dT%H%M%SZ} {secrets.token_hex(4)}.csv"
    part = path.with_name(f".{path.name}.part")  # hidden: landing is scanned while we write
    try:
        with part.open("x", encoding="utf-8", newline="") as file:
            file.write(_lines(decisions, moment))
            file.flush()
            os.fsync(file.fileno())
        os.utime(part, (moment.timestamp(), moment.timestamp()))
        part.rename(path)
        sync(folder)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return path


def given(home: Home, *, known: Container[str] = ()) -> list[Given]:
    """Verdicts that :func:`write` laid into landing, newest first, without those in files of ``known`` names."""
    folder = home.landing / "decisions"
    found = [
        told
        for path in folder.glob("*/keputusan *.csv")
        if (name := path.relative_to(folder).as_posix()) not in known and _OURS.fullmatch(path.name)
        for told in _read(path, name)
    ]
    return sorted(found, key=lambda told: (told.at, told.file_name), reverse=True)


def one_line(text: str) -> str:
    """The text as a cell: one line, single blanks, no letter that cannot be seen."""
    return " ".join("".join(letter for letter in " ".join(text.split()) if letter.isprintable()).split())


def _reason_problems(reason: str, personal: Sequence[str]) -> list[Problem]:
    if not reason:
        return [Problem("reason", "Alasan belum diisi.", "The reason is missing.")]
    found = []
    if len(reason) > REASON_LETTERS:
        found.append(
            Problem(
                "reason",
                f"Alasan terlalu panjang: paling banyak {REASON_LETTERS} huruf.",
                f"The reason is too long: at most {REASON_LETTERS} letters.",
            )
        )
    if mask(reason) != reason:
        found.append(
            Problem(
                "reason",
                "Alasan memuat nomor panjang; jangan menulis NIK, rekening, atau nomor telepon.",
                "The reason holds a long number; do not write a NIK, an account or a phone number.",
            )
        )
    elif personal and hide(reason, personal) != reason:
        found.append(
            Problem(
                "reason",
                "Alasan memuat nama atau data orangnya; tulis tanpa menyebut orang.",
                "The reason holds a name or other data of the person; write it without naming anybody.",
            )
        )
    return found


def _expiry_problems(decision: Decision, today: date) -> list[Problem]:
    if decision.expires_on is None:
        return []
    if decision.verdict != "waive" and decision.verdict in VERDICTS:
        return [
            Problem(
                "expires_on",
                "Hanya keputusan waive yang mempunyai hari terakhir; kosongkan.",
                "Only the verdict waive has a last day; leave it empty.",
            )
        ]
    if decision.expires_on <= today:
        return [
            Problem(
                "expires_on",
                "Hari terakhir harus sesudah hari ini; kosongkan bila tanpa batas.",
                "The last day must be after today; leave it empty for no end.",
            )
        ]
    return []


def _lines(decisions: Sequence[Decision], moment: datetime) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    for decision in decisions:
        until = decision.expires_on.isoformat() if decision.expires_on else ""
        words = (_no_formula(one_line(decision.reason)), _no_formula(one_line(decision.decided_by)))
        writer.writerow((decision.finding_key, decision.verdict, *words, until, moment.isoformat()))
    return text.getvalue()


def _read(path: Path, name: str) -> list[Given]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        if tuple(head) != HEAD:
            return []
        return [
            Given(
                Decision(key, verdict, _shown(reason), _shown(by), date.fromisoformat(until) if until else None),
                datetime.fromisoformat(at),
                name,
            )
            for key, verdict, reason, by, until, at in rows
        ]
    except (OSError, ValueError):  # taken away or changed by hand: the night says what is wrong with it
        return []


def _shown(cell: str) -> str:
    return cell[1:] if cell.startswith(tuple(f"'{sign}" for sign in _FORMULA)) else cell


def _no_formula(text: str) -> str:
    """A spreadsheet that opens the file shows the cell and does not reckon it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


@cache
def _rules(macro: str) -> frozenset[str]:
    """The rules that a macro of ``findings.sql`` lists: they are stated there, for the night, and nowhere else."""
    text = (PROJECT / "dbt_project" / "macros" / "findings.sql").read_text("utf-8")
    module = Environment(autoescape=True).from_string(text).module
    listed = ast.literal_eval(str(getattr(module, macro)()).strip())
    return frozenset(str(code) for code in listed)
