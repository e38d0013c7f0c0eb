"""The licences of all packages that Pilar runs with, as they say themselves: writes docs/licences.md.

By ``importlib.metadata`` of the installed packages. One that a lock names for another platform or Python is not
installed here; its line is kept from the page as it is, or says that it is not known.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "licences.md"
LOCKS = ("requirements.lock", "requirements-desk.lock")
UNKNOWN = "not installed here"
_LONGEST = 60

HEAD = """\
# Licences of what Pilar runs with

Pilar itself is under the MIT licence. These are the packages of `requirements.lock` and `requirements-desk.lock`, with
the licence that each states in its own metadata (where it states several, all are told: its own files say whether one
may choose). Written by `.venv/bin/python .ci/licences.py`; a test holds the page against the locks. What developers
alone install (`requirements-dev.lock`) is not handed on and not listed.

No package is under a copyleft licence alone. Those of the LGPL (psycopg) are used as they come, unchanged; docutils is
mostly in the public domain, and text-unidecode may be taken under the Artistic License.

| package | licence |
| --- | --- |
"""


def packages() -> list[str]:
    """Names of all locked packages, sorted."""
    found: set[str] = set()
    for lock in LOCKS:
        found.update(re.findall(r"^([A-Za-z0-9._-]+)==", (PROJECT / lock).read_text("utf-8"), re.MULTILINE))
    return sorted(found)


def licence(name: str) -> str:
    """SPDX expression, else classifiers, else the first line of the field; of an installed package."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return UNKNOWN
    expression = about.get("License-Expression")
    if expression:
        return expression
    classified = [
        one.split("::")[-1].strip() for one in about.get_all("Classifier") or () if one.startswith("License ::")
    ]
    told = (about.get("License") or "").strip().splitlines()
    plain = told[0].strip() if told and len(told[0]) <= _LONGEST else ""
    named = [one for one in classified if one != "OSI Approved"]
    return " / ".join(named) or plain or "stated in its files only"


def written() -> dict[str, str]:
    """Package → licence, as the page has it."""
    if not PAGE.is_file():
        return {}
    return dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE))


def page() -> str:
    known = written()
    lines = []
    for name in packages():
        found = licence(name)
        lines.append(f"| `{name}` | {known.get(name, UNKNOWN) if found == UNKNOWN else found} |\n")
    return HEAD + "".join(lines)


def main() -> int:
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
