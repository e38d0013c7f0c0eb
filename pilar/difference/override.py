"""A release that a person published although a gate held: said wherever what changed is said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pilar.difference.model import Remark
from pilar.showing import cell


def override_of(manifest: Mapping[str, Any]) -> Remark | None:
    """Who overruled the gates of a release, when and why, from its manifest; None if they let it pass."""
    told = manifest.get("override")
    if not told:
        return None
    release, by, reason, broken = manifest.get("release_id"), told["by"], told["reason"], len(told["failed"])
    at = cell(datetime.fromisoformat(told["at"]))
    return Remark(
        f"Rilis {release} diterbitkan walau ditahan ({broken} janji tidak terpenuhi), oleh {by}, {at}: {reason}",
        f"Release {release} was published although held ({broken} broken promises), by {by}, {at}: {reason}",
    )
