""".json: a list of records, or an answer handed on as it is."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

from pilar.reading import text
from pilar.reading.model import Rejected, Sheet, Value

MAX_BYTES = 256 * 1024**2
"""JSON is parsed whole; a table of this size belongs into a text file."""


def load(path: Path) -> Any:
    """The parsed document. :raises Rejected: FILE_UNREADABLE, FILE_TOO_LARGE"""
    if path.stat().st_size > MAX_BYTES:
        raise Rejected(
            "FILE_TOO_LARGE", "JSON melebihi 256 MiB; kirim sebagai .csv.", "JSON above 256 MiB; send it as .csv."
        )
    raw = path.read_bytes()
    encoding = text.recognise_encoding(path)
    content = codecs.decode(raw[encoding.mark :], encoding.codec, encoding.errors)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Rejected("FILE_UNREADABLE", "JSON tidak utuh.", "The JSON is not well formed.") from error


def records(document: Any, name: str) -> Sheet:
    """A list of objects, or an object with one such list, as a grid: keys first, then one row a record.

    Row ``i`` of the grid (0-based, the keys being row 0) is record ``i``.
    :raises Rejected: FILE_NO_HEADER, FILE_NO_ROWS
    """
    listed = _list_of_objects(document)
    if listed is None:
        raise Rejected(
            "FILE_NO_HEADER",
            "JSON harus berupa daftar objek, atau objek dengan satu daftar objek.",
            "The JSON must be a list of objects, or an object with one list of objects.",
        )
    if not listed:
        raise Rejected("FILE_NO_ROWS", "Daftar objek kosong.", "The list of objects is empty.")
    keys = list(dict.fromkeys(key for record in listed for key in record))
    header: list[Value] = list(keys)
    return Sheet(name, [header, *([_value(record.get(key)) for key in keys] for record in listed)])


def _list_of_objects(document: Any) -> list[dict[str, Any]] | None:
    candidates = [document] if isinstance(document, list) else []
    if isinstance(document, dict):
        candidates = [value for value in document.values() if isinstance(value, list)]
        candidates = [value for value in candidates if value and _all_objects(value)] or candidates
    if len(candidates) != 1 or not _all_objects(candidates[0]):
        return None
    return candidates[0]


def _all_objects(items: list[Any]) -> bool:
    return all(isinstance(item, dict) for item in items)


def _value(value: Any) -> Value:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return json.dumps(value, ensure_ascii=False)
