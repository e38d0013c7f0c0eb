"""The difference between two releases: what changed, as plain data (:mod:`.compare`) and as words (:mod:`.notes`)."""

from pilar.difference.compare import compare
from pilar.difference.model import Difference, Listing, Remark, Row, Section

__all__ = ["Difference", "Listing", "Remark", "Row", "Section", "compare"]
