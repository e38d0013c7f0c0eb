"""dbt's own documentation as one file: ``reports/dbt_docs/index.html``, without another host and without a server.

It is put together from what the night's build left behind, dbt's page and ``target/manifest.json``, as
``dbt docs generate --static`` does it, but without dbt: that would take seconds and open the warehouse. Left out are
paths of the machine, dbt's own macros and the unit tests' invented rows.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from importlib import util
from pathlib import Path
from typing import Any

from pilar.config import PROJECT, Home
from pilar.load import code_version

_MACHINE = ("compiled_path", "build_path", "root_path", "created_at")
"""Of each node: where this machine keeps it."""
_KEPT = ("nodes", "sources", "macros", "docs", "parent_map", "child_map", "exposures", "metrics", "groups", "selectors")
_GROUPS = ("nodes", "sources", "macros")
_ABOUT = ("dbt_schema_version", "dbt_version", "generated_at", "project_name", "adapter_type", "quoting")

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
_HEAD = (
    f"""<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><meta name="referrer" content="no-referrer">"""
)
_ICON = '<link rel="icon" href="data:,">'
_ICON_OF_DBT = re.compile(r'<link rel="(?:shortcut icon|canonical)"[^>]*>')
_TRACKERS = re.compile(r"(?:https:)?//(?:d1fc8wv8zag5ca\.cloudfront\.net|fuzzed\.getdbt\.com)[^\"]*")
_UNBOUND = 'xlink:href="{{', 'ng-attr-xlink:href="{{'
"""A picture's address before Angular has filled it in: browsers ask for a file of that name."""
_ASKS = re.compile(r"<(?:link|script|img|iframe)\b[^>]*?(?:href|src)=\"?(?:https?:)?//|\.src=\"(?:https?:)?//")


class DocsError(RuntimeError):
    """dbt's page is not what this module knows, or would carry what must stay here."""


def write(home: Home) -> Path | None:
    """Write the page when there is none or the code is another; returns it if it was. Opens no database."""
    manifest = home.dbt / "target" / "manifest.json"
    page = home.reports / "dbt_docs" / "index.html"
    stamp = f"<!-- pilar {_version()} -->"
    if not manifest.is_file() or _begins(page, stamp):
        return None
    text = stamp + "\n" + render(_page_of_dbt(), json.loads(manifest.read_text("utf-8")))
    for place in (str(home.root), str(PROJECT)):
        if place in text:
            raise DocsError("dbt docs would name a folder of this machine")
    page.parent.mkdir(parents=True, exist_ok=True)
    draft = page.with_name(f".{page.name}.{os.getpid()}")
    draft.write_text(text, "utf-8")
    draft.replace(page)
    return page


def render(page: str, manifest: dict[str, Any]) -> str:
    """dbt's page with the manifest inside, made self-contained.

    Raises:
        DocsError: the page has no place for the data, or would ask another host for something.
    """
    text = _ICON_OF_DBT.sub("", _TRACKERS.sub("", page)).replace("<head>", f"<head>{_HEAD}{_ICON}", 1)
    text = text.replace(*_UNBOUND)
    for place, data in (("MANIFEST", _scrubbed(manifest)), ("CATALOG", _catalog(manifest))):
        mark = f'"{place}.JSON INLINE DATA"'
        if text.count(mark) != 1:
            raise DocsError(f"dbt's page has no place for its {place.lower()}")
        # The data stand in a script: a text must not be able to end it.
        text = text.replace(mark, json.dumps(data, separators=(",", ":")).replace("</", "<\\/"))
    if _ASKS.search(text) or _HEAD not in text:
        raise DocsError("dbt's page would ask another host")
    return text


def _scrubbed(manifest: dict[str, Any]) -> dict[str, Any]:
    """What the page shows, and nothing of this machine."""
    kept = {key: manifest.get(key, {}) for key in _KEPT} | {
        "metadata": {key: manifest["metadata"].get(key) for key in _ABOUT} | {"send_anonymous_usage_stats": False},
        "disabled": {},
        "unit_tests": {},
    }
    own = {
        name: macro
        for name, macro in kept["macros"].items()
        if macro["package_name"] == manifest["metadata"]["project_name"]
    }
    kept["macros"] = own
    for group in _GROUPS:
        kept[group] = {
            name: {key: value for key, value in node.items() if key not in _MACHINE}
            for name, node in kept[group].items()
        }
    shown = {name for group in _GROUPS for name in kept[group]}
    for ways in ("parent_map", "child_map"):
        kept[ways] = {name: [to for to in ends if to in shown] for name, ends in kept[ways].items() if name in shown}
    return kept


def _catalog(manifest: dict[str, Any]) -> dict[str, Any]:
    """Types of columns as the contracts state them, where dbt's page looks for them."""
    nodes = {}
    for name, node in manifest["nodes"].items():
        typed = {column: told for column, told in node.get("columns", {}).items() if told.get("data_type")}
        if typed:
            nodes[name] = {
                "metadata": {
                    "type": "table",
                    "schema": node["schema"],
                    "name": node["name"],
                    "database": node["database"],
                },
                "columns": {
                    column: {"name": column, "index": at, "type": told["data_type"], "comment": None}
                    for at, (column, told) in enumerate(typed.items(), 1)
                },
                "stats": {},
                "unique_id": name,
            }
    return {"metadata": {}, "nodes": nodes, "sources": {}, "errors": None}


def _page_of_dbt() -> str:
    found = util.find_spec("dbt")
    places = list(found.submodule_search_locations or []) if found else []
    page = next((Path(place) / "task" / "docs" / "index.html" for place in places), None)
    if page is None or not page.is_file():
        raise DocsError("the installed dbt brings no page for its docs")
    return page.read_text("utf-8")


def _version() -> str:
    """What the page depends on: models, seeds and macros, and this module."""
    return f"{code_version()}-{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]}"


def _begins(page: Path, stamp: str) -> bool:
    if not page.is_file():
        return False
    with page.open("rb") as stream:
        return stream.read(len(stamp)) == stamp.encode()
