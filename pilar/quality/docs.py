"""Data Docs that render without a network: own assets, no request to another host, one flip per gate.

Layout of the folder (``Home.data_docs``)::

    index.html                     both gates, what failed and every table, Indonesian first, no script
    arrivals   -> sites/arrivals-<night_id>      symlinks, flipped with os.replace
    candidate  -> sites/candidate-<night_id>
    sites/<gate>-<night_id>/       Great Expectations' pages, static/pilar/ (assets), verdict.json
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Template

from pilar.html import environment

_ASSETS = "static/pilar"

_KEPT = {
    "bootstrap.min.css",
    "bootstrap-table.min.css",
    "bootstrap-table-filter-control.min.css",
    "bootstrap-table-filter-control.css",
    "bootstrap-datepicker.min.css",
    "jquery-3.7.1.min.js",
    "popper.min.js",
    "bootstrap.min.js",
    "bootstrap-table.min.js",
    "bootstrap-table-filter-control.min.js",
    "bootstrap-datepicker.min.js",
}
"""Last part of each address in GX's pages that has a file here."""

_RENAMED = {
    "jquery-3.7.1.min.js": "jquery.min.js",
    "bootstrap-table-filter-control.css": "bootstrap-table-filter-control.min.css",
}
_REPLACED = {"all.min.css": "pilar.css"}
"""Font Awesome: two marks, in our own style sheet."""

_DROPPED = {"vega@5", "vega-lite@5", "vega-embed@6", "bootstrap-prefers-dark.css"}
"""Plots that our suites do not draw; the dark theme."""

_LINK = re.compile(r"<link\b[^>]*?\bhref=\"(?P<url>https?://[^\"]+)\"[^>]*>")
_SCRIPT = re.compile(r"<script\b[^>]*?\bsrc=\"(?P<url>https?://[^\"]+)\"[^>]*>\s*</script>")
_IMAGE = re.compile(r"<img\b[^>]*?\bsrc=\"https?://[^\"]+\"[^>]*>", re.DOTALL)
_CSS_URL = re.compile(r"url\(\s*['\"]?https?://[^)]*\)")
_FOOTER = re.compile(r"<footer>.*?</footer>", re.DOTALL)
_REMOTE = re.compile(
    r"<(?:link|script|img|iframe)\b[^>]*?(?:href|src)=[\"'](?:https?:)?//[^\"']+|url\(\s*['\"]?https?:"
)


class RemoteAddressError(RuntimeError):
    """A page would ask another host for something: Great Expectations changed its templates."""


def localise(html: str, depth: int) -> str:
    """Point a page's style sheets and scripts at the local assets.

    Args:
        html: a page as Great Expectations renders it.
        depth: folders between the page and the site's root.

    Raises:
        RemoteAddressError: an address is left that is neither vendored nor known to be droppable.
    """
    base = "../" * depth + _ASSETS

    def link(match: re.Match[str]) -> str:
        name = _local(match["url"])
        return f'<link rel="stylesheet" href="{base}/{name}">' if name else ""

    def script(match: re.Match[str]) -> str:
        name = _local(match["url"])
        return f'<script src="{base}/{name}"></script>' if name else ""

    page = _SCRIPT.sub(script, _LINK.sub(link, html))
    # All suites of a gate stand on one page: a reader should not have to guess that there are more.
    page = page.replace("'pagination': 'true'", "'pagination': false")
    page = _FOOTER.sub("", _CSS_URL.sub("none", _IMAGE.sub("<img alt='' />", page)))
    left = _REMOTE.search(page)
    if left:
        raise RemoteAddressError(f"Data Docs would request {left.group(0)[-120:]}")
    return page


def _local(url: str) -> str | None:
    name = url.partition("?")[0].rsplit("/", 1)[-1]
    if name in _REPLACED:
        return _REPLACED[name]
    if name in _DROPPED:
        return None
    if name not in _KEPT:
        raise RemoteAddressError(f"Data Docs would request {url}")
    return _RENAMED.get(name, name)


@contextmanager
def workshop(docs: Path | None) -> Iterator[Path | None]:
    """A folder to build a site in, on the same disk as ``docs`` so that it can be moved; ``None`` without docs."""
    if docs is None:
        yield None
        return
    docs.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=docs) as folder:
        yield Path(folder) / "site"


def publish(built: Path, docs: Path, gate: str, night_id: str, verdict: dict[str, Any]) -> Path:
    """Make a built site self-contained and flip ``docs/<gate>`` to it; the gate's older sites go.

    Args:
        built: folder that Great Expectations rendered into; it is moved away.
        docs: the Data Docs folder.
        verdict: the gate's verdict as plain data, kept beside the pages.

    Returns:
        The site's folder below ``docs``.
    """
    _prune_static(built / "static")
    for page in built.rglob("*.html"):
        depth = len(page.relative_to(built).parts) - 1
        page.write_text(localise(page.read_text("utf-8"), depth), "utf-8")
    _copy_assets(built / _ASSETS)
    (built / "verdict.json").write_text(json.dumps(verdict, ensure_ascii=False, indent=1), "utf-8")
    sites = docs / "sites"
    sites.mkdir(parents=True, exist_ok=True)
    site = sites / f"{gate}-{night_id}"
    if site.exists():
        # The same night judged again: the old pages stay reachable until the flip.
        site = sites / f"{gate}-{night_id}-{len(list(sites.iterdir()))}"
    built.rename(site)
    flip = docs / f".{gate}.new"
    flip.unlink(missing_ok=True)
    flip.symlink_to(site.relative_to(docs), target_is_directory=True)
    os.replace(flip, docs / gate)  # noqa: PTH105 (the atomic flip, by its name)
    for old in sites.glob(f"{gate}-*"):
        if old != site:
            shutil.rmtree(old, ignore_errors=True)
    _write_index(docs)
    return site


def _prune_static(static: Path) -> None:
    """Great Expectations copies 4 MB of fonts and animations that no page of ours shows."""
    for item in static.iterdir() if static.is_dir() else ():
        if item.name == "images":
            for image in item.iterdir():
                if image.name != "favicon.ico":
                    image.unlink()
        else:
            shutil.rmtree(item)


def _copy_assets(target: Path) -> None:
    target.mkdir(parents=True)
    for asset in resources.files("pilar.quality").joinpath("assets").iterdir():
        if asset.name.endswith((".css", ".js")):
            (target / asset.name).write_bytes(asset.read_bytes())


_TITLES = {
    "arrivals": ("Gerbang kedatangan: yang dikirim", "Arrivals gate: what was delivered"),
    "candidate": ("Gerbang calon rilis: yang akan diterbitkan", "Candidate gate: what would be published"),
}


_LABELS = {
    "critical": ("Kritis", "Critical"),
    "warning": ("Peringatan", "Warning"),
    "info": ("Info", "Info"),
}


def _write_index(docs: Path) -> None:
    """The page that stewards open: what failed, in words, and every table in one list with its page."""
    verdicts = {gate: docs / gate / "verdict.json" for gate in _TITLES}
    gates = [_gate(docs, gate, json.loads(p.read_text("utf-8"))) for gate, p in verdicts.items() if p.is_file()]
    draft = docs / ".index.html.new"
    draft.write_text(_template().render(gates=gates, labels=_LABELS), "utf-8")
    draft.replace(docs / "index.html")


@cache
def _template() -> Template:
    return environment("pilar.quality").get_template("data_docs.html.j2")


def _gate(docs: Path, gate: str, verdict: dict[str, Any]) -> dict[str, Any]:
    """A gate as the page shows it: failures gravest first, then its tables."""
    results = verdict["results"]
    failed = [item for item in results if not item["success"]]
    tables: dict[str, list[dict[str, Any]]] = {}
    for item in results:
        tables.setdefault(item["table"], []).append(item)
    return {
        "name": gate,
        "title": _TITLES[gate],
        "verdict": verdict,
        "failed": sorted(failed, key=lambda item: list(_LABELS).index(item["severity"])),
        "tables": [
            {
                "name": table,
                "page": _result_page(docs, gate, table),
                "judged": len(items),
                "passed": sum(item["success"] for item in items),
                "critical": any(item["severity"] == "critical" and not item["success"] for item in items),
            }
            for table, items in tables.items()
        ],
    }


def _result_page(docs: Path, gate: str, table: str) -> str | None:
    """Address of Great Expectations' page on a table of this night; none when there was nothing to judge."""
    pages = sorted((docs / gate / "validations" / f"{gate}_{table}").rglob("*.html"))
    return pages[-1].relative_to(docs).as_posix() if pages else None
