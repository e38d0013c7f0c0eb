"""Release notes beside the manifest: what changed since the release that readers had until now.

``notes.json`` is for programs and the stewards' page, ``notes.md`` for people, Bahasa Indonesia first. They hold sums
and names of files, figures and claims; nobody's pseudonym, no personal data.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from pilar.difference import compare
from pilar.difference.notes import Note, markdown, notes_of
from pilar.publish.candidate import FILE_NAME

JSON_NAME, TEXT_NAME = "notes.json", "notes.md"


def write(folder: Path, manifest: Mapping[str, Any], before: Path | None) -> list[Path]:
    """Write both files into ``folder``, a release's with its ``manifest``; return their paths.

    ``before`` is the folder of the release compared with, None for the first. A release that cannot be read (its file
    was lost) does not keep the next one from being published: the notes say so.
    """
    release_id = str(manifest["release_id"])
    difference, replaced = None, before.name if before else None
    if before is not None:
        spill = folder / "spill"
        try:
            difference = compare(
                before / FILE_NAME, folder / FILE_NAME, examples=_EXAMPLES, after_manifest=manifest, spill=spill
            )
        except (duckdb.Error, OSError):
            difference = None
        finally:
            shutil.rmtree(spill, ignore_errors=True)
    notes = notes_of(difference, replaced)
    told = {
        "release_id": release_id,
        "compared_with": replaced,
        "changed": difference.changed if difference else None,
        "notes": [{"topic": note.topic, "id": note.indonesian, "en": note.english} for note in notes],
        "difference": _without_people(difference.as_dict()) if difference else None,
    }
    machine, human = folder / JSON_NAME, folder / TEXT_NAME
    machine.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    human.write_text(markdown(release_id, notes), "utf-8")
    return [machine, human]


def read(folder: Path) -> tuple[str | None, list[Note]]:
    """The release compared with and the notes of a release's folder; nothing for a release older than notes."""
    told = _read(folder)
    return told.get("compared_with"), [Note(item["topic"], item["id"], item["en"]) for item in told.get("notes", [])]


def replaced(folder: Path) -> str | None:
    """The release that was current until this one came, as its notes say."""
    return read(folder)[0]


_EXAMPLES = 50
"""Files, figures and claims given one by one in ``notes.json``."""


def _without_people(difference: dict[str, Any]) -> dict[str, Any]:
    """Without what names a single payee or person, be it by a pseudonym."""
    for section in difference["sections"].values():
        for name in ("examples", "payees", "people"):
            if name in section["listings"]:
                section["listings"][name]["rows"] = []
    return difference


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / JSON_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
