"""From a key to its chain, with what stewards decided about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from pilar.config import Home
from pilar.explain.files import file
from pilar.explain.findings import finding
from pilar.explain.keys import resolve
from pilar.explain.model import Chain, Kind, Link, Row
from pilar.explain.payees import account, participant
from pilar.explain.raw_words import reason_of
from pilar.explain.release import Release, opened
from pilar.explain.transfers import reference


def explain(release_file: Path, key: str, home: Home | None = None) -> Chain:
    """All that the release at ``release_file`` says about a key.

    ``key`` is a reference number, participant_id, account_key, finding_key, file name or the first letters of a file's
    sha256. With a ``home`` the reasons of verdicts are read from its raw/, without what names people. Raises
    :class:`~pilar.explain.model.UnknownKey`.
    """
    with opened(release_file) as release:
        kind, known = resolve(release, key)
        facts, links = _CHAINS[kind](release, known)
        return Chain(
            kind, known, release.release_id, facts, (*links, _decisions(release, links, home)), release.lacking
        )


def _decisions(release: Release, links: Iterable[Link], home: Home | None) -> Link:
    """Verdicts on the findings that the chain names, newest last; the reason where raw/ can be read."""
    named = [row for link in links if link.name in {"findings", "this_finding", "candidates"} for row in link.rows]
    keys = [row["finding_key"] for row in named]
    decided = release.rows(
        """
        SELECT finding_key, verdict, decided_on, expires_on, state, rows_let_in, file.file_name, sheet, source_row,
            decision.file_sha256
        FROM quality_decisions AS decision LEFT JOIN file_names AS file USING (file_sha256)
        WHERE list_contains($keys::VARCHAR[], finding_key) ORDER BY decided_on, file_name, source_row
        """,
        {"keys": keys},
    )
    unread = False
    for row in decided:
        about = [found for found in named if found["finding_key"] == row["finding_key"] and found.get("source_row")]
        words = reason_of(home, row, about) if home else None
        row.update(words or {"reason": None, "decided_by": None})
        unread = unread or words is None
    return Link("decisions", tuple(decided), "reasons are kept in raw/, which cannot be read here" if unread else None)


_CHAINS: dict[Kind, Callable[[Release, str], tuple[Row, list[Link]]]] = {
    "reference": reference,
    "participant": participant,
    "account": account,
    "finding": finding,
    "file": file,
}
