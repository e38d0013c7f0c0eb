"""Records, and what stands around them: titles, blanks, repeated headers, control lines, totals, signatures.

Nothing that could be a record is dropped. A row is skipped only if it is recognisably something else, or if it
stands in the block below the last row that looks like a record; what is skipped is counted by kind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pilar.contracts import Contract
from pilar.reading.cells import key, text_of
from pilar.reading.headers import Layout, Merged
from pilar.reading.model import Control, Value

Kind = Literal["title", "blank", "header", "control", "trailer"]
KINDS: tuple[Kind, ...] = get_args(Kind)

SAMPLE_ROWS = 1000
"""Rows below the header that show how full a record is."""

MAX_TRAILER = 1000
"""Rows that may wait for a decision; a longer run of thin rows is no signature block."""

SUMS = ("jumlah", "total")
TOTAL_WORDS = rf"(?:sub|grand)?[\W_]*(?:{'|'.join(SUMS)})"

_TOTAL = re.compile(rf"[\W_]*{TOTAL_WORDS}\b", re.IGNORECASE)
_NUMBER_LIKE = re.compile(r"[:=\s]*(?:rp\.?|idr)?[\s\d.,-]*(?:orang|jiwa|transaksi|baris|data)?\s*", re.IGNORECASE)
_FOOTER = re.compile(
    r"""\s*(?:
        (?:mengetahui|menyetujui|kepala|ketua|plt|plh|a\.?\s?n|nip|nrp|pembina|penata|ttd|tertanda|dibuat|dicetak|
           sumber|keterangan|catatan|ket|terbilang|bendahara|sekretaris|bupati|wali\s?kota|gubernur|koordinator|
           petugas|halaman|hormat\ kami|note|source)\b
        | [^\d,]{3,40},\s*(?:\d{1,2}[\s/-]*)?(?:[a-z]{3,9}|\d{1,2})?[\s/-]*\d{4}\s*$  # Bojonegoro, 20 November 2023
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_LABEL = 400
"""Letters of a label or a total; a longer text is none, however long a pattern would look for one in it."""
_NIP_DIGITS = 18
"""Digits of a civil servant's number, which stands below a signature and is no record's key."""


@dataclass(frozen=True)
class Row:
    """A row of a sheet; ``number`` is its physical row, from 1."""

    number: int
    cells: Sequence[Value]
    texts: list[str | None]


def row(number: int, cells: Sequence[Value]) -> Row:
    return Row(number, cells, [text_of(cell) for cell in cells])


def threshold(layout: Layout, sample: Sequence[Sequence[Value]]) -> int:
    """Filled contract columns from which a row surely is a record: half of the fullest in the sample, at least 2."""
    mapped = sorted(set(layout.columns.values()))
    fullest = max(
        (sum(1 for at in mapped if at < len(cells) and text_of(cells[at])) for cells in sample[:SAMPLE_ROWS]),
        default=0,
    )
    return max(2, -(-fullest // 2))


class Sorter:
    """Takes the rows of one sheet in their order and gives the records back, as soon as they are known.

    A thin row waits: once a sure record follows it was a (broken) record too; at the end it may be a trailer.
    """

    def __init__(
        self, contract: Contract, layout: Layout, sheet: str, sure_from: int, *, merged: Merged = (), tail: bool = True
    ) -> None:
        self.skipped: Counter[Kind] = Counter()
        self.controls: list[Control] = []
        self.labels = {key(line.label): line.name for line in contract.control_lines}
        self._required = [layout.columns[c.name] for c in contract.columns if c.required and c.name in layout.columns]
        self._mapped = sorted(set(layout.columns.values()))
        self._layout = layout
        self._sheet = sheet
        self.sure_from = sure_from
        self._header_again = [
            cells
            for header in layout.keys
            if sum(1 for at in self._mapped if _at(header, at)) > 1
            and (cells := [(at, _at(header, at) or "") for at in self._mapped])
        ]
        self._merged = {area[0]: area[1] for area in merged}
        self._tail = tail
        self._titles: set[str] = set()
        self._waiting: list[Row] = []

    def above(self, rows: Sequence[Row]) -> list[str]:
        """Count the rows above the header; the texts of the titles among them."""
        titles: list[str] = []
        for each in rows:
            texts = [text for text in each.texts if text]
            if not texts:
                self.skipped["blank"] += 1
            elif self._is_control(each):
                self.skipped["control"] += 1
            else:
                self.skipped["title"] += 1
                titles.append(" ".join(texts))
        self._titles = set(titles)
        return titles

    def header(self, rows: int) -> None:
        """Count the header's own rows."""
        self.skipped["header"] += rows

    def see(self, each: Row) -> list[Row]:
        """Records known after this row."""
        kind = self._kind(each)
        if kind == "record":
            return [*self.record_follows(), each]
        if kind == "thin":
            self._waiting.append(each)
            return self.record_follows() if len(self._waiting) > MAX_TRAILER or not self._tail else []
        self.skipped[kind] += 1
        return []

    def record_follows(self) -> list[Row]:
        """A sure record comes next: what waited stood among records."""
        known, self._waiting = self._waiting, []
        return [each for each in known if not self._skip_inside(each)]

    def end(self) -> list[Row]:
        """No record follows: what waited is the trailer, save rows that could be records."""
        known, self._waiting = self._waiting, []
        records: list[Row] = []
        footer = False
        for each in known:
            filled = [text for text in each.texts if text]
            footer = footer or any(_FOOTER.match(text) for text in (*filled, ", ".join(filled)))
            if self._could_be_record(each, footer=footer):
                records.append(each)
            else:
                self.skipped["trailer"] += 1
        return records

    def _kind(self, each: Row) -> Kind | Literal["record", "thin"]:
        filled = [text for text in each.texts if text]
        if not filled:
            return "blank"
        if self._is_header(each):
            return "header"
        if self._is_control(each):
            return "control"
        if self._is_total(each, filled):
            return "trailer"
        if self._in_columns(each) >= self.sure_from:
            return "record"
        return "title" if self._is_banner(each, filled) or " ".join(filled) in self._titles else "thin"

    def _is_header(self, each: Row) -> bool:
        """The header again, as at the top of each printed page."""
        return any(all(key(_at(each.texts, at)) == wanted for at, wanted in header) for header in self._header_again)

    def _is_control(self, each: Row) -> bool:
        if not self.labels or (self._required and all(_at(each.texts, at) for at in self._required)):
            return False
        found = [(at, name, rest) for at, text in enumerate(each.texts) if text for name, rest in self._label(text)]
        for at, name, rest in found:
            value = rest or self._value_beside(each, at, {other for other, _, _ in found})
            self.controls.append(Control(name, value, self._sheet, each.number))
        return bool(found)

    def _label(self, text: str) -> list[tuple[str, str]]:
        """(control name, value in the same cell) if the cell is a control label."""
        if len(text) > _LONGEST_LABEL:
            return []
        for label, name in self.labels.items():
            if key(text) == label:
                return [(name, "")]
            words = r"[\W_]*".join(map(re.escape, label))
            pattern = words + r"[\W_]*?[:=\s]\s*(?P<rest>(?:rp\.?\s*)?[\d.,]+-*)\s*(?:transaksi|trx|baris|lembar)?\s*"
            match = re.fullmatch(pattern, text, re.IGNORECASE)
            if match:
                return [(name, match["rest"])]
        return []

    @staticmethod
    def _value_beside(each: Row, at: int, labels: set[int]) -> str | None:
        """The value of a label: right of it, before the next label; else left of it."""
        stop = min((other for other in labels if other > at), default=len(each.texts))
        for index in [*range(at + 1, stop), *range(at - 1, -1, -1)]:
            text = _at(each.texts, index)
            if index not in labels and text and any(map(str.isdigit, text)):
                return _thousands(each.texts[index:stop]) if index > at else text
        return None

    def _is_total(self, each: Row, filled: list[str]) -> bool:
        """``JUMLAH … 1.657``: a word for a sum and nothing but numbers, in a row that lacks a required column."""
        return (
            bool(_TOTAL.match(filled[0]))
            and all(len(text) <= _LONGEST_LABEL and _NUMBER_LIKE.fullmatch(text) for text in filled[1:])
            and (len(filled) == 1 or not all(_at(each.texts, at) for at in self._required))
        )

    def _is_banner(self, each: Row, filled: list[str]) -> bool:
        """A single text merged over half of the columns: the heading of a section."""
        if len(filled) != 1:
            return False
        left = next(index for index, text in enumerate(each.texts) if text)
        area = self._merged.get((each.number - 1, left))
        return area is not None and (area[1] - left + 1) * 2 >= max(self._layout.width, 4)

    def _in_columns(self, each: Row) -> int:
        return sum(1 for at in self._mapped if _at(each.texts, at))

    def _skip_inside(self, each: Row) -> bool:
        """A row among records with nothing in the contract's columns: a running number, or a section's name."""
        filled = [text for text in each.texts if text]
        if self._in_columns(each) or len(filled) > 1:
            return False
        self.skipped["blank" if key(filled[0]).isdigit() else "title"] += 1
        return True

    def _could_be_record(self, each: Row, *, footer: bool) -> bool:
        in_columns = self._in_columns(each)
        if not in_columns:
            return False
        numbered = any(_is_long_number(_at(each.texts, at)) for at in self._mapped)
        if footer:
            return numbered and in_columns > 1
        return numbered or sum(1 for text in each.texts if text) > 1


def _is_long_number(text: str | None) -> bool:
    digits = re.sub(r"[\s.'-]", "", text or "")
    return digits.isdigit() and len(digits) >= 10 and len(digits) != _NIP_DIGITS


def _thousands(texts: Sequence[str | None]) -> str | None:
    """A number that a comma-delimited file cut at its thousands: ``1 | 657 | 000`` → ``1,657,000``."""
    first, *others = texts
    groups: list[str] = []
    for text in others:
        if not text or not re.fullmatch(r"\d{3}(?:\.\d+)?", text):
            break
        groups.append(text)
    if first and groups and re.search(r"(?:^|\D)[1-9]\d{0,2}$", first):
        return ",".join([first, *groups])
    return first


def _at(items: Sequence[str | None], index: int) -> str | None:
    return items[index] if index < len(items) else None
