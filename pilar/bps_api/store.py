"""An answer → ``landing/poverty/bps-web-api/<domain>_<variable>_<th…>.json``, only if it says something new."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pilar.bps_api.client import FIRST_TH_YEAR, Answer
from pilar.config import Home

FOLDER = Path("poverty") / "bps-web-api"
"""Below ``landing/``: the submitter of these files is the API."""

FIGURES = ("var", "turvar", "vervar", "tahun", "turtahun", "datacontent")
"""What an answer says. The rest (``last_update``, notes, ``related``) changes without a new figure."""


def land(home: Home, domain: str, variable: int, answer: Answer, now: datetime | None = None) -> Path | None:
    """Write the answer beside earlier ones to the same request; ``None`` if the newest of them says the same.

    Files in landing are never changed: a revision gets a name of its own, ``….<UTC time>.json``. The body is
    written as received, in the wrapper ``{name, request, status_code, content_type, fetched_at, body}``.
    """
    fetched = now or datetime.now(UTC)
    folder = home.landing / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    th = "-".join(str(year - FIRST_TH_YEAR) for year in answer.years)
    name = f"{domain}_{variable}_{th}"
    first = folder / f"{name}.json"
    newest = max((path for path in [first, *folder.glob(f"{name}.*Z.json")] if path.exists()), key=_age, default=None)
    if newest is not None and _says(_body(newest)) == _says(answer.body):
        return None
    path = first if newest is None else folder / f"{name}.{fetched:%Y%m%dT%H%M%S%fZ}.json"
    head = {
        "name": f"data_{name}",
        "request": answer.request,
        "status_code": answer.status_code,
        "content_type": answer.content_type,
        "fetched_at": fetched.isoformat(timespec="seconds"),
    }
    _write(path, json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "body": ' + answer.text.strip() + "\n}\n")
    return path


def _age(path: Path) -> tuple[bool, str]:
    """The first file has no time in its name; the others sort by theirs."""
    return path.name.count(".") > 1, path.name


def _body(path: Path) -> Any:
    """The body of a landed file; a file that somebody damaged says nothing."""
    try:
        recorded = json.loads(path.read_text("utf-8"))
    except ValueError:
        return None
    return recorded.get("body") if isinstance(recorded, Mapping) else None


def _says(body: Any) -> str | None:
    if not isinstance(body, Mapping):
        return None
    said = {name: _without_notes(body.get(name)) for name in FIGURES}
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


def _without_notes(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_notes(item) for item in part]
    if isinstance(part, Mapping):
        return {name: value for name, value in part.items() if name not in ("note", "def", "subj")}
    return part


def _write(path: Path, text: str) -> None:
    """Whole or not at all: landing is scanned while we write."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(path)
