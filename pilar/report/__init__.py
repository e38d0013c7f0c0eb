"""Reports: the stewards' page, the operator's summary, and how long what names people is kept."""

from pilar.report.facts import Facts, read_facts, shown_facts
from pilar.report.night import Night, read_night
from pilar.report.page import write
from pilar.report.retention import prune_restricted
from pilar.report.summary import operator_summary, summarise

__all__ = [
    "Facts",
    "Night",
    "operator_summary",
    "prune_restricted",
    "read_facts",
    "read_night",
    "shown_facts",
    "summarise",
    "write",
]
