"""Printed figures → exact decimal text. Nothing passes through binary floating point on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from pilar.reading.model import Value

Mark = Literal[".", ","]
ThreeDigits = Literal["group", "decimal", "unknown"]

MISSING = frozenset(
    {"", "-", "–", "—", ".", "..", "...", "....", "…", "na", "n/a", "n.a", "n.a.", "nan", "null", "none"}
)
"""Marks of BPS (and of spreadsheets) for "no figure"."""

_NOTE_MARK = re.compile(r"(?:\s*(?:\*+\)?|\d\)|[¹²³⁴⁵]|(?<=[\d*) ])[abcderx]\)?))+$")
"""Marks of notes and of provisional or revised figures: ``*)``, ``1)``, ``a``, ``r)``."""
_SHAPE = re.compile(r"[+-]?\d[\d.,]*|[+-]?[.,]\d+")
_SPACED_GROUPS = re.compile(r"(?<=\d)[ '](?=\d{3}(?!\d))")


def printed(value: Value) -> str:
    """A cell as text. Spreadsheet numbers carry 15 significant digits: ``530654.8200000001`` is ``530654.82``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return _plain(Decimal(format(value, ".15g")))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != datetime.min.time() else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(str(value).replace("\u00a0", " ").split())


def is_missing(value: Value) -> bool:
    """Whether a cell says "no figure" (blank, ``...``, ``-``, ``NA``)."""
    return printed(value).casefold() in MISSING


def is_number(value: Value) -> bool:
    """Whether a cell is a figure, under whichever decimal mark."""
    if isinstance(value, bool | date):
        return False
    return isinstance(value, int | float) or (value is not None and _is_number(printed(value)))


@lru_cache(maxsize=65536)
def _is_number(text: str) -> bool:
    return bool(_SHAPE.fullmatch(_bare(text)))


def decimal_mark(values: Iterable[Value]) -> Mark | None:
    """The decimal mark that a table's text figures show; ``None`` when nothing does, or both but for a stray in ten."""
    votes = {".": 0, ",": 0}
    for value in values:
        if isinstance(value, str) and is_number(value):
            shown = _shown_mark(_bare(printed(value)))
            if shown and decimal_text(value):
                votes[shown] += 1
    strays, most = sorted(votes.values())
    if strays * 10 > most or not most:
        return None
    return "." if votes["."] == most else ","


def decimal_text(value: Value, mark: Mark | None = None, three_digits: ThreeDigits = "unknown") -> str | None:
    """The figure with a decimal point and no separators, digit for digit; ``None`` when it cannot be read.

    A figure whose own shape shows its mark (``7.56``, ``1.234,5``) is read by it. Only ``1.234`` needs to be
    told: by ``mark`` (what the table shows) and by ``three_digits`` (what the indicator can be), if they agree.
    """
    if not is_number(value):
        return None
    text = _bare(printed(value))
    if isinstance(value, int | float):
        return text
    separators = set(text) & {".", ","}
    if not separators:
        return text.lstrip("+")
    own = _shown_mark(text)
    if own is None and len(separators) == 1:
        (separator,) = separators
        by_kind = {"decimal": _as_mark(separator), "group": _other(separator)}.get(three_digits)
        own = (mark or by_kind) if by_kind in (mark, None) or mark is None else None
    return _with_mark(text, own) if own else None


def _as_mark(separator: str) -> Mark:
    return "." if separator == "." else ","


def _other(separator: str) -> Mark:
    return "," if separator == "." else "."


def _bare(text: str) -> str:
    """Without the apostrophe of a number kept as text, ``Rp``, ``%``, blanks between groups and note marks."""
    text = re.sub(r"^Rp\.?\s*", "", text.lstrip("'\u2019"), flags=re.IGNORECASE)
    text = _NOTE_MARK.sub("", text)
    return _SPACED_GROUPS.sub("", text.removesuffix("%").strip())


def _shown_mark(text: str) -> Mark | None:
    """The decimal mark that a figure's own shape shows."""
    separators = [character for character in text if character in ".,"]
    if not separators:
        return None
    last = separators[-1]
    if len(set(separators)) == 2:
        return _as_mark(last) if separators.count(last) == 1 else None
    if len(separators) > 1:
        return _other(last)
    head, _, tail = text.lstrip("+-").partition(last)
    grouped = len(tail) == 3 and 1 <= len(head) <= 3 and not head.startswith("0")
    return None if grouped else _as_mark(last)


def _with_mark(text: str, mark: Mark) -> str | None:
    whole, _, fraction = text.lstrip("+").partition(mark)
    sign = "-" if whole.startswith("-") else ""
    groups = whole.removeprefix("-").split(_other(mark))
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        return None
    if not (fraction.isdigit() or fraction == ""):
        return None
    digits = "".join(groups) or "0"
    return f"{sign}{digits}.{fraction}" if fraction else sign + digits


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def scaled(text: str, factor: Decimal) -> str:
    """A figure in another unit, exactly: ``4188810`` people are ``4188.81`` thousand."""
    return _plain(Decimal(text) * factor)
