"""``python -m pilar.services nightly|up|down|password``: what ``make`` and compose call; exit 0, 3 held, 1 failed."""

from __future__ import annotations

import argparse
import os
import sys

from pilar.config import Home, home
from pilar.services import ServiceError, down, nightly, up
from pilar.services.environment import ADMIN, password_file, passwords, users
from pilar.services.standing import Services, supervise


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; an error an operator can mend is one line on stderr and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m pilar.services", description=__doc__)
    parser.add_argument("verb", choices=["nightly", "up", "down", "password", "supervise"])
    parser.add_argument("--port", type=int, default=int(os.environ.get("PILAR_PORT") or 8080))
    parser.add_argument("--force", action="store_true", help="run every step though nothing is new")
    given = parser.parse_args(arguments)
    here = home()
    try:
        if given.verb == "nightly":
            return nightly(here, force=given.force)
        if given.verb == "supervise":
            return supervise(here, given.port)
        if given.verb == "down":
            sys.stdout.write("Airflow is down.\n" if down(here) else "Airflow was not running.\n")
            return 0
        if given.verb == "up":
            services, fresh = up(here, given.port)
            sys.stdout.write(f"Airflow is up: {services.url} (user admin). `make down` ends it.\n")
            sys.stdout.write(warning(services))
        else:
            _, fresh = passwords(here)
        sys.stdout.write(told(here, fresh))
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def warning(services: Services) -> str:
    """What it means that others than this machine may ask; nothing where they may not."""
    if services.address.startswith("127."):
        return ""
    return (
        f"WARNING: PILAR_BIND={services.address} lets other machines ask. Logins and pages travel unencrypted: put a "
        "server with TLS before it and let a firewall keep the port.\n"
    )


def told(home: Home, fresh: set[str]) -> str:
    """Where the passwords are. The admin's is shown once, those of others never: they are read from the file."""
    known, _ = passwords(home)
    others = ", ".join(sorted(users().keys() - {ADMIN}))
    end = f"{password_file(home)}\n" + (f"The passwords of {others} are kept there too.\n" if others else "")
    if ADMIN in fresh:
        return f"Password of admin, shown this once: {known[ADMIN]}\nkept in {end}"
    return f"Password of admin: as before, in {end}"


if __name__ == "__main__":
    sys.exit(main())
