"""Deliveries that skip the readers: rows of a contract's columns become a content of ``raw/`` at once.

What lies in ``raw/`` afterwards is what :func:`pilar.landing.ingest` leaves there, but no reader could read its bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from pilar import raw
from pilar.config import Home
from pilar.contracts import contract
from pilar.reading.output import schema


@dataclass(frozen=True)
class File:
    """A landed file: what it is called, when it was last modified (UTC), and its rows as text by column.

    ``controls`` are its control lines by the contract's name. The first row of ``rows`` is row 2 of the file, unless
    rows give their ``source_row`` (cells of one row of a table are rows of the feed).
    """

    feed: str
    name: str
    modified: datetime
    rows: Sequence[Mapping[str, str | int]]
    controls: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Equal for equal content, whatever the name; as of real bytes."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def content(self) -> bytes:
        """What stands for the bytes that a sender would have sent."""
        told = [self.feed, [sorted(row.items()) for row in self.rows], sorted(self.controls.items())]
        return json.dumps(told).encode()


def deliver(home: Home, file: File) -> None:
    """Put the file into the home's ``raw/``: a new content, or one more arrival of a known one."""
    place = raw.folder(home, file.feed, file.sha256)
    arrival = raw.ArrivalLine(
        file_name=file.name,
        submitter=None,
        delivered_at=file.modified,
        received_at=file.modified,
        size=len(file.content),
        mtime_ns=int(file.modified.timestamp() * 1_000_000_000),
    )
    if not place.is_dir():
        place.mkdir(parents=True)
        (place / raw.RECEIPT).write_text(_receipt(file).model_dump_json(), "utf-8")
        (place / "original.json").write_bytes(file.content)
        pq.write_table(_table(file), place / raw.ROWS)
    with (place / raw.ARRIVALS).open("a", encoding="utf-8") as lines:
        lines.write(arrival.model_dump_json() + "\n")


def _receipt(file: File) -> raw.Receipt:
    controls = [
        raw.ControlValue(name=name, value=value, sheet="", source_row=len(file.rows) + 2 + number)
        for number, (name, value) in enumerate(file.controls.items())
    ]
    return raw.Receipt(
        feed=file.feed,
        sha256=file.sha256,
        size=len(file.content),
        file_name=file.name,
        submitter=None,
        delivered_at=file.modified,
        received_at=file.modified,
        state="read",
        rows_read=len(file.rows),
        controls=controls,
        reader_version=raw.reader_version(file.feed),
    )


def _table(file: File) -> pa.Table:
    known = schema(contract(file.feed))
    unknown = {name for row in file.rows for name in row} - set(known.names)
    if unknown:
        raise KeyError(f"{file.feed} has no columns {sorted(unknown)}")
    sha256 = file.sha256
    provenance = ({"sheet": "", "source_row": number, "file_sha256": sha256} for number in range(2, 1 << 31))
    return pa.Table.from_pylist([{**place, **row} for row, place in zip(file.rows, provenance, strict=False)], known)
