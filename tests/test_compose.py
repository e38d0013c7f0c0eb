"""docker-compose.yml: valid, without secrets, bound to this machine, and its very commands run against a PostgreSQL.

No Docker engine is needed: each service's ``command``, ``environment`` and ``healthcheck`` are taken from the file, the
variables filled in, the names of hosts, folders and ports of the containers replaced by those of this machine, and run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import psycopg2
import pytest
import yaml

from pilar.services.standing import end_group, members
from tests.conftest import free_port

CHECKOUT = Path(__file__).resolve().parent.parent
TEXT = (CHECKOUT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
# The Compose Specification's own schema, Apache License 2.0, see tests/compose/README.md.
SCHEMA = json.loads((CHECKOUT / "tests" / "compose" / "compose-spec.json").read_text("utf-8"))
AIRFLOW = {name for name, service in SERVICES.items() if service["image"].startswith("pilar")}
VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}")


def filled(value: Any, variables: Mapping[str, str]) -> Any:
    """Compose's interpolation: ``${A}``, ``${A:-default}``, ``${A:?message}`` (raises KeyError), ``$$``."""
    if isinstance(value, dict):
        return {key: filled(one, variables) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, variables) for one in value]
    if not isinstance(value, str):
        return value

    def one(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if name is None:
            return "$"
        given = variables.get(name, "")
        if not given and kind == "?":
            raise KeyError(f"{name}: {rest}")
        return given or (rest if kind == "-" else "")

    return VARIABLE.sub(one, value)


GIVEN = {"PILAR_HOME": "/srv/pilar", "PILAR_SECRETS": "/srv/secrets", "PILAR_UID": "1000", "PILAR_GID": "1000"}


def valid(document: Any) -> None:
    jsonschema.Draft201909Validator(SCHEMA).validate(document)


def test_file_keeps_the_compose_specification() -> None:
    valid(filled(COMPOSE, GIVEN))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["services", "scheduler", "comand"], ["airflow"]),
        (["services", "scheduler", "depends_on"], {"api-server": {"condition": "healthy"}}),
        (["services", "api-server", "ports"], {"8080": "8080"}),
        (["servces"], {}),
    ],
)
def test_schema_would_catch_a_slip(path: list[str], value: Any) -> None:
    document = filled(COMPOSE, GIVEN)
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        valid(document)


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_a_required_variable_is_asked_for(missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        filled(COMPOSE, {name: value for name, value in GIVEN.items() if name != missing})


def test_example_names_each_variable_and_gives_none() -> None:
    lines = (CHECKOUT / ".env.example").read_text("utf-8").splitlines()
    settings = [line for line in lines if line and not line.startswith("#")]
    assert all(line.endswith("=") for line in settings)
    named = {match[1] for match in VARIABLE.finditer(TEXT) if match[1]}
    assert {line[:-1] for line in settings} == named


def test_services_are_those_of_make_up_and_the_scale_profile() -> None:
    plain = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert plain == {"postgres", "airflow-init", "api-server", "scheduler", "dag-processor", "triggerer"}
    assert {name for name, service in SERVICES.items() if service.get("profiles") == ["scale"]} == {"redis", "worker"}


def test_ports_are_bound_to_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(str(port).startswith("127.0.0.1:") for port in ports)


def test_every_lasting_service_has_a_health_check_and_waits_for_what_it_needs() -> None:
    for name, service in SERVICES.items():
        assert ("healthcheck" in service) is (name != "airflow-init"), name
        for needed, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if needed == "airflow-init" else "service_healthy"
            assert how["condition"] == wanted, (name, needed)


def test_airflow_runs_as_a_plain_user_over_the_folder() -> None:
    for name in AIRFLOW:
        service = filled(SERVICES[name], GIVEN)
        assert service["user"] == "1000:1000"
        assert service["volumes"] == [{"type": "bind", "source": "/srv/pilar", "target": "/pilar"}]


def test_no_secret_stands_in_the_file() -> None:
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|FERNET|CONN", key) and not key.endswith("PASSWORDS_FILE"):
                assert key.endswith(("_CMD", "_FILE")), (name, key)
                assert "/run/secrets/" in value


def test_image_takes_hash_locked_requirements_and_no_root() -> None:
    lines = (CHECKOUT / "Dockerfile").read_text("utf-8").splitlines()
    assert "FROM python:3.11-slim" in lines
    assert any("--require-hashes -r requirements.lock" in line for line in lines)
    assert [line for line in lines if line.startswith("USER ")] == ["USER pilar"]
    copied = {line.split()[-1].removesuffix("/") for line in lines if line.startswith("COPY ")} - {"."}
    assert all((CHECKOUT / name).exists() for name in copied)


# --- the services, natively -------------------------------------------------------------------------------------------


class Machine:
    """Runs services of the compose file as processes of this machine."""

    def __init__(self, root: Path, executor: str) -> None:
        self.home, self.secrets = root / "pilar", root / "secrets"
        self.home.mkdir(mode=0o700)
        self.secrets.mkdir(mode=0o700)
        self.logs = root / "logs"
        self.logs.mkdir()
        self.ports = {"postgres:5432": free_port(), "redis:6379": free_port(), "api-server:8080": free_port()}
        for name in COMPOSE["secrets"]:
            # Fernet wants 32 bytes in base64, the others any long text that may stand in a URL.
            text = "A" * 43 + "=" if name == "fernet_key" else os.urandom(32).hex()
            (self.secrets / name).write_text(text + "\n")  # as `openssl rand` leaves it
        self.variables = GIVEN | {"PILAR_PORT": str(self.ports["api-server:8080"]), "PILAR_EXECUTOR": executor}
        self.groups: dict[str, subprocess.Popen[bytes]] = {}

    def native(self, value: Any) -> Any:
        """Containers' hosts, ports and folders → this machine's."""
        if isinstance(value, dict):
            return {key: self.native(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.native(one) for one in value]
        text = str(value)
        for place, port in self.ports.items():
            text = text.replace(place, f"127.0.0.1:{port}")
        text = text.replace("127.0.0.1:8080", f"127.0.0.1:{self.ports['api-server:8080']}")
        text = text.replace("/run/secrets", str(self.secrets)).replace("/app/", f"{CHECKOUT}/")
        return re.sub(r"(?<![\w.])/pilar\b", str(self.home), text)

    def service(self, name: str) -> dict[str, Any]:
        keys = ("command", "environment", "healthcheck")
        return {key: self.native(filled(SERVICES[name].get(key, {}), self.variables)) for key in keys}

    def environment(self, name: str) -> dict[str, str]:
        port = str(self.ports["api-server:8080"])
        bare = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8"}
        given = {key: str(value) for key, value in self.service(name)["environment"].items()}
        # In a container each service has addresses of its own; here they share one.
        replaced = {"AIRFLOW__API__PORT": port, "AIRFLOW__API__HOST": "127.0.0.1"} if name in AIRFLOW else {}
        return bare | given | replaced

    def run(self, name: str, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self.environment(name), cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=600
        )

    def start(self, name: str, *more: str) -> None:
        with (self.logs / f"{name}.log").open("wb") as log:
            self.groups[name] = subprocess.Popen(
                [*self.service(name)["command"], *more],
                env=self.environment(name),
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self, name: str) -> subprocess.CompletedProcess[str]:
        kind, *rest = self.service(name)["healthcheck"]["test"]
        return self.run(name, ["sh", "-c", rest[0]] if kind == "CMD-SHELL" else rest)

    def wait_healthy(self, name: str, seconds: float = 600) -> None:
        deadline = time.monotonic() + seconds
        while (last := self.check(name)).returncode:
            log = (self.logs / f"{name}.log").read_text("utf-8", "replace")[-2000:]
            assert self.groups[name].poll() is None, f"{name} ended: {log}"
            assert time.monotonic() < deadline, f"{name} is not healthy: {last.stdout}{last.stderr}{log}"
            time.sleep(1)

    def stop(self) -> None:
        for process in reversed(self.groups.values()):
            end_group(process.pid, grace=40)
            process.wait()


@contextmanager
def postgresql(machine: Machine, root: Path) -> Iterator[None]:
    """A throwaway server as the service `postgres` describes it. It refuses root, so root lends it to `postgres`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    programs = found[-1].parent if found else Path(shutil.which("initdb") or "/nonexistent/initdb").parent
    if not (programs / "initdb").exists():
        pytest.skip("no PostgreSQL server programs on this machine")
    settings = {key: str(value) for key, value in machine.service("postgres")["environment"].items()}
    password, port = Path(settings["POSTGRES_PASSWORD_FILE"]).read_text().strip(), machine.ports["postgres:5432"]
    folder, own = root / "postgres", root / "initdb-password"
    folder.mkdir()
    own.write_text(password)
    as_user: list[str] = []
    if os.geteuid() == 0:
        for path in (folder, own):
            shutil.chown(path, "postgres")
        for parent in (root, *root.parents):  # pytest's folders are closed to others
            if parent.owner() == "root" and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o001)
        as_user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"]
    initdb = [str(programs / "initdb"), "--pgdata", str(folder), "--username", settings["POSTGRES_USER"]]
    subprocess.run(
        [*as_user, *initdb, "--pwfile", str(own), "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync"],
        check=True, capture_output=True, cwd="/",
    )  # fmt: skip
    options = ["-c", f"port={port}", "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"]
    server = subprocess.Popen(
        [*as_user, str(programs / "postgres"), "-D", str(folder), *options, "-c", "fsync=off"],
        cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        ready = [*machine.service("postgres")["healthcheck"]["test"][1:], "--port", str(port)]
        deadline = time.monotonic() + 180
        while subprocess.run([str(programs / ready[0]), *ready[1:]], capture_output=True, check=False).returncode:
            assert server.poll() is None
            assert time.monotonic() < deadline, "PostgreSQL does not answer the service's health check"
            time.sleep(0.2)
        user = settings["POSTGRES_USER"]
        with connected(port, user, password, "postgres") as connection:
            connection.autocommit = True
            connection.cursor().execute(f"CREATE DATABASE {settings['POSTGRES_DB']}")
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(120)
        assert members(server.pid) == {}


@contextmanager
def connected(port: int, user: str, password: str, database: str) -> Iterator[Any]:
    connection = psycopg2.connect(host="127.0.0.1", port=port, user=user, password=password, dbname=database)
    try:
        yield connection
    finally:
        connection.close()


@pytest.mark.postgres
@pytest.mark.airflow
@pytest.mark.parametrize("executor", ["pilar_executor.MaskingLocalExecutor", "CeleryExecutor"])
def test_the_services_run_natively(tmp_path: Path, executor: str) -> None:
    scale = executor == "CeleryExecutor"
    if scale and not shutil.which("redis-server"):
        pytest.skip("no redis-server on this machine")
    machine = Machine(tmp_path, executor)
    with ExitStack() as stack:
        stack.callback(machine.stop)
        stack.enter_context(postgresql(machine, tmp_path))
        stack.callback(machine.stop)  # before the server goes

        init = machine.run("airflow-init", machine.service("airflow-init")["command"])
        assert init.returncode == 0, init.stdout[-2000:] + init.stderr[-2000:]
        assert "shown this once" in init.stdout
        again = machine.run("airflow-init", machine.service("airflow-init")["command"])
        assert again.returncode == 0
        assert "as before" in again.stdout

        password = (machine.secrets / "postgres_password").read_text().strip()
        with connected(machine.ports["postgres:5432"], "airflow", password, "airflow") as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT slots FROM slot_pool WHERE pool = 'warehouse'")
            assert cursor.fetchall() == [(1,)]

        if scale:
            machine.start("redis", "--port", str(machine.ports["redis:6379"]), "--bind", "127.0.0.1")
            ready = [*machine.service("redis")["healthcheck"]["test"][1:], "-p", str(machine.ports["redis:6379"])]
            deadline = time.monotonic() + 120
            while machine.run("redis", ready).stdout != "PONG\n" and time.monotonic() < deadline:
                time.sleep(0.2)
        names = ["api-server", "scheduler", "dag-processor", "triggerer", *(["worker"] if scale else [])]
        for name in names:
            machine.start(name)
        for name in names:
            machine.wait_healthy(name)
        task_runs_through(machine)
        machine.stop()
        assert all(members(process.pid) == {} for process in machine.groups.values())
        assert machine.check("scheduler").returncode != 0, "the health check passes without a scheduler"
        written = "".join(log.read_text("utf-8", "replace") for log in machine.logs.glob("*.log"))
        assert not [path.name for path in machine.secrets.iterdir() if path.read_text().strip() in written]


def task_runs_through(machine: Machine) -> None:
    """One DAG run by the executor under test: house-keeping over the empty home, which needs nothing but itself."""
    trigger = machine.run("scheduler", ["airflow", "dags", "trigger", "maintain", "--run-id", "proof"])
    assert trigger.returncode == 0, trigger.stderr[-2000:]
    state, deadline = "", time.monotonic() + 600
    while state not in {"success", "failed"} and time.monotonic() < deadline:
        listing = machine.run("scheduler", ["airflow", "dags", "list-runs", "maintain", "--output", "json"])
        if "[{" in listing.stdout:  # a command may fail on a busy machine
            runs = json.loads(listing.stdout[listing.stdout.index("[{") :])
            state = next(run["state"] for run in runs if run["run_id"] == "proof")
    assert state == "success", listing.stdout[-2000:] + listing.stderr[-2000:]
