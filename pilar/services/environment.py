"""The environment that Airflow runs in: paths, secrets, ports, and its metadata brought up to date."""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path

from pilar import locks
from pilar.config import PROJECT, Home

AIRFLOW = (sys.executable, "-m", "airflow")
POOL = ("warehouse", "1", "The one slot in which the warehouse is open")


class ServiceError(Exception):
    """Something an operator can mend: the message says what and how."""


def kept_secret(path: Path, fresh: str) -> str:
    """The secret in ``path``; if there is none yet, ``fresh`` is written there, mode 0600, once."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(fresh)
    return fresh


ROLES = ("viewer", "user", "op", "admin")
"""Of Airflow's simple auth manager, each with what the ones before it may do."""

ADMIN = "admin"
"""The account that `make nightly` itself logs in with."""


def users() -> dict[str, str]:
    """Account name → role, from ``PILAR_USERS`` (``admin:admin,siti:op,ani:viewer``; default ``admin:admin``).

    Raises :class:`ServiceError` for what Airflow would not understand, and where ``admin:admin`` is missing.
    """
    given = os.environ.get("PILAR_USERS", "").strip() or f"{ADMIN}:{ADMIN}"
    found: dict[str, str] = {}
    for entry in given.split(","):
        name, _, role = (part.strip() for part in entry.partition(":"))
        if not re.fullmatch(r"[\w.@-]{1,50}", name) or role not in ROLES or name in found:
            listed = ", ".join(ROLES)
            raise ServiceError(f"PILAR_USERS: each part must be name:role, each name once, the role one of {listed}")
        found[name] = role
    if found.get(ADMIN) != ADMIN:
        raise ServiceError(f"PILAR_USERS must hold {ADMIN}:{ADMIN}, the account of Pilar itself")
    return found


def password_file(home: Home) -> Path:
    """Where Airflow's simple auth manager looks for ``{name: password}``; mode 0600."""
    return home.airflow / "passwords.json"


def passwords(home: Home) -> tuple[dict[str, str], set[str]]:
    """Name → password of each account of :func:`users`, and the names whose password was made just now.

    Airflow would make what is missing, and print it into its log. A name that left keeps its line: it cannot log in.
    """
    path = password_file(home)
    first = {ADMIN: secrets.token_urlsafe(16)}
    kept: dict[str, str] = json.loads(kept_secret(path, json.dumps(first)))
    made = {name: secrets.token_urlsafe(16) for name in users() if name not in kept}
    if made:
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        kept_secret(part, json.dumps(kept | made))
        part.replace(path)
    fresh = set(made) | ({ADMIN} if kept.get(ADMIN) == first[ADMIN] else set())
    return kept | made, fresh


def admin_password(home: Home) -> tuple[str, bool]:
    """The password of ``admin``, and whether it was made just now (then somebody must be told)."""
    known, fresh = passwords(home)
    return known[ADMIN], ADMIN in fresh


def secrets_of(home: Home, env: Mapping[str, str]) -> set[str]:
    """What must stand in no log: passwords, Airflow's keys, the key of the pseudonyms, that of the BPS Web API."""
    files = [*(home.airflow / "keys").glob("*"), home.key_file]
    told = {path.read_text("utf-8").strip() for path in files if path.is_file()}
    told |= {env.get(name, "").strip() for name in ("PILAR_PII_KEY", "PILAR_BPS_KEY")}
    known: dict[str, str] = json.loads(password_file(home).read_text("utf-8")) if password_file(home).is_file() else {}
    return {secret for secret in (*told, *known.values()) if secret}


LOOPBACK = "127.0.0.1"


def bound_to() -> str:
    """The address that the API listens on: this machine's own, unless ``PILAR_BIND`` names another (``0.0.0.0``: all).

    Raises :class:`ServiceError` for what is no address.
    """
    given = os.environ.get("PILAR_BIND", "").strip() or LOOPBACK
    try:
        return str(ipaddress.IPv4Address(given))
    except ValueError:
        told = f"PILAR_BIND must be an IPv4 address: {LOOPBACK} (this machine alone) or 0.0.0.0 (all of its addresses)"
        raise ServiceError(told) from None


def reached_at(address: str) -> str:
    """Where a program of this machine finds what listens on ``address``."""
    return LOOPBACK if address == "0.0.0.0" else address  # noqa: S104 (compared)  # nosec B104


def environment(home: Home, port: int = 8080) -> dict[str, str]:
    """The whole environment of an Airflow process over ``home``; secrets travel in it, never as arguments."""
    keys = home.airflow / "keys"
    address = bound_to()
    url = f"http://{reached_at(address)}:{port}"
    ours = {
        "PILAR_HOME": str(home.root),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "pilar_executor.MaskingLocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        # One mapped task for each file: a first night may bring thousands.
        "AIRFLOW__CORE__MAX_MAP_LENGTH": "20000",
        "AIRFLOW__CORE__FERNET_KEY": kept_secret(
            keys / "fernet", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        ),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in users().items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(home)),
        "AIRFLOW__API__HOST": address,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__EXPOSE_CONFIG": "False",
        "AIRFLOW__API__EXPOSE_STACKTRACE": "False",
        "AIRFLOW__API__SECRET_KEY": kept_secret(keys / "api", secrets.token_urlsafe(64)),
        "AIRFLOW__API_AUTH__JWT_SECRET": kept_secret(keys / "jwt", secrets.token_urlsafe(64)),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home.airflow / "logs"),
        # Each step waits for the scheduler's next look: a night of nine steps would idle nine seconds.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {**os.environ, **ours}


def prepare(home: Home, env: dict[str, str]) -> None:
    """Migrate Airflow's metadata and lay the pool, unless this version has done so already.

    Asking Airflow takes four seconds, so a stamp beside the SQLite file remembers. With a database of the operator's
    own (``AIRFLOW__DATABASE__SQL_ALCHEMY_CONN``) it is asked each time.
    """
    stamp = home.airflow / "migrated"
    release = version("apache-airflow-core")
    own_database = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" in env
    if not own_database and (home.airflow / "airflow.db").exists() and stamp.exists() and stamp.read_text() == release:
        return
    for command in (("db", "migrate"), ("pools", "set", *POOL)):
        done = subprocess.run([*AIRFLOW, *command], env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            log = home.airflow / "logs" / "setup.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(done.stdout + done.stderr, encoding="utf-8")
            raise ServiceError(f"`airflow {' '.join(command[:2])}` failed; see {log}")
    stamp.write_text(release)


@contextmanager
def lock(path: Path) -> Iterator[int | None]:
    """Hold ``path`` exclusively among processes; gives its descriptor, or ``None`` if another process holds it.

    The kernel frees the lock when its holder dies. A child that inherits the descriptor holds it too.
    """
    with ExitStack() as stack:
        try:
            held = stack.enter_context(locks.hold(path))
        except locks.Locked:
            held = None
        yield held


def services_lock(home: Home) -> Path:
    """Held by the standing services, or by a night that runs without them: only one may work on the metadata."""
    return home.airflow / "services.lock"
