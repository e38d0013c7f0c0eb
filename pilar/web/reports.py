"""``reports/`` as it lies on disk, under one address: nothing beside it, and ``restricted/`` for stewards only."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from pilar.config import Home

TYPES = {
    ".css": "text/css",
    ".csv": "text/csv",
    ".gif": "image/gif",
    ".html": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What is served, and as what; anything else is saved, not shown."""

_FILES = StaticFiles()
_SAVED = {".csv", ".ods", ".xlsx"}
_WITH_SCRIPTS = ("data_docs", "dbt_docs")
"""Pages of other programs, which bring their own scripts. All others run none."""

_PLAIN = "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
_LOCKED = "base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'self'"


@dataclass(frozen=True)
class Found:
    """What an address names: a file, or a folder whose address lacks its last slash."""

    path: Path
    is_folder: bool = False


class Restricted(Exception):
    """The address lies in ``restricted/`` and whoever asks is no steward."""


def find(home: Home, address: str, *, is_steward: bool) -> Found | None:
    """What an address (decoded, relative to ``reports/``) names; ``None`` for nothing that may be served.

    Raises :class:`Restricted`, whether or not there is something. Links on disk are followed inside ``reports/`` only,
    and a link into ``restricted/`` leads to what is restricted.
    """
    parts = address.split("/")
    *folders, last = parts
    if any(not _is_plain(part) for part in folders) or (last and not _is_plain(last)):
        return None
    root = home.reports.resolve()
    try:
        path = root.joinpath(*parts).resolve()
        if not path.is_relative_to(root):
            return None
        if not is_steward and (parts[0].casefold() == home.restricted.name or _lies_in(path, home.restricted, root)):
            raise Restricted
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            index = (path / "index.html").resolve()
            if not index.is_relative_to(root) or not index.is_file():
                return None
            if not is_steward and _lies_in(index, home.restricted, root):
                raise Restricted
            return Found(index, is_folder=bool(last))
        return Found(path) if stat.S_ISREG(info.st_mode) and last and os.access(path, os.R_OK) else None
    except (OSError, RuntimeError):  # not there, a name too long, a loop of links (before Python 3.13)
        return None


def answer(home: Home, found: Found, asked: Headers) -> Response:
    """The file, or 304 when the browser has it. What names people is kept by no browser."""
    root = home.reports.resolve()
    ending = found.path.suffix.lower()
    restricted = _lies_in(found.path, home.restricted, root)
    headers = {
        "Content-Security-Policy": policy(found.path.relative_to(root)),
        "Cache-Control": "no-store" if restricted else "private, no-cache",
    }
    response = FileResponse(
        found.path,
        headers=headers,
        media_type=TYPES.get(ending, "application/octet-stream"),
        filename=found.path.name if ending in _SAVED or ending not in TYPES else None,
        stat_result=found.path.stat(),
    )
    return NotModifiedResponse(response.headers) if _FILES.is_not_modified(response.headers, asked) else response


def policy(within: Path) -> str:
    """The content security policy of a file below ``reports/``. No page may ask anything of the server by script."""
    if within.parts[0] in _WITH_SCRIPTS:
        return f"{_PLAIN}script-src 'self' 'unsafe-inline'; {_LOCKED}"
    return f"{_PLAIN}{_LOCKED}"


def _is_plain(part: str) -> bool:
    return bool(part) and not part.startswith(".") and "\\" not in part and part.isprintable()


def _lies_in(path: Path, folder: Path, root: Path) -> bool:
    """By identity, not by spelling: some disks know a folder by several spellings."""
    if not folder.exists():
        return False
    between = [path, *path.parents]
    return any(place.exists() and place.samefile(folder) for place in between[: between.index(root)])
