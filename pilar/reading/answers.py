""".json: a list of records, or an answer handed on as it is."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import Any

from pilar.config import Limits
from pilar.reading import text
from pilar.reading.bounds import too_large
from pilar.reading.cells import printable
from pilar.reading.model import Rejected, Sheet, Value

_UNPRINTABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""Escapes that may stand for NUL or half of a surrogate pair: JSON can say what no text can hold."""


def load(path: Path, limits: Limits) -> Any:
    """The parsed document; what no text can hold is U+FFFD in it, ``NaN`` and the infinities are their names.

    :raises Rejected: FILE_UNREADABLE, FILE_TOO_LARGE; FILE_AMBIGUOUS_HEADER for an object with one name twice
    """
    size = path.stat().st_size
    if size > limits.max_json_bytes:
        what = f"JSON {size:,} byte"
        raise too_large(limits, "max_json_bytes", f"{what}; .csv boleh lebih besar", f"{what}s; .csv may be larger")
    raw = path.read_bytes()
    encoding = text.recognise_encoding(path)
    content = codecs.decode(raw[encoding.mark :], encoding.codec, encoding.errors)
    try:
        document = json.loads(content, parse_constant=str, object_pairs_hook=_object)
        return _printable(document) if _UNPRINTABLE.search(content) else document
    except (ValueError, RecursionError) as error:
        raise Rejected("FILE_UNREADABLE", "JSON tidak utuh.", "The JSON is not well formed.") from error


def records(document: Any, name: str, limits: Limits) -> Sheet:
    """A list of objects, or an object with one such list, as a grid: keys first, then one row a record.

    Row ``i`` of the grid (0-based, the keys being row 0) is record ``i``.
    :raises Rejected: FILE_NO_HEADER, FILE_NO_ROWS, FILE_TOO_LARGE
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
    if len(keys) > limits.max_columns:
        raise too_large(limits, "max_columns", f"{len(keys):,} nama kolom", f"{len(keys):,} names of columns")
    if len(keys) * len(listed) > limits.max_sheet_cells:
        area = f"{len(listed):,} × {len(keys):,}"
        raise too_large(limits, "max_sheet_cells", f"{area} sel", f"{area} cells")
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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; one that says two different things under one name is refused, for one of them would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs) and any(found[name] != value for name, value in pairs):
        raise Rejected(
            "FILE_AMBIGUOUS_HEADER",
            "Ada objek yang memakai satu nama dua kali dengan isi berbeda.",
            "An object has one name twice with different content.",
        )
    return found


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {printable(name): _printable(item) for name, item in value.items()}
    return value


def _value(value: Any) -> Value:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return json.dumps(value, ensure_ascii=False)
