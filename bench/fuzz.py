"""Read mutated files until the time is over; say how many were tried and what broke.

    bench/fuzz.py [--minutes 15] [--seed 1] [--keep DIR] [--feed FEED …] [FOLDER …]

Begins with the samples, small files of every format, and what lies in the FOLDERs. An input that breaks something is
kept in ``--keep`` under its digest. Ends with 1 if anything broke. What must hold is said in
``tests/hostile/fuzzing.py``.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from tests.hostile import fuzzing  # noqa: E402 (the checkout is no package that is installed)


def main() -> int:
    order = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    order.add_argument("folders", nargs="*", type=Path)
    order.add_argument("--minutes", type=float, default=15)
    order.add_argument("--seed", type=int, default=1)
    order.add_argument("--keep", type=Path)
    order.add_argument("--feed", action="append", help="only this one; may be given again")
    given = order.parse_args()
    random, tally = Random(given.seed), fuzzing.Tally()
    seeds = fuzzing.seeds(*given.folders)
    feeds = given.feed or sorted({seed.feed for seed in seeds})
    broken: Counter[str] = Counter()
    slowest = (0.0, "")
    begin = told = time.monotonic()
    while time.monotonic() - begin < given.minutes * 60:
        feed = random.choice(feeds)
        start = random.choice([seed for seed in seeds if seed.feed == feed])
        one = fuzzing.mutated(start, seeds, random)
        at = time.monotonic()
        try:
            fuzzing.read(one, tally)
        except Exception as error:
            what = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            broken[what] += 1
            name = f"{hashlib.sha256(one.content).hexdigest()[:12]}-{one.feed}-{one.name}"
            print(f"BROKEN {name} (of {start.name}): {what}", flush=True)
            if given.keep:
                given.keep.mkdir(parents=True, exist_ok=True)
                (given.keep / name.replace("/", "_")).write_bytes(one.content)
        slowest = max(slowest, (time.monotonic() - at, f"{one.feed}/{one.name}"))
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(f"{(told - begin) / 60:.0f} min: {tally}; {broken.total()} broken", flush=True)
    print(f"{len(seeds)} seeds, {(time.monotonic() - begin) / 60:.1f} minutes: {tally}")
    print(f"broken: {dict(broken) or 'nothing'}; the slowest took {slowest[0]:.1f} s ({slowest[1]})")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
