"""Which figures of a year go out: those of the new release, or still those of an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pilar.open_data.model import Block, Edition, Refused
from pilar.open_data.suppress import Pattern, hide, prove
from pilar.open_data.worlds import Knowledge

INSIDE, OUTSIDE = "inside", "outside"
AUDIENCES = (INSIDE, OUTSIDE)
"""Inside first: whoever is inside reads the outside package too, so nothing is shown outside that is hidden inside."""


@dataclass(frozen=True)
class Decision:
    """A year's edition, with the proof for each audience."""

    edition: Edition
    knowledge: Mapping[str, Knowledge]
    proof: Mapping[str, Pattern]
    is_new: bool
    is_held: bool = False
    """Whether the release has other figures, which would have to hide more than an earlier edition shows."""


def decide(block: Block, earlier: Sequence[Edition], thresholds: Mapping[str, int]) -> Decision:
    """The edition of a year. Raises :class:`Refused` when neither the new figures nor the old may go out.

    ``earlier`` are the editions of all years. Figures that were published stand until new ones tell at least as much: a
    change of a few people is hidden together with every total that it is in, so after a small correction the earlier
    figures go on, with their release's name.
    """
    before = [edition for edition in earlier if edition.block.period == block.period]
    for edition in reversed(before):
        if edition.block.content == block.content and edition.thresholds == thresholds:
            return _proven(edition, earlier, thresholds)
    last = before[-1] if before else None
    try:
        new = _new(block, earlier, thresholds)
    except Refused:
        if last is None or last.block.content == block.content:
            raise
        return _proven(last, earlier, thresholds, is_held=True)
    if last and any(len(new.edition.shown[audience]) < len(last.shown[audience]) for audience in AUDIENCES):
        return _proven(last, earlier, thresholds, is_held=last.block.content != block.content)
    return new


def _new(block: Block, earlier: Sequence[Edition], thresholds: Mapping[str, int]) -> Decision:
    knowledge, proof = {}, {}
    hidden: frozenset[tuple[str, ...]] = frozenset()
    for audience in AUDIENCES:
        knowledge[audience] = Knowledge(block, earlier, audience, thresholds[audience])
        proof[audience] = hide(knowledge[audience], hidden)
        hidden = proof[audience].hidden
    shown = {audience: frozenset(block.figures) - proof[audience].hidden for audience in AUDIENCES}
    return Decision(Edition(block, shown, dict(thresholds)), knowledge, proof, is_new=True)


def _proven(
    edition: Edition, earlier: Sequence[Edition], thresholds: Mapping[str, int], *, is_held: bool = False
) -> Decision:
    knowledge, proof = {}, {}
    for audience in AUDIENCES:
        knowledge[audience] = Knowledge(edition.block, earlier, audience, thresholds[audience])
        proof[audience] = prove(knowledge[audience], frozenset(edition.block.figures) - edition.shown[audience])
    return Decision(edition, knowledge, proof, is_new=False, is_held=is_held)
