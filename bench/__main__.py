"""Everything that is measured for speed, one after the other: tables for `bench/README.md`.

    .venv/bin/python bench [--all] [--rounds 3] [--memory 3GB] [--scratch FOLDER] [--only scale xlsx …]

| part | file | asks |
| --- | --- | --- |
| `scale` | `scale.py` | a night without Airflow against the bare script: 10 k, 100 k, 1 M transfers; `--all`: 10 M |
| `gates` | `gates.py` | what Great Expectations and the personal-data scan cost over the last release |
| `readers` | `readers.py` | typical questions to the last release, against the bare script's tables |
| `xlsx` | `xlsx.py` | how quickly a spreadsheet becomes rows, against the libraries alone |
| `airflow` | `nightly.py` | the same night through Airflow and without, over the samples: Airflow's own share |
| `history` | `history.py` | the same news after 0.1, 1 and 5 million transfers of history |

Without `--only` all but `history` run, which is the longest.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
SIZES = (10_000, 100_000, 1_000_000)
LARGEST = 10_000_000
DEFAULT = ("scale", "gates", "readers", "xlsx", "airflow")


def commands(given: argparse.Namespace, scratch: Path) -> Iterator[tuple[str, list[str]]]:
    """(part, what to run), in order; readers ask the release that scale left."""
    sizes = [str(size) for size in (*SIZES, *([LARGEST] if given.all else []))]
    rounds, folder = ["--rounds", str(given.rounds)], str(scratch)
    known = {
        "scale": ["scale.py", "--transfers", *sizes, *rounds, "--memory", given.memory, "--scratch", folder],
        "gates": ["gates.py", folder],
        "readers": ["readers.py", folder],
        "xlsx": ["xlsx.py", *rounds],
        "airflow": ["nightly.py", str(given.rounds)],
        "history": ["history.py"],
    }
    for part, (script, *rest) in known.items():
        if part in given.only:
            yield part, [sys.executable, str(HERE / script), *rest]


def main(given: argparse.Namespace, scratch: Path) -> int:
    load = os.getloadavg()[0]
    if load > 1:
        print(f"others are at work on this machine (load {load:.1f}): seconds will be too many", file=sys.stderr)
    for part, command in commands(given, scratch):
        print(f"\n## {part}\n", flush=True)
        if code := subprocess.run(command, cwd=HERE.parent, check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    wanted.add_argument("--all", action="store_true", help="10 million transfers too")
    wanted.add_argument("--rounds", type=int, default=3)
    wanted.add_argument("--memory", default="3GB")
    wanted.add_argument("--scratch", type=Path, help="kept and used again; default: a folder that is removed")
    wanted.add_argument("--only", nargs="+", default=DEFAULT, choices=[*DEFAULT, "history"])
    asked = wanted.parse_args()
    if asked.scratch:
        asked.scratch.mkdir(parents=True, exist_ok=True)
        sys.exit(main(asked, asked.scratch.resolve()))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(asked, Path(folder)))
