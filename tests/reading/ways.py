"""The ways through a text file, each forced over the same bytes: whole blocks, columns, rows one by one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq

from pilar.config import Limits
from pilar.contracts import contract
from pilar.reading import archives, reader, stream, text
from pilar.reading.model import Rejected
from pilar.reading.stream import _Reading

Way = dict[str, Callable[..., Any]]


def _not_whole(*_: Any) -> None:
    return None


def _none_fast(_: _Reading, lines: pa.Array) -> tuple[pa.Array, dict[str, pa.Array]]:
    return pa.repeat(False, len(lines)), {}


WAYS: dict[str, Way] = {
    "whole blocks where they are plain": {},
    "by columns": {"_whole": _not_whole},
    "rows one by one": {"_whole": _not_whole, "_fast": _none_fast},
}


LARGEST = 200_000
"""Bytes of text, unpacked: rows one by one take a second for each half a megabyte."""


def is_text(content: bytes, name: str, feed: str, limits: Limits) -> bool:
    """Whether the file holds nothing but text with rows of a contract, and not too much of it."""
    if contract(feed).reader == "figures":
        return False
    with TemporaryDirectory() as folder:
        path = Path(folder) / "landed"
        path.write_bytes(content)
        try:
            found = archives.members(path, name, limits, Path(folder) / "work")
        except Rejected:
            return False
        size = sum(member.path.stat().st_size for member in found)
        return size <= LARGEST and all(member.format == "text" for member in found)


def outcomes(content: bytes, name: str, feed: str, limits: Limits, *, chunk: int | None = None) -> dict[str, Any]:
    """What each way makes of the bytes: its rows and what is told of them, or the refusal.

    ``chunk`` bytes are taken at a time; blocks end elsewhere with another size.
    """
    found: dict[str, Any] = {}
    for way, forced in WAYS.items():
        with TemporaryDirectory() as folder, ExitStack() as stack:
            for method, instead in forced.items():
                stack.enter_context(patch.object(stream._Reading, method, instead))
            stack.enter_context(patch.object(text, "CHUNK_BYTES", chunk or text.CHUNK_BYTES))
            path, rows = Path(folder) / "landed", Path(folder) / "rows.parquet"
            path.write_bytes(content)
            try:
                reading = reader.read(
                    path,
                    contract(feed),
                    file_name=name,
                    sha256="f" * 64,
                    limits=limits,
                    rows_to=rows,
                    work=Path(folder) / "work",
                )
            except Rejected as refusal:
                found[way] = (refusal.rule_code, refusal.detail_id, refusal.detail_en)
            else:
                found[way] = (pq.read_table(rows).to_pylist(), reading.sheets, reading.controls)
    return found


def check_agree(content: bytes, name: str, feed: str, limits: Limits, *, chunk: int | None = None) -> int:
    """The rows, of which there are as many whichever way. :raises AssertionError: two ways say different things"""
    (first, said), *others = outcomes(content, name, feed, limits, chunk=chunk).items()
    for way, also in others:
        if said == also:
            continue
        differing = [left for left, right in zip(said[0], also[0], strict=False) if left != right][:1]
        raise AssertionError(f"{first!r} and {way!r} differ: {differing or (said[1:], also[1:])}")
    return len(said[0]) if isinstance(said[0], list) else 0
