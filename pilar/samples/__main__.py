"""``python -m pilar.samples write [folder]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from pilar.samples import SAMPLES, write


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m pilar.samples", description="Regenerate the sample landing folder."
    )
    parser.add_argument("action", choices=["write"])
    parser.add_argument("folder", nargs="?", type=Path, default=SAMPLES, help="default: samples/ of the checkout")
    write(parser.parse_args().folder)


if __name__ == "__main__":
    main()
