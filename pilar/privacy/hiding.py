"""Names that senders gave to files, folders and sheets, and reasons that quote a header, are published, and may name
somebody. One such name must neither be told nor hold every release to come: it is shown with the person left out.

What is left out becomes ``•••`` with six letters that tell one name from another: a keyed digest of the whole, which
nobody without the home's key can make. Which texts these are is remembered in ``raw/hidden.json`` (0600), beside the
names themselves. Everywhere else in a release personal data holds the night: there it is no name but a wrong value.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from pilar import disk, duck
from pilar.config import Home
from pilar.privacy.cells import Column, spoken
from pilar.privacy.keys import load_key
from pilar.privacy.known import learn as learn_known
from pilar.privacy.scan import Violation

COLUMNS = frozenset({"file_name", "submitter", "sheet", "reason"})
"""Columns of published tables that say what senders called things."""

RECORD = "hidden.json"

_LONG_NUMBER = re.compile(r"\d(?:[ ./_-]{0,2}\d){8,}")
_WORD = re.compile(r"[^\W\d_]+")
_MARK = "•••"
_TAG = 6


def known(home: Home) -> dict[str, str]:
    """Texts that must not be shown → as they are shown instead."""
    path = home.raw / RECORD
    found: dict[str, str] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def learn(home: Home, candidate: Path, violations: Iterable[Violation]) -> int:
    """Remember the texts behind the violations in :data:`COLUMNS` of a candidate; how many are new."""
    places = sorted({(v.table, v.column) for v in violations if v.column in COLUMNS and v.kind != "column_name"})
    if not places:
        return 0
    before = known(home)
    key = load_key(home)
    fresh = {
        text: shown(text, names, key) for text, names in _texts(home, candidate, places).items() if text not in before
    }
    if fresh:
        disk.write_whole(home.raw / RECORD, json.dumps(before | fresh, ensure_ascii=False, indent=1) + "\n")
        (home.raw / RECORD).chmod(0o600)
    return len(fresh)


def shown(text: str, names: Iterable[tuple[str, ...]], key: bytes) -> str:
    """The text without its long numbers and without ``names`` (words in capitals), and with its tag."""
    words = [(_plain(found[0]), found.span()) for found in _WORD.finditer(text)]
    spans = [found.span() for found in _LONG_NUMBER.finditer(text)]
    for name in names:
        for at in range(len(words) - len(name) + 1):
            if tuple(word for word, _ in words[at : at + len(name)]) == name:
                spans.append((words[at][1][0], words[at + len(name) - 1][1][1]))
    kept: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if start >= end:
            kept.append(text[end:start])
        end = max(end, stop)
    return (f"{_MARK}{tag(text, key)}" if kept else "").join([*kept, text[end:]])


def revealed(told: str, texts: Iterable[str], key: bytes) -> str:
    """The one of ``texts`` that is shown as ``told``; ``told`` itself where it is none of them."""
    return next((text for text in texts if f"{_MARK}{tag(text, key)}" in told), told)


def tag(text: str, key: bytes) -> str:
    """Six letters that say which text stands behind what is shown, to who has the key and the text."""
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in digest[:_TAG])


def _plain(word: str) -> str:
    """As :mod:`pilar.privacy.known` compares words: capitals without accents."""
    apart = unicodedata.normalize("NFKD", word.upper())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _texts(home: Home, candidate: Path, places: Iterable[tuple[str, str]]) -> dict[str, set[tuple[str, ...]]]:
    """Texts that name somebody → the names in them, as words; none where it is a number."""
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    with duck.attached({"candidate": candidate, "warehouse": home.warehouse}, home=home) as connection:
        learn_known(connection, with_warehouse=True)
        columns = [Column(f"candidate.{table}", table, column, "text") for table, column in places]
        for text, name in spoken(connection, columns):
            found[text] |= {tuple(name.split())} if name else set()
    return found
