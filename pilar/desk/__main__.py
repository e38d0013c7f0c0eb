"""``python -m pilar.desk``: serve the desk on 127.0.0.1, port ``PILAR_DESK_PORT`` (8091), until it is interrupted."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

from pilar.config import Home, home

HOST = "127.0.0.1"
PORT = 8091
PAGE = Path(__file__).with_name("page.py")


def main() -> int:
    """Serve until interrupted; 1 when the desk's packages are not there."""
    if importlib.util.find_spec("marimo") is None:
        sys.stderr.write("pilar: the desk needs the packages of requirements-desk.lock; `make desk` installs them\n")
        return 1
    place = home()
    stay_inside(place)
    import uvicorn

    from pilar.desk.serving import application

    port = int(os.environ.get("PILAR_DESK_PORT") or PORT)
    sys.stdout.write(f"Pilar desk: http://{HOST}:{port}  ({place.current_marts}; Ctrl-C ends it)\n")
    sys.stdout.flush()
    uvicorn.run(
        application(PAGE), host=HOST, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )
    return 0


def stay_inside(place: Home) -> None:
    """Keep marimo's settings and log in PILAR_HOME instead of the user's own folder; it looks when it is imported."""
    os.environ["PILAR_HOME"] = str(place.root)
    for name in ("CONFIG", "CACHE", "STATE", "DATA"):
        os.environ[f"XDG_{name}_HOME"] = str(place.desk)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # marimo's threads of pages still open would keep the process; they have nothing to finish
