"""A typed cell → its one canonical text."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from pilar.reading.model import Value

BLANKS = (
    " \t\r\n\v\f\u00a0\u2007\u202f\u200b\u200c\u200d\u2060\ufeff"
    "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""What a cell may have around its text without meaning it: blanks, no-break and zero-width ones, marks of direction."""

REPLACEMENT = "\ufffd"
"""Stands for what no text can hold: NUL, bytes that mean nothing, halves of surrogate pairs."""

_PAGE = 4000
NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def text_of(value: Value) -> str | None:
    """Canonical text: ISO dates, whole floats without ``.0``, no exponent; ``None`` for an empty cell.

    Text stays as it is save for :data:`BLANKS` around it and what no text can hold. ``NaN`` and the infinities are
    their names: no number, and not nothing either.
    """
    if isinstance(value, str):
        return printable(value).strip(BLANKS) or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    return _moment(value)


def printable(text: str) -> str:
    """The text with U+FFFD for NUL and for halves of surrogate pairs, so that no such value passes for a good one."""
    if "\0" in text:
        text = text.replace("\0", REPLACEMENT)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def visible(name: str) -> str:
    """A name as one line that shows what is in it: ``\\n`` for a line end, ``\\u202e`` for a mark of direction."""
    if name.isprintable():
        return name
    return "".join(letter if _is_seen(letter) else letter.encode("unicode_escape").decode() for letter in name)


def _is_seen(letter: str) -> bool:
    return letter.isprintable() or unicodedata.category(letter) == "Zs"  # a no-break blank is a blank


def is_number(value: Value) -> bool:
    """Whether the cell arrived as a number, which has 15 digits at most and no leading zeros."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def key(text: str | None) -> str:
    """What is compared of a header or label: its letters and digits in capitals. No name is longer than a page."""
    return NOT_ALPHANUMERIC.sub("", text[:_PAGE]).upper() if text else ""


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: date | time | timedelta) -> str:
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="seconds")
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
