"""Landed files as they are told from step to step: in the night's plan, and in Airflow's XCom and rendered templates.

The name of a file may spell a NIK or an account, and all of these are read by more people than ``landing/`` is. There
such a name is masked, and the file is found again by a keyed digest of its name, as nobody can try out all NIKs.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pilar import landing
from pilar.config import Home
from pilar.privacy import load_key
from pilar.showing import mask

_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def item_of(home: Home, file: landing.LandingFile) -> dict[str, Any]:
    """A file as it may be told; ``path`` is absent where it must not be."""
    item = asdict(file) | {"path": str(file.path)}
    shown = {name: mask(value) if isinstance(value, str) else value for name, value in item.items()}
    if shown == item:
        return item
    del shown["path"]
    return shown | {"key": _key(home, file)}


def file_of(home: Home, item: dict[str, Any]) -> landing.LandingFile:
    """The file that an item tells of. One that went away has a path where nothing lies: it waits, as any other."""
    if "key" not in item:
        return landing.LandingFile(**item | {"path": Path(item["path"])})
    for file in landing.files(home):
        if (file.size, file.mtime_ns) == (item["size"], item["mtime_ns"]) and _key(home, file) == item["key"]:
            return file
    known = {name: value for name, value in item.items() if name != "key"}
    return landing.LandingFile(**known, path=home.landing / f".gone-{item['key']}")


def name_of(item: dict[str, Any]) -> str:
    """Sixteen letters and digits that name an item's account on disk, the same for the same landed name."""
    told = item.get("key")
    return str(told) if told else hashlib.sha256(f"{item['feed']}/{item['file_name']}".encode()).hexdigest()[:16]


def _key(home: Home, file: landing.LandingFile) -> str:
    """Tells one landed name from another, and nothing of it to who has not the home's key."""
    said = f"{file.feed}/{file.file_name}".encode()
    return hmac.new(load_key(home), said, hashlib.sha256).hexdigest()[:16].translate(_LETTERS)
