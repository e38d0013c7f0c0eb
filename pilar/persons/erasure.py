"""``pilar forget``: a person goes out of ``raw/``, ``landing/`` and all that is made of them; the money stays.

Each row that speaks of the person keeps its place, its amount and its state, with :mod:`substitutes
<pilar.persons.substitutes>` in the place of personal values. The original bytes of the files that held such rows are
deleted, and their other rows stay as they were read. ``raw/forgotten.jsonl`` keeps one line for each erasure: when, at
whose word, how much, and keyed digests by which a file that lands later is known to bring the person back.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pilar import landing, raw
from pilar.config import Home
from pilar.disk import sync
from pilar.persons import search
from pilar.persons.rows import FEEDS, Row, find, rows_of
from pilar.persons.substitutes import account, digits, erased, token
from pilar.privacy import load_key
from pilar.recovery import warehouse
from pilar.rules import rule


class CannotForget(RuntimeError):
    """Nothing was erased; the message says what to do first."""


@dataclass(frozen=True)
class Forgotten:
    """How much was erased: rows, files of ``raw/`` they stood in, files of ``landing/``. ``shared``: numbers and names
    that others state too and that stay in the others' rows."""

    rows: int
    contents: int
    landed: int
    shared: int


def forget(home: Home, nik: str, *, by: str) -> Forgotten:
    """Erase a person from raw/, landing/, the warehouse and the restricted reports. Hold the night's lock.

    Releases follow when the next one is published (:func:`remove_releases`). Safe to repeat, after a crash too. Raises
    :class:`CannotForget` while files wait in landing/ (nobody knows yet what they hold), or when nothing is held.
    """
    waiting = landing.scan(home)
    if waiting.items or waiting.waiting:
        count = len(waiting.items) + len(waiting.waiting)
        raise CannotForget(
            f"{count} berkas di landing/ belum diambil; jalankan `pilar run` dahulu. / "
            f"{count} files of landing/ have not been taken yet; run `pilar run` first."
        )
    found = find(home, nik)
    needles = search.needles(found.own())
    places = found.places()
    spoken = [one for one in raw.receipts(home) if (one.feed, one.sha256) in places or _holds(home, one, needles)]
    if not spoken:
        raise CannotForget("Tidak ada data tentang orang ini. / Nothing is held on this person.")
    key = load_key(home)
    marks = {_mark(key, "nik", found.nik)}
    marks |= {_mark(key, "account", number) for number in found.accounts - found.shared}
    marks |= {_mark(key, "bpjs_no", number) for number in found.members - found.shared}
    done = Forgotten(len(found.rows), len(spoken), _landed(home, spoken), len(found.shared))
    _note(home, {"at": datetime.now(UTC).isoformat(), "by": by, "marks": sorted(marks)} | vars(done))
    # What a crash left of an earlier erasure lies in landing/ still, though raw/ no longer tells whom it speaks of.
    _landed(home, [*spoken, *(one for one in raw.receipts(home) if one.erased_at is not None)], remove=True)
    order = {feed: place for place, feed in enumerate(FEEDS, start=1)}
    for receipt in sorted(spoken, key=lambda one: order.get(one.feed, 0)):
        _erase(home, receipt, places.get((receipt.feed, receipt.sha256), set()), key)
    _remove_accounts(home, needles)
    for left in (home.restricted, home.spill, home.raw / ".incoming"):
        shutil.rmtree(left, ignore_errors=True)
    warehouse.discard(home)
    home.make()
    return done


def forget_again(home: Home, feed: str, rows: Path) -> bool:
    """Put substitutes into freshly read ``rows`` where they speak of people who were erased; whether there were any.

    What tells them is a NIK, an account or a member number; a name alone tells nobody.
    """
    if feed not in FEEDS or not (home.raw / raw.FORGOTTEN).is_file():
        return False
    key, marks = load_key(home), {mark for line in notes(home) for mark in line["marks"]}
    known: dict[tuple[str, str], bool] = {}

    def is_marked(kind: str, value: str) -> bool:
        if value and (kind, value) not in known:
            known[kind, value] = _mark(key, kind, value) in marks
        return bool(value) and known[kind, value]

    def speaks(row: Row) -> bool:
        nik = digits(row.cells.get("nik"))
        if len(nik) == 16:
            return is_marked("nik", nik)
        return is_marked("account", account(row.cells.get("account_no"))) or is_marked(
            "bpjs_no", digits(row.cells.get("bpjs_no"))
        )

    places = {(row.sheet, row.source_row) for row in rows_of(rows, feed, "") if speaks(row)}
    if places:
        _substitute(rows, rows, places, key)
    return bool(places)


def notes(home: Home) -> list[dict[str, Any]]:
    """The lines of the record, oldest first. They name no person."""
    path = home.raw / raw.FORGOTTEN
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


def remove_releases(home: Home) -> list[str]:
    """Remove the releases that were built before the last erasure, but the one that readers have; their ids.

    Called after each publication, so that one that a gate held back only comes later.
    """
    from pilar import publish as releases

    told, now = notes(home), releases.current(home)
    if not told or now is None:
        return []
    last = datetime.fromisoformat(told[-1]["at"]).strftime("%Y%m%dT%H%M%SZ")
    if now.release_id < last:
        return []
    return releases.remove(home, [name for name in releases.releases(home) if name < last])


def _erase(home: Home, receipt: raw.Receipt, places: set[tuple[str, int]], key: bytes) -> None:
    """The receipt says first that no bytes are kept, so nothing reads the old rows again from them after a crash."""
    place, rows = raw.folder(home, receipt.feed, receipt.sha256), raw.rows_path(home, receipt)
    if receipt.state == "rejected":  # its reason may quote what stood in the place of a header
        general = rule(receipt.rule_code or "")
        receipt = receipt.model_copy(update={"reason_id": general.message_id, "reason_en": general.message_en})
    if places:
        with raw.incoming(home) as work:
            fresh = work / raw.ROWS
            _substitute(rows, fresh, places, key)
            told = raw.with_digest(receipt, fresh)
            raw.write_receipt(place, told.model_copy(update={"erased_at": datetime.now(UTC)}))
            raw.replace_rows(place, fresh)
    else:
        raw.write_receipt(place, receipt.model_copy(update={"erased_at": datetime.now(UTC)}))
    for original in place.glob("original*"):
        original.unlink()
    sync(place)


def _substitute(rows: Path, target: Path, places: set[tuple[str, int]], key: bytes) -> None:
    """Write ``rows`` to ``target`` with substitutes at these places; one row group in memory at a time."""
    draft = target.with_name(f".{target.name}.part")
    with pq.ParquetFile(rows) as source, pq.ParquetWriter(draft, source.schema_arrow, compression="zstd") as writer:
        for group in range(source.num_row_groups):
            writer.write_table(_substituted(source.read_row_group(group), places, key))
    sync(draft)
    draft.replace(target)


def _substituted(table: pa.Table, places: set[tuple[str, int]], key: bytes) -> pa.Table:
    at = [
        number
        for number, place in enumerate(zip(table["sheet"].to_pylist(), table["source_row"].to_pylist(), strict=True))
        if place in places
    ]
    if not at:
        return table
    personal = [name for name in table.column_names if name in _PERSONAL]
    columns = {name: table[name].to_pylist() for name in personal}
    for number in at:
        told = erased(key, {name: values[number] for name, values in columns.items()})
        for name in personal:
            columns[name][number] = told[name]
    for name in personal:
        place = table.schema.get_field_index(name)
        table = table.set_column(
            place, table.schema.field(place), pa.array(columns[name], table.schema.field(place).type)
        )
    return table


_PERSONAL = frozenset({"nik", "name", "birth_date", "account_no", "account_name", "phone", "bpjs_no", "reason"})


def _mark(key: bytes, kind: str, value: str) -> str:
    return token(key, f"mark {kind}", value)


def _holds(home: Home, receipt: raw.Receipt, needles: Iterable[re.Pattern[bytes]]) -> bool:
    """Whether the stored bytes hold one of these values outside the rows: a title, a sheet that is not read."""
    place = raw.folder(home, receipt.feed, receipt.sha256)
    return any(search.holds(path, needles) for path in place.glob("original*"))


def _remove_accounts(home: Home, needles: Iterable[re.Pattern[bytes]]) -> None:
    """Accounts of nights, messages and logs quote no rows, but a reason may quote a header, and that may be a row."""
    for folder in (home.nights, home.messages, home.dbt, home.airflow / "logs"):
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and search.holds(path, needles):
                path.unlink()


def _landed(home: Home, contents: list[raw.Receipt], *, remove: bool = False) -> int:
    """How many files of landing/ are these contents; they are removed when asked for."""
    known = {(one.feed, one.sha256): one for one in contents}
    count = 0
    for arrival in raw.arrivals(home):
        receipt = known.get((arrival.feed, arrival.sha256))
        base = home.landing if arrival.feed == raw.UNKNOWN else home.landing / arrival.feed
        path = base / arrival.file_name
        if receipt is not None and not path.is_symlink() and raw.is_whole(path, receipt):
            count += 1
            if remove:
                path.unlink()
    return count


def _note(home: Home, line: dict[str, Any]) -> None:
    """Append a line, on disk before anything is erased: a crash must not leave an erasure that nobody knows of."""
    handle = os.open(home.raw / raw.FORGOTTEN, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    sync(home.raw)
