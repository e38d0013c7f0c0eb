"""What a key names, and which keys look like one that names nothing."""

from __future__ import annotations

import re

from pilar.explain.model import Kind, UnknownKey
from pilar.explain.release import Release
from pilar.publish import publishable

_SHORTEST_SHA256 = 8
_NEAR = 4
"""Letters that may differ in a suggestion."""

_PARTS: dict[Kind, tuple[tuple[str, str], ...]] = {
    "reference": (("fct_disbursement", "reference_no"), ("fct_transfer_statement", "reference_no")),
    "participant": (("dim_participant", "participant_id"), ("fct_roster_membership", "participant_id")),
    "account": (("mart_disbursement_reconciliation", "account_key"), ("fct_disbursement", "account_key")),
    "finding": (("quality_findings", "finding_key"), ("quality_decisions", "finding_key")),
    "file": (("file_ledger", "file_name"),),
}


def resolve(release: Release, key: str) -> tuple[Kind, str]:
    """The kind of a key and the key as the release spells it; a file's is its sha256.

    A reference may be given as the bank prints it. Raises :class:`UnknownKey` with suggestions.
    """
    asked = key.strip()
    for kind, parts in _PARTS.items():
        for spelling in dict.fromkeys((asked, publishable(asked))):
            for table, column in parts:
                if release.value(f"SELECT 1 FROM {table} WHERE {column} = ? LIMIT 1", [spelling]):
                    return (kind, spelling) if kind != "file" else (kind, _sha256(release, spelling))
    files = _files(release, asked)
    if len(files) == 1:
        return "file", files[0][1]
    # A key that nobody knows may be anything, a NIK or an account that somebody tried among them.
    raise UnknownKey(
        re.sub(r"\d{10,}", "•••", asked), tuple(name for name, _ in files) or _near(release, asked), release.release_id
    )


def _sha256(release: Release, file_name: str) -> str:
    """The newest content that came under a name."""
    return str(
        release.value(
            "SELECT file_sha256 FROM file_ledger WHERE file_name = ? ORDER BY delivered_at DESC, file_sha256 LIMIT 1",
            [file_name],
        )
    )


def _files(release: Release, asked: str) -> list[tuple[str, str]]:
    """Name and hash of the files that the last part of a name, or the first letters of a sha256, may mean."""
    start = asked.lower().replace("-", "") if len(asked) >= _SHORTEST_SHA256 else ""
    found = release.rows(
        """
        SELECT file_sha256, arg_min(file_name, received_at) AS file_name FROM file_ledger
        WHERE lower(split_part(file_name, '/', -1)) = lower($asked)
            OR ($start <> '' AND starts_with(replace(file_sha256, '-', ''), $start))
        GROUP BY file_sha256 ORDER BY file_name
        """,
        {"asked": asked, "start": start},
    )
    return [(row["file_name"], row["file_sha256"]) for row in found]


def _near(release: Release, asked: str) -> tuple[str, ...]:
    """Up to three keys of any kind that differ in few letters, the likeliest first; else names that hold the text."""
    keys = " UNION ".join(
        f"SELECT {column} AS key FROM {table}" for parts in _PARTS.values() for table, column in parts
    )
    found = release.rows(
        f"""
        WITH keys AS ({keys})
        SELECT key, levenshtein(lower(key), lower($asked)) AS letters, contains(lower(key), lower($asked)) AS holds
        FROM keys
        WHERE (abs(len(key) - len($asked)) <= {_NEAR} AND levenshtein(lower(key), lower($asked)) <= {_NEAR})
            OR (len($asked) >= {_NEAR} AND contains(lower(key), lower($asked)))
        ORDER BY holds DESC, letters, key LIMIT 3
        """,
        {"asked": asked},
    )
    return tuple(row["key"] for row in found)
