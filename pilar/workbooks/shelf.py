"""The folder of workbooks: stable names, rewritten only where something changed, gone when the findings are."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pilar import raw
from pilar.config import Home, limits
from pilar.contracts import contracts
from pilar.disk import write_whole
from pilar.privacy import hiding, load_key
from pilar.publish import candidate_path, current
from pilar.rules import SEED
from pilar.showing import mask
from pilar.workbooks import LIST, book, findings, page

if TYPE_CHECKING:
    from pilar.report.night import Night

NOBODY = "tanpa-pengirim"
"""Folder of files that lie in no submitter's folder."""

_PACKAGE = Path(__file__).parent
_LONGEST_STEM = 80


@dataclass(frozen=True)
class Entry:
    """A file with open findings and its workbook, as the list of workbooks tells it."""

    feed: str
    sha256: str
    submitter: str
    file_name: str
    state: str
    reason: str | None
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_superseded: int
    findings: dict[str, int]
    """Open findings by severity."""
    received_at: str
    path: str | None
    """Relative to the folder; ``None`` where the content cannot be opened."""
    made_of: str
    """Digest of the findings, the rules and the code."""


@dataclass
class Shelved:
    """What the step did."""

    entries: list[Entry] = field(default_factory=list)
    written: int = 0
    kept: int = 0
    removed: int = 0
    stands: bool = False
    """Whether the workbooks of an earlier night were left as they are: this night has no findings of its own."""

    def sentence(self) -> str:
        if self.stands:
            return f"workbooks: {len(self.entries)} left as they were (no candidate to tell findings from)"
        return f"workbooks: {self.written} written, {self.kept} unchanged, {self.removed} removed"


def write(home: Home, night_id: str) -> Shelved:
    """Bring the workbooks up to date with the night: of a held one its candidate's findings, else the release's.

    Opens the warehouse read-only, so only a step that holds its pool slot may call it.
    """
    from pilar.report.night import read_night  # the report's page lists workbooks, so it is imported first

    place = home.workbooks
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.chmod(0o700)
    night = read_night(home, night_id)
    known = _known(place)
    shown = _shown(home, night)
    if shown is None:
        done = Shelved(entries=list(known.values()), kept=len(known), stands=True)
    else:
        done = _bring_up_to_date(home, night_id, shown, known)
        _write_list(place, done.entries)
    page.write(place, done, night)
    return done


def _shown(home: Home, night: Night) -> Path | None:
    """What to take the findings from; ``None`` for a night that was held or broke before it had a candidate."""
    if night.outcome == "held":
        path = candidate_path(home, night.night_id)
        return path if path.is_file() else None
    release = current(home)
    return release.path if release and night.outcome != "failed" else None


def _bring_up_to_date(home: Home, night_id: str, shown: Path, known: dict[str, Entry]) -> Shelved:
    done = Shelved()
    place = home.workbooks
    names = _names(home)
    bounds = limits()
    work = Path(tempfile.mkdtemp(prefix=".work-", dir=home.restricted))
    try:
        with findings.opened(shown, home.warehouse) as source:
            for file in source.files():
                receipt = raw.receipt(home, file.feed, file.sha256)
                if receipt is None:
                    continue
                entry = _entry(file, receipt, _digest(file, bounds.max_workbook_rows), names.get(_id(file)))
                before = known.get(_id(file))
                if before and before.made_of == entry.made_of and (not before.path or (place / before.path).is_file()):
                    done.entries.append(before)
                    done.kept += bool(before.path)
                    continue
                told = _with_true_sheets(home, source.with_findings(file, bounds.max_workbook_rows), receipt)
                job = book.Job(home, night_id, told, receipt, source, bounds)
                if entry.path and _make(job, place / entry.path, work):
                    done.written += 1
                else:
                    entry = Entry(**asdict(entry) | {"path": None})
                done.entries.append(entry)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    done.removed = _remove_others(place, {entry.path for entry in done.entries if entry.path})
    return done


def _with_true_sheets(home: Home, file: findings.File, receipt: raw.Receipt) -> findings.File:
    """The release hides whom a sheet is named after; the workbook is for those who named it."""
    names = [str(sheet["name"]) for sheet in receipt.sheets]
    if all(finding.sheet in names for finding in file.findings if finding.sheet):
        return file
    key = load_key(home)
    return replace(
        file,
        findings=tuple(
            replace(finding, sheet=hiding.revealed(finding.sheet, names, key)) if finding.sheet else finding
            for finding in file.findings
        ),
    )


def _make(job: book.Job, target: Path, work: Path) -> bool:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = work / "fresh.xlsx"
    if not book.make(job, fresh, work):
        return False
    fresh.replace(target)
    return True


def _entry(file: findings.File, receipt: raw.Receipt, made_of: str, path: str | None) -> Entry:
    counts: dict[str, int] = {}
    for _, severity, count in file.counts:
        counts[severity] = counts.get(severity, 0) + count
    return Entry(
        feed=file.feed,
        sha256=file.sha256,
        submitter=receipt.submitter or "-",
        file_name=receipt.file_name,
        state=file.state,
        reason=file.reason,
        rows_read=file.rows_read,
        rows_accepted=file.rows_accepted,
        rows_quarantined=file.rows_quarantined,
        rows_superseded=file.rows_superseded,
        findings=counts,
        received_at=file.received_at.isoformat(),
        path=path,
        made_of=made_of,
    )


def _id(file: findings.File | raw.Receipt) -> str:
    return f"{file.feed}/{file.sha256}"


def _names(home: Home) -> dict[str, str]:
    """File → path of its workbook: ``<submitter>/<stem>.xlsx``, for the first file of that stem; the others add a hash.

    All files that ever arrived count, so that no name changes when another file comes or goes.
    """
    taken: set[str] = set()
    names: dict[str, str] = {}
    for receipt in sorted(raw.receipts(home), key=lambda one: (one.received_at, one.file_name, one.sha256)):
        if receipt.feed not in contracts():
            continue
        path = PurePosixPath(receipt.file_name)
        stem = (
            mask(path.name.split(".")[0] if path.suffix == ".gz" else path.stem)[:_LONGEST_STEM].strip(" .") or "berkas"
        )
        folder_name = mask(receipt.submitter) if receipt.submitter else NOBODY
        name = f"{folder_name}/{stem}.xlsx"
        if name.casefold() in taken:
            name = (
                f"{folder_name}/{stem} ~{receipt.sha256[:6].translate(str.maketrans('0123456789', 'ghijklmnop'))}.xlsx"
            )
        taken.add(name.casefold())
        names[_id(receipt)] = name
    return names


def _digest(file: findings.File, max_rows: int) -> str:
    told = json.dumps([asdict(file), max_rows, _code()], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


@cache
def _code() -> str:
    """Changes with the rules and with the code that writes workbooks or reads what they are made of."""
    digest = hashlib.sha256(SEED.read_bytes())
    for source in sorted([*_PACKAGE.glob("*.py"), *(_PACKAGE.parent / "reading").glob("*.py")]):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _known(place: Path) -> dict[str, Entry]:
    try:
        listed: list[dict[str, Any]] = json.loads((place / LIST).read_text("utf-8"))
        entries = [Entry(**entry) for entry in listed]
    except (OSError, ValueError, TypeError):
        return {}  # never written, or by other code: everything is made anew
    return {f"{entry.feed}/{entry.sha256}": entry for entry in entries}


def _write_list(place: Path, entries: list[Entry]) -> None:
    write_whole(place / LIST, json.dumps([asdict(entry) for entry in entries], ensure_ascii=False, indent=1))


def _remove_others(place: Path, wanted: set[str]) -> int:
    removed = 0
    for path in sorted(place.glob("*/*.xlsx")):
        if path.relative_to(place).as_posix() not in wanted:
            path.unlink()
            removed += 1
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    return removed
