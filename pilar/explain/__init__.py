"""The chain behind one thing that a release says: file, sheet, row, findings, verdicts, versions, outcome."""

from pilar.explain.chains import explain
from pilar.explain.model import Chain, Link, UnknownKey

__all__ = ["Chain", "Link", "UnknownKey", "explain"]
