"""``make docs``: build a release of the samples, then write lineage, dictionary and rule pages anew."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from pilar import night, samples
from pilar.config import PROJECT, Home
from pilar.dictionary import lineage, markdown
from pilar.dictionary.assemble import dictionary
from pilar.dictionary.release import read
from pilar.publish import candidate_path

DICTIONARY = PROJECT / "docs" / "dictionary.md"
RULES = PROJECT / "docs" / "rules.md"


def main() -> None:
    """Write ``lineage.json``, ``docs/dictionary.md`` and ``docs/rules.md``."""
    with tempfile.TemporaryDirectory(prefix="pilar-docs-") as folder:
        home = Home(Path(folder)).make()
        release = _release_of_the_samples(home)
        traced = lineage.trace(_manifest(home), views(release))
        lineage.TARGET.write_text(traced.as_json(), "utf-8")
        DICTIONARY.write_text(markdown.dictionary_page(dictionary(release, traced)), "utf-8")
    RULES.write_text(markdown.rules_page(), "utf-8")


def views(release: Path) -> dict[str, str]:
    """SQL of the views that only the release has, by the names that the lineage gives them."""
    return {f"main.{relation.name}": relation.sql for relation in read(release).relations if relation.sql}


def _release_of_the_samples(home: Home) -> Path:
    """A night without its gates: they judge a release and add nothing to it."""
    samples.lay(home)
    plan = night.begin(home)
    list(night.ingest_all(home, plan["night_id"], plan["items"]))
    night.load(home, plan["night_id"])
    built = night.build(home, plan["night_id"])
    if built["status"] != "ok":
        raise RuntimeError(built["message"])
    return candidate_path(home, plan["night_id"])


def _manifest(home: Home) -> dict[str, object]:
    manifest: dict[str, object] = json.loads((home.dbt / "target" / "manifest.json").read_text("utf-8"))
    return manifest


if __name__ == "__main__":
    main()
