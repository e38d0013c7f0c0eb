"""Release notes beside the manifest: what changed since the release that readers had until now.

``notes.json`` is for programs and the stewards' page, ``notes.md`` for people, Bahasa Indonesia first. They hold sums
and names of files, figures and claims; nobody's pseudonym, no personal data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from pilar.config import Home
from pilar.difference import compare
from pilar.difference.model import Difference
from pilar.difference.notes import Note, markdown, notes_of
from pilar.difference.override import override_of
from pilar.publish.candidate import FILE_NAME, building_folder

JSON_NAME, TEXT_NAME = "notes.json", "notes.md"


def write(folder: Path, manifest: Mapping[str, Any], before: Path | None) -> list[Path]:
    """Write both files into ``folder``, a release's with its ``manifest``; return their paths.

    ``before`` is the folder of the release compared with, None for the first. A release that cannot be read (its file
    was lost) does not keep the next one from being published: the notes say so.
    """
    release_id = str(manifest["release_id"])
    replaced = before.name if before else None
    difference = _compared(before, folder, manifest) if before else None
    notes = notes_of(difference, replaced)
    if override := override_of(manifest):
        notes.insert(0, Note("override", override.indonesian, override.english))
    told = {
        "release_id": release_id,
        "compared_with": replaced,
        "override": manifest.get("override"),
        "changed": difference.changed if difference else None,
        "notes": [{"topic": note.topic, "id": note.indonesian, "en": note.english} for note in notes],
        "difference": _without_people(difference.as_dict()) if difference else None,
    }
    machine, human = folder / JSON_NAME, folder / TEXT_NAME
    machine.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    human.write_text(markdown(release_id, notes), "utf-8")
    return [machine, human]


def of_candidate(home: Home, night_id: str) -> tuple[str | None, list[Note]]:
    """What would change if the candidate of a held night were published: the release compared with, and the notes.

    Nothing when there is no candidate, or no release to compare with. Only for a candidate in which no personal data
    was found: notes quote names of files, events and claims. Writes nothing that stays.
    """
    folder = building_folder(home, night_id)
    if not (folder / FILE_NAME).is_file() or not home.current_marts.is_symlink():
        return None, []
    before = home.current_marts.resolve().parent
    return before.name, notes_of(_compared(before, folder, {"release_id": night_id}), before.name)


def read(folder: Path) -> tuple[str | None, list[Note]]:
    """The release compared with and the notes of a release's folder; nothing for a release older than notes."""
    told = _read(folder)
    return told.get("compared_with"), [Note(item["topic"], item["id"], item["en"]) for item in told.get("notes", [])]


def replaced(folder: Path) -> str | None:
    """The release that was current until this one came, as its notes say."""
    return read(folder)[0]


_EXAMPLES = 50
"""Files, figures and claims given one by one in ``notes.json``."""


def _compared(before: Path, after: Path, manifest: Mapping[str, Any]) -> Difference | None:
    """The difference between the files of two folders; None if one cannot be read."""
    try:
        return compare(before / FILE_NAME, after / FILE_NAME, examples=_EXAMPLES, after_manifest=manifest)
    except (duckdb.Error, OSError):
        return None


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
