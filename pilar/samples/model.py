"""What the generator hands on: files with the exact result that each must have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

EVENT_CODE = "BJN-20231120"
EVENT_NAME = "Tali Asih Pilar Sosial Bakorwil Bojonegoro"
TALI_ASIH_IDR = 1_000_000
PREMIUM_IDR = 16_800
COVER_YEAR = 2023
UNKNOWN_FEED = "_unknown"


@dataclass(frozen=True)
class Trap:
    """A row (or a whole file, ``source_row`` None) that is not as it should be, on purpose."""

    rule_code: str | None
    """None: odd, but no finding."""
    what: str
    sheet: str | None = None
    """Name of the sheet, of the member of an archive, or of the text file itself."""
    source_row: int | None = None
    """1-based physical row of the sheet or text file."""
    quarantines: bool = False
    superseded: bool = False
    """A later delivery of the slice mended it."""
    decided: str | None = None
    """State that a steward's verdict gives the finding: waived, corrected."""

    @property
    def state(self) -> str:
        return self.decided or ("corrected" if self.superseded else "open")


@dataclass(frozen=True)
class Delivery:
    """One landing file. Rows read = accepted + quarantined + superseded."""

    feed: str
    """A feed, or ``_unknown`` for a folder that is none."""
    file_name: str
    """Relative to ``landing/<feed>/``; of an unknown feed relative to ``landing/``."""
    delivered_at: datetime
    """UTC; becomes the file's mtime."""
    content: bytes = field(repr=False)
    about: str
    state: str = "accepted"
    rows_read: int = 0
    rows_superseded: int = 0
    rule: str | None = None
    """Rule that rejects the file whole, or the ledger's word for a file that is no news."""
    traps: tuple[Trap, ...] = ()

    @property
    def path(self) -> str:
        """Relative to ``landing/`` and to ``samples/``."""
        return self.file_name if self.feed == UNKNOWN_FEED else f"{self.feed}/{self.file_name}"

    @property
    def rows_quarantined(self) -> int:
        """Rows, not findings: a row that breaks two rules counts once. A superseded row is never quarantined."""
        return len({(t.sheet, t.source_row) for t in self.traps if t.quarantines and not t.superseded})

    @property
    def rows_accepted(self) -> int:
        return self.rows_read - self.rows_quarantined - self.rows_superseded
