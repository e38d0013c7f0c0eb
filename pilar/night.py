"""The night, step by step. A DAG or ``pilar run`` only says in what order the steps are called.

Steps hand facts on through files: each writes ``nights/<night_id>/<step>.json``, so a step can be looked at, repeated
or run by another process. Every step returns what it wrote: ``step``, ``status`` (ok, held, skipped, failed),
``seconds``, ``message`` and its own facts. A step that breaks writes ``failed`` and raises.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pilar import build as dbt_build
from pilar import disk, duck, held, items, landing, locks, processes, raw, verify
from pilar import load as raw_load
from pilar import publish as releases
from pilar.config import DISPLAY_ZONE, Home, limits
from pilar.persons import erasure
from pilar.privacy import modes
from pilar.privacy.told import fit_to_tell, told
from pilar.recovery import warehouse
from pilar.rules import rule
from pilar.showing import mask

Facts = dict[str, Any]
STEPS = ("load", "gate_arrivals", "build", "gate_candidate", "publish", "report")
"""Steps after the files are in raw/, in order."""

_INGESTED = ("feed", "file_name", "outcome", "rows_read", "rule_code")

_ID = "%Y%m%dT%H%M%SZ"

_BEGUN = "build.begun"
"""Lies beside the accounts of a night from the first try of its build on, until it loads again."""

STEP_WAIT_SECONDS = 600.0
"""How long a step waits for a night, or a command, that works on the home."""

EXIT_CODES = {"published": 0, "unchanged": 0, "held": 3, "failed": 1}


class NightRunning(Exception):
    """Another process runs a night over this home."""


class NightOvertaken(Exception):
    """A newer night has begun over this home: what is left of this one is that one's."""


class BrokenAccount(Exception):
    """What a step wrote cannot be read; no step guesses what the one before it did."""


@contextmanager
def alone(home: Home, *, wait_seconds: float = 0, shared: bool = False) -> Iterator[int]:
    """Hold the night's lock: one night at a time over one home. The lock goes with the process; gives its descriptor.

    ``shared``: beside others that share it. Raises :class:`NightRunning`.
    """
    home.make()
    with ExitStack() as stack:
        try:
            descriptor = stack.enter_context(locks.hold(_lock(home), shared=shared, wait_seconds=wait_seconds))
        except locks.Locked:
            raise NightRunning(f"another night is running over {home.root}; wait for it or end it") from None
        yield descriptor


@contextmanager
def _guarded(home: Home, *, shared: bool = False) -> Iterator[None]:
    """The night's lock for one step, unless it is held for the whole night. Airflow's steps are processes of their own,
    so each waits for whoever works on the home meanwhile: another night, a backup, an erasure."""
    if locks.is_held(_lock(home)):
        yield
    else:
        with alone(home, shared=shared, wait_seconds=STEP_WAIT_SECONDS):
            yield


def _lock(home: Home) -> Path:
    return home.root / "night.lock"


def _quiet(_: Facts) -> None:
    """Nobody listens."""


def run(home: Home, *, force: bool = False, tell: Callable[[Facts], None] = _quiet) -> Facts:
    """A whole night without an orchestrator; returns what :func:`conclude` returns. ``tell`` hears each step."""
    with alone(home):
        return run_locked(home, force=force, tell=tell)


def run_locked(home: Home, *, force: bool = False, tell: Callable[[Facts], None] = _quiet) -> Facts:
    """:func:`run` for who holds the night's lock already."""
    plan = begin(home, force=force)
    tell(plan)
    night_id = plan["night_id"]
    try:
        if not plan["unchanged"]:
            with dbt_build.ahead(home, night_date=date.fromisoformat(plan["day"])):
                for facts in ingest_all(home, night_id, plan["items"]):
                    tell(facts)
                for work in (load, gate_arrivals, build, gate_candidate, publish, report):
                    tell(work(home, night_id))
    except Exception as error:
        # The broken step has written its own account; the morning's answer must still be given.
        tell(_failure("night", time.monotonic(), error))
        _report_quietly(home, night_id)
    return conclude(home, night_id)


@contextmanager
def _fit() -> Iterator[None]:
    """What is raised goes into logs and Airflow's metadata: it says no more than it may."""
    try:
        yield
    except Exception as error:
        raise fit_to_tell(error) from None


@_fit()
def begin(home: Home, night_id: str | None = None, *, force: bool = False) -> Facts:
    """Look at what landed and decide whether there is anything to do.

    ``unchanged`` means: no new file, no receipt read by older code, the release already holds every arrival and
    was built by this code, and no waiver has run out since. Then the night touches nothing.
    """
    with _guarded(home):
        return _begin(home, night_id, force=force)


def _begin(home: Home, night_id: str | None, *, force: bool) -> Facts:
    started = time.monotonic()
    closed = modes.close(home.make())
    duck.sweep(home)
    swept = raw.sweep(home) + disk.sweep(home)
    now = datetime.now(UTC)
    night_id = night_id or _new_id(home, now)
    day = now.astimezone(DISPLAY_ZONE).date()
    late = night_id > now.strftime(_ID)
    folder = _folder(home, night_id)
    checked = verify.check(home, day=day)
    found = landing.scan(home, limits())
    taken = [items.item_of(home, file) for file in found.items]
    broken = [one.key for one in checked.damage]
    stale = [one.sha256 for one in raw.outdated(home) if f"{one.feed}/{one.sha256}" not in broken]
    unchanged = not (force or taken or stale) and _stands(home, day)
    plan: Facts = {
        "step": "plan",
        "status": "ok",
        "night_id": night_id,
        "day": day.isoformat(),
        "swept": swept,
        "items": taken,
        "stale": stale,
        "waiting": [{key: _masked(value) for key, value in asdict(waiting).items()} for waiting in found.waiting],
        "damaged": broken,
        "mended": checked.mended,
        "closed": closed,
        "unchanged": unchanged,
        "seconds": round(time.monotonic() - started, 3),
        "message": "; ".join(
            [
                "nothing new" if unchanged else f"{len(taken)} new files, {len(found.waiting)} waiting",
                *([f"{len(broken)} stored files damaged: see `pilar verify`"] if broken else []),
                *([f"{len(checked.mended)} stored files mended"] if checked.mended else []),
                *closed,
                *(["the clock was put back: this night is numbered after the newest one"] if late else []),
            ]
        ),
    }
    if not unchanged:
        try:
            disk.require(disk.room(home, _to_take(found.items), spare=limits().spare_bytes), home)
        except disk.NoRoom as error:
            _write_if_possible(folder / "plan.json", plan | _failure("plan", started, error))
            raise
    _write(folder / "plan.json", plan)
    return plan


@_fit()
def ingest(home: Home, night_id: str, item: Facts) -> Facts:
    """Take one landing file into raw/. A broken file is a result, not a failure; opens no warehouse."""
    started = time.monotonic()
    file = items.file_of(home, item)
    target = _folder(home, night_id) / "ingest" / f"{items.name_of(item)}.json"
    try:
        with _guarded(home, shared=True):
            taken = landing.ingest(home, file)
    except Exception as error:
        about = {"feed": file.feed, "file_name": mask(file.file_name)}
        _write_if_possible(target, _failure("ingest", started, error) | about)
        raise
    facts: Facts = {
        "step": "ingest",
        "status": "ok",
        **{key: _masked(value) for key, value in asdict(taken).items() if key in _INGESTED},
        **_reasons(taken),
        "seconds": round(time.monotonic() - started, 3),
    }
    facts["message"] = f"{file.feed}/{facts['file_name']}: {facts['outcome']}, {facts['rows_read']} rows" + (
        f" ({facts['rule_code']}: {facts['reason_en']})" if facts["rule_code"] else ""
    )
    if taken.erased:
        facts["message"] += "; it holds people who were erased: remove it from landing/"
    _write(target, facts)
    return facts


def ingest_all(home: Home, night_id: str, found: list[Facts]) -> Iterator[Facts]:
    """Take many files, in as many processes as there are threads allowed."""
    if len(found) < 2:
        yield from (ingest(home, night_id, item) for item in found)
        return
    with ProcessPoolExecutor(
        min(limits().threads, len(found)), initializer=processes.end_with, initargs=(os.getpid(),)
    ) as pool:
        yield from pool.map(ingest, [home] * len(found), [night_id] * len(found), found)


def step(work: Callable[[Home, str], Facts]) -> Callable[[Home, str], Facts]:
    """Wrap a step's work: time it, write its facts, and write its failure before raising it."""
    name = work.__name__

    def wrapped(home: Home, night_id: str) -> Facts:
        started = time.monotonic()
        target = _folder(home, night_id) / f"{name}.json"
        try:
            with _guarded(home):
                _require_newest(home, night_id)
                facts = work(home, night_id)
        except Exception as error:
            warehouse.suspect(home, error)
            if not (isinstance(error, NightOvertaken) and target.exists()):
                _write_if_possible(target, _failure(name, started, error))
            raise fit_to_tell(error) from None
        facts = {"step": name, "status": "ok"} | facts | {"seconds": round(time.monotonic() - started, 3)}
        _write(target, facts)
        return facts

    wrapped.__name__, wrapped.__doc__ = name, work.__doc__
    return wrapped


@step
def load(home: Home, night_id: str) -> Facts:
    """Receipts into the warehouse's raw schema; files that older code read are read again first."""
    stale = set(_read(home, night_id, "plan").get("stale", []))
    for receipt in raw.outdated(home):
        if receipt.sha256 in stale:
            landing.reread(home, receipt)
    verify.check(home)  # what landed tonight may have healed what was damaged
    anew = warehouse.discard_damaged(home)
    loaded = raw_load.load(home, reread=stale, today=_day(home, night_id))
    home.warehouse.chmod(0o600)
    (_folder(home, night_id) / _BEGUN).unlink(missing_ok=True)
    waiting = {feed: files for feed, files in loaded.pending.items() if files}
    new = ", ".join(f"{feed} {files}" for feed, files in waiting.items()) or "none"
    return asdict(loaded) | {
        "code_version": raw_load.code_version(),
        "message": ("the warehouse was damaged and is made anew; " if anew else "")
        + f"{loaded.deliveries} deliveries known; files for staging: {new}",
    }


@step
def gate_arrivals(home: Home, night_id: str) -> Facts:
    """Great Expectations judges what arrived, before anything is modelled."""
    from pilar.quality.gate import judge

    verdict = judge("arrivals", home.warehouse, docs=home.data_docs, night_id=night_id)
    return _verdict(verdict.as_dict(), [])


@step
def build(home: Home, night_id: str) -> Facts:
    """dbt models the marts; what passes its tests is copied into the candidate file."""
    if hold(home, night_id):
        return {"status": "skipped", "message": "arrivals were held"}
    loaded, day = _read(home, night_id, "load"), _day(home, night_id)
    begun = _folder(home, night_id) / _BEGUN
    if begun.exists():  # a try before this one has renewed tables that this one would take for last night's
        loaded |= asdict(raw_load.load(home, today=day))
    begun.touch(mode=0o600)
    full_refresh = bool(loaded["full_refresh"])
    anew = False
    try:
        built = dbt_build.build(home, night_date=day, full_refresh=full_refresh, news=loaded.get("news"))
    except dbt_build.BuildError as error:
        if not warehouse.is_damage(error):
            raise
        anew = full_refresh = True
        warehouse.discard(home)
        raw_load.load(home, today=day)
        built = dbt_build.build(home, night_date=day, full_refresh=True)
    facts = asdict(built)
    if built.failed_tests:
        return facts | {"status": "held", "message": f"dbt tests failed: {', '.join(built.failed_tests)}"}
    raw_load.mark_built(home)
    releases.build_candidate(home, night_id)
    refreshed = "all anew" if full_refresh else "transfers only" if loaded["narrow"] else "only what is new"
    return facts | {
        "state": state(home, night_id),
        "message": ("the warehouse was damaged and is made anew; " if anew else "")
        + f"{built.models} models ({refreshed}), {built.tests} tests passed",
    }


@step
def gate_candidate(home: Home, night_id: str) -> Facts:
    """Great Expectations and the personal-data scan judge the very file that would be published."""
    if hold(home, night_id):
        return {"status": "skipped", "message": "there is no candidate to judge"}
    from pilar.privacy import hiding, scan
    from pilar.quality.gate import judge

    candidate = releases.candidate_path(home, night_id)
    released = home.releases / night_id / candidate.name
    if not candidate.is_file() and released.is_file():
        candidate = released  # run again after its release came to its place
    violations = scan(candidate, home.warehouse)
    hidden = 0 if candidate == released else hiding.learn(home, candidate, violations)
    if hidden:  # a file's name is shown without whom it names
        releases.build_candidate(home, night_id)
        violations = scan(candidate, home.warehouse)
    verdict = judge("candidate", candidate, docs=home.data_docs, night_id=night_id)
    facts = _verdict(verdict.as_dict(), [asdict(violation) for violation in violations])
    if hidden:
        facts["message"] += f"; {hidden} names of files or sheets are shown without whom they name"
    return facts | {"content_digest": releases.content_digest(releases.table_checksums(candidate))}


@step
def publish(home: Home, night_id: str) -> Facts:
    """Flip the name to the candidate, or leave yesterday's release when a gate held."""
    from pilar.privacy import fingerprint, load_key

    if hold(home, night_id):
        now = releases.current(home)
        stays = f"release {now.release_id} stays" if now else "there is no earlier release"
        return {"status": "skipped", "message": f"held; {stays}"}
    judged = _read(home, night_id, "gate_candidate")
    if "content_digest" not in judged:
        raise releases.PublishError(f"nothing has judged the candidate of night {night_id}: run its gate, then this")
    override = _override(home, night_id)
    release = releases.finish(
        home,
        night_id,
        gate_result="overridden" if override else "passed",
        gates=_gates(home, night_id),
        checks=_read(home, night_id, "build")["state"],
        key_fingerprint=fingerprint(load_key(home)),
        scanned=judged["content_digest"],
        override=override,
    )
    pruned = releases.prune(home, limits().keep_releases) + erasure.remove_releases(home)
    rows = releases.row_counts(release.path)
    return {
        "release_id": release.release_id,
        "tables": rows,
        "pruned": pruned,
        "override": override,
        "message": f"release {release.release_id}: {len(rows)} tables, {sum(rows.values())} rows"
        + (f", although held: {len(override['failed'])} broken promises overruled" if override else ""),
    }


@step
def report(home: Home, night_id: str) -> Facts:
    """The stewards' page, from the release and this night's verdicts, and the pages it leads to."""
    from pilar import report as reports
    from pilar import workbooks
    from pilar.dictionary.pages import WRITERS

    beside = [_beside(home, "workbooks", workbooks.write, night_id)]
    beside += [_beside(home, name, write) for name, write in WRITERS.items()]
    broken = [one for one in beside if one]
    page = reports.write(home, night_id)
    return {"broken": broken, "message": "; ".join([f"report at {page}", *broken])}


def _beside(home: Home, name: str, write: Callable[..., object], *given: object) -> str | None:
    """Write pages that the report leads to. What breaks there keeps nobody from the report; it is told by its kind and
    place alone, as the text of an error may quote a cell."""
    try:
        write(home, *given)
    except Exception as error:
        warehouse.suspect(home, error)
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{name} not written: {type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
    return None


@_fit()
def conclude(home: Home, night_id: str) -> Facts:
    """How the night ended, with the operator's summary; never raises for a night that went wrong."""
    from pilar import report as reports

    outcome = reports.read_night(home, night_id).outcome
    if outcome == "unchanged":
        _page_of_today(home, night_id)
    facts: Facts = {
        "step": "conclude",
        "status": "ok",
        "night_id": night_id,
        "outcome": outcome,
        "exit_code": EXIT_CODES[outcome],
        "seconds": 0.0,
        "message": f"night {night_id}: {outcome}",
    }
    facts["text"] = reports.operator_summary(home, night_id)
    _write_if_possible(_folder(home, night_id) / "conclude.json", facts)
    return facts


def hold(home: Home, night_id: str) -> held.Hold:
    """What holds a night now: an answer may have overruled some of it. False when nothing does."""
    steps = {name: _read(home, night_id, name) for name in held.STEPS}
    return held.hold_of(steps).without(held.overruled(held.answers(_folder(home, night_id))))


def check_reason(home: Home, reason: str | None) -> None:
    """Refuse (:class:`~pilar.held.NoAnswer`) a reason that names somebody: it stands in the manifest. Reads the
    warehouse."""
    from pilar.privacy import personal_kinds

    if kinds := personal_kinds(reason or "", home.warehouse):
        raise held.NoAnswer(
            "Alasan tidak boleh memuat data pribadi; tulis tanpa nama atau nomor orang. / "
            f"The reason must name nobody; write it without a person's name or number ({', '.join(kinds)})."
        )


@_fit()
def publish_anyway(home: Home, night_id: str, *, by: str, reason: str) -> Facts:
    """Publish a held night because a person says so; returns what :func:`conclude` returns.

    Overruled are the broken promises that were shown, no others. A night that was held at its arrivals is built and
    judged first; if something new holds it then, it stays held and the answer's ``ended`` says so. Raises
    :class:`~pilar.held.NoAnswer` when it may not be: no name or reason, a reason that names somebody, not held, not the
    newest night, answered already, changed code, personal data, failed dbt tests. Repeatable after a crash.
    """
    shown = _answerable(home, night_id)
    if not shown.may_be_overruled:
        raise held.NoAnswer(" / ".join(shown.obstacle()))
    given = held.answer("publish", by=by, at=datetime.now(UTC), reason=reason, failed=shown.failed)
    if (begun := _begun(home, night_id)) and (begun["by"], begun["reason"]) == (given["by"], given["reason"]):
        given = begun  # carried on after a crash
    check_reason(home, reason)
    if _read(home, night_id, "load").get("code_version") != raw_load.code_version():
        raise held.NoAnswer(
            "Program berubah sejak malam itu; jalankan malam itu lagi. / "
            "The code has changed since that night; run the night again."
        )
    _record(home, night_id, given)
    try:
        if not _read(home, night_id, "gate_candidate").get("content_digest"):
            build(home, night_id)
            gate_candidate(home, night_id)
        publish(home, night_id)
    except Exception:
        _report_quietly(home, night_id, anew=True)
        conclude(home, night_id)
        raise
    _record(home, night_id, given | {"ended": "held" if hold(home, night_id) else "published"})
    report(home, night_id)
    return conclude(home, night_id)


@_fit()
def keep(home: Home, night_id: str, *, by: str | None, reason: str | None = None, timed_out: bool = False) -> Facts:
    """Record that yesterday's release is kept: by a person, or because nobody answered in time. The next night tries
    again. Raises :class:`~pilar.held.NoAnswer` as :func:`publish_anyway` does."""
    shown = _answerable(home, night_id)
    if reason:
        check_reason(home, reason)
    if _begun(home, night_id):
        raise held.NoAnswer(
            f"Malam {night_id} sedang diterbitkan atas jawaban lain. / "
            f"Night {night_id} is being published at another answer's word."
        )
    given = held.answer("keep", by=by, at=datetime.now(UTC), reason=reason, failed=shown.failed, timed_out=timed_out)
    _record(home, night_id, given | {"ended": "kept"})
    report(home, night_id)
    return conclude(home, night_id)


def state(home: Home, night_id: str) -> Facts:
    """What a release depends on, so that the next night can tell whether anything is new."""
    return {
        "night_date": _day(home, night_id).isoformat(),
        "arrivals_digest": arrivals_digest(home),
        "code_version": raw_load.code_version(),
        "waivers_until": dbt_build.waivers_until(home),
        "damaged": [releases.publishable(one.key) for one in verify.damaged(home)],
        "erasures": len(erasure.notes(home)),
    }


def night_date(night_id: str) -> date:
    """The day of the night in Asia/Jakarta, from its id (a UTC time)."""
    return datetime.strptime(night_id[:16], _ID).replace(tzinfo=UTC).astimezone(DISPLAY_ZONE).date()


def _day(home: Home, night_id: str) -> date:
    """The day that the clock said when the night began: its id says another where the clock was put back."""
    said = _read(home, night_id, "plan").get("day")
    return date.fromisoformat(said) if said else night_date(night_id)


def _new_id(home: Home, now: datetime) -> str:
    """The time in UTC, or one second after the newest night or release: their order is that of their names, also where
    the clock was put back or two nights begin within a second."""
    known = [night_id for night_id in (newest(home), *releases.releases(home)[-1:]) if night_id and _is_id(night_id)]
    last = max((datetime.strptime(night_id, _ID).replace(tzinfo=UTC) for night_id in known), default=now)
    return (now if last < now.replace(microsecond=0) else last + timedelta(seconds=1) if known else now).strftime(_ID)


def _is_id(name: str) -> bool:
    try:
        datetime.strptime(name, _ID)  # noqa: DTZ007 (the Z of the format is a letter)
    except ValueError:
        return False
    return True


def _require_newest(home: Home, night_id: str) -> None:
    """Raise :class:`NightOvertaken` when a newer night has something to do: it takes all that this one would."""
    for other in _nights(home):
        if other > night_id and _has_work(home, other):
            raise NightOvertaken(
                f"night {other} began over {home.root} after {night_id}, and does all that was left of it; nothing is "
                "lost, look at that night"
            )


def _has_work(home: Home, night_id: str) -> bool:
    try:
        return _read(home, night_id, "plan").get("unchanged") is False
    except BrokenAccount:
        return True


def _nights(home: Home) -> list[str]:
    return sorted(path.name for path in home.nights.iterdir() if path.is_dir()) if home.nights.is_dir() else []


def newest(home: Home) -> str | None:
    """Id of the newest night on disk."""
    return next(reversed(_nights(home)), None)


def facts_of(home: Home, night_id: str, name: str) -> Facts:
    """What a step of a night wrote; empty when it did not run."""
    return _read(home, night_id, name)


def _stands(home: Home, today: date) -> bool:
    """Whether a release on disk already says what a night would say. After a rollback the newer one counts still:
    an operator who went back must not find the same content published again in the morning. One whose night did
    not come to its report does not count: its name may not have been flipped, and its pages are not written."""
    if releases.current(home) is None:
        return False
    arrivals, code, day = arrivals_digest(home), raw_load.code_version(), today.isoformat()
    broken = [releases.publishable(one.key) for one in verify.damaged(home)]
    return any(
        state.get("arrivals_digest") == arrivals
        and state.get("code_version") == code
        and state.get("damaged", []) == broken
        and state.get("erasures", 0) == len(erasure.notes(home))
        and day <= (state.get("waivers_until") or day)
        and _came_to_its_report(home, name)
        for name in releases.releases(home)
        if (state := _state_of(home, name))
    )


def _state_of(home: Home, release_id: str) -> Facts:
    """What a release depends on, from its manifest; empty where that is gone or damaged."""
    try:
        checks = releases.Release(release_id, home.releases / release_id).manifest()["checks"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return checks if isinstance(checks, dict) else {}


def _came_to_its_report(home: Home, night_id: str) -> bool:
    if not (home.nights / night_id).is_dir():
        return True  # a restored home has no account of its nights
    try:
        published, reported = _read(home, night_id, "publish"), _read(home, night_id, "report")
    except BrokenAccount:
        return False
    return published.get("status") == "ok" == reported.get("status") and not reported.get("broken")


def arrivals_digest(home: Home) -> str:
    """A digest of every name that ever landed and of what it brought."""
    names = sorted(f"{arrival.feed}/{arrival.file_name} {arrival.sha256}" for arrival in raw.arrivals(home))
    return releases.publishable(hashlib.sha256("\n".join(names).encode()).hexdigest())


def _answerable(home: Home, night_id: str) -> held.Hold:
    """What a person answers to: the whole hold of a night that nobody has answered for good."""
    if newest(home) != night_id:
        raise held.NoAnswer(
            f"Malam {night_id} bukan yang terbaru; hanya malam terbaru yang dapat dijawab. / "
            f"Night {night_id} is not the newest; only the newest can be answered."
        )
    given = held.answers(_folder(home, night_id))
    if given and given[-1]["ended"] in {"published", "kept"}:
        raise held.NoAnswer(f"Malam {night_id} sudah dijawab. / Night {night_id} has been answered.")
    shown = held.hold_of({name: _read(home, night_id, name) for name in held.STEPS})
    if not shown:
        raise held.NoAnswer(f"Malam {night_id} tidak ditahan. / Night {night_id} is not held.")
    return shown


def _begun(home: Home, night_id: str) -> Facts | None:
    """An answer that a crash kept from being carried out."""
    return next((one for one in held.answers(_folder(home, night_id)) if not one["ended"]), None)


def _record(home: Home, night_id: str, given: Facts) -> None:
    """Write an answer down. One whose end was never written (a crash) gives way to the one that resumes it."""
    folder = _folder(home, night_id)
    ended = [one for one in held.answers(folder) if one["ended"]]
    _write(folder / held.RECORD, {"night_id": night_id, "answers": [*ended, given]})


def _override(home: Home, night_id: str) -> Facts | None:
    """What the manifest says of the person who overruled the gates; None for a night that passed."""
    if not held.hold_of({name: _read(home, night_id, name) for name in held.STEPS}):
        return None
    last = held.answers(_folder(home, night_id))[-1]
    return {name: last[name] for name in ("by", "at", "reason", "failed")}


def _verdict(verdict: Facts, violations: list[Facts]) -> Facts:
    held = bool(verdict["held"] or violations)
    failed = [result for result in verdict["results"] if not result["success"]]
    critical = [r for r in failed if r["severity"] == "critical"]
    said = [f"{r['table']}.{r['column'] or '*'}: {r['description_en']}" for r in critical]
    said += [f"personal data ({v['kind']}) in {v['table']}.{v['column']}: {v['count']}" for v in violations]
    warned = sum(result["severity"] == "warning" for result in failed)
    count = f"{len(verdict['results'])} expectations, {warned} warnings"
    return verdict | {
        "status": "held" if held else "ok",
        "held": held,
        "violations": violations,
        "message": f"held: {'; '.join(said)}" if held else f"passed: {count}",
    }


def _gates(home: Home, night_id: str) -> list[Facts]:
    gates = [_read(home, night_id, name) for name in ("gate_arrivals", "gate_candidate")]
    return [
        {
            "gate": gate["step"].removeprefix("gate_"),
            "held": gate["held"],
            "expectations": len(gate["results"]),
            "failed": [
                {key: result[key] for key in ("suite", "table", "expectation", "column", "severity")}
                for result in gate["results"]
                if not result["success"]
            ],
        }
        for gate in gates
    ]


def _to_take(files: list[landing.LandingFile]) -> int:
    """Bytes that files of landing will bring: holes bring none, and what is too large is refused unread."""
    taken = (file for file in files if file.size <= limits().max_file_bytes)
    return sum(min(file.size, 512 * file.path.lstat().st_blocks) for file in taken if file.path.exists())


def _reasons(taken: landing.Ingested) -> Facts:
    """Why a file was refused, in the catalogue's words and with the limit that it is above. What is special to it may
    quote a sheet or a header that names somebody: raw/ and, once that was looked at, the release tell it."""
    if not taken.rule_code:
        return {"reason_id": None, "reason_en": None}
    general = rule(taken.rule_code)
    limit = "".join(f" ({name})" for name in re.findall(r"PILAR_MAX_\w+", taken.reason_en or "")[:1])
    return {"reason_id": f"{general.message_id}{limit}", "reason_en": f"{general.message_en}{limit}"}


def _masked(value: object) -> object:
    """A name or a reason may spell a NIK; raw/ alone keeps it whole."""
    return mask(value) if isinstance(value, str) else value


def _failure(name: str, started: float, error: Exception) -> Facts:
    return {
        "step": name,
        "status": "failed",
        "seconds": round(time.monotonic() - started, 3),
        "message": told(error),
    }


def _page_of_today(home: Home, night_id: str) -> None:
    """A quiet night writes no report, but whoever opens the page shall see that it was looked at."""
    from pilar import report as reports

    try:
        reports.write(home, night_id)
    except Exception as error:
        _write_if_possible(_folder(home, night_id) / "page.json", _failure("page", time.monotonic(), error))


def _report_quietly(home: Home, night_id: str, *, anew: bool = False) -> None:
    if anew or not _read(home, night_id, "report"):
        try:
            report(home, night_id)
        except Exception as error:
            _write_if_possible(_folder(home, night_id) / "report.json", _failure("report", time.monotonic(), error))


def _folder(home: Home, night_id: str) -> Path:
    folder = home.nights / night_id
    (folder / "ingest").mkdir(parents=True, exist_ok=True)
    return folder


def _read(home: Home, night_id: str, name: str) -> Facts:
    path = home.nights / night_id / f"{name}.json"
    if not path.exists():
        return {}
    try:
        facts: Facts = dict(json.loads(path.read_bytes()))
    except (ValueError, TypeError):
        raise BrokenAccount(f"{path} is damaged; run the night again") from None
    return facts


def _write_if_possible(path: Path, facts: Facts) -> None:
    """On a full disk an account may not find room, and must not hide what happened."""
    with suppress(OSError):
        _write(path, facts)


def _write(path: Path, facts: Facts) -> None:
    disk.write_whole(path, json.dumps(facts, ensure_ascii=False, indent=1, default=str) + "\n")
