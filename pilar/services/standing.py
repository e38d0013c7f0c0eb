"""``make up`` and ``make down``: api-server, scheduler, dag-processor and triggerer in one process group."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from pilar.config import PROJECT, Home
from pilar.services.environment import (
    AIRFLOW,
    LOOPBACK,
    ServiceError,
    admin_password,
    bound_to,
    environment,
    lock,
    password_file,
    passwords,
    prepare,
    reached_at,
    services_lock,
)

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
START_SECONDS = 180.0
STOP_SECONDS = 40.0
RESTARTS = 5
"""A component that dies is started again this often; then the services end, and `make up` is a person's decision."""


@dataclass(frozen=True)
class Services:
    """Standing services: the process group and the port that their supervisor wrote down."""

    group: int
    port: int
    address: str = LOOPBACK
    """What the API listens on."""

    @property
    def url(self) -> str:
        """Where this machine reaches it."""
        return f"http://{reached_at(self.address)}:{self.port}"


def up(home: Home, port: int) -> tuple[Services, set[str]]:
    """Start the services and wait until all four are healthy and the night may be asked for.

    Returns them, and the names of the accounts whose password was made just now. Raises :class:`ServiceError` if they
    run already, a night runs, the port is taken, or they do not become healthy.
    """
    home.airflow.mkdir(parents=True, exist_ok=True)  # no landing folder: a first `make nightly` lays the samples
    home.root.chmod(0o700)
    with lock(services_lock(home)) as held:
        if held is None and (services := running(home)):
            raise ServiceError(f"Airflow is up already on {services.url}; `make down` ends it")
        if held is None:
            raise ServiceError(f"a night is running over {home.root}; start Airflow when it has ended")
        if (left := _written(home)) and _is_ours(left.group):
            end_group(left.group, STOP_SECONDS)  # the supervisor was killed, its children were not
        _require_free(port)
        env = environment(home, port)
        prepare(home, env)
        _, fresh = passwords(home)
    log = home.airflow / "logs" / "services" / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "pilar.services", "supervise", "--port", str(port)],
            cwd=PROJECT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    services = Services(supervisor.pid, port, bound_to())
    if not (wait_until_healthy(services) and _wait_until_known(home, services)):
        end_group(supervisor.pid, STOP_SECONDS)
        supervisor.wait()
        raise ServiceError(f"Airflow did not become healthy; see {log.parent}")
    return services, fresh


def down(home: Home) -> bool:
    """End the whole process group and wait for it. Returns whether there was one."""
    services = _written(home)
    if services is None or not _is_ours(services.group):
        return False
    end_group(services.group, STOP_SECONDS)
    _state_file(home).unlink(missing_ok=True)
    return True


def running(home: Home) -> Services | None:
    """The standing services of this home, if they stand."""
    services = _written(home)
    return services if services and _is_ours(services.group) else None


def wait_until_healthy(services: Services) -> bool:
    """Wait for health; gives up when the group has ended or after ``START_SECONDS``."""
    deadline = time.monotonic() + START_SECONDS
    while not healthy(services):
        if not members(services.group) or time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def _wait_until_known(home: Home, services: Services) -> bool:
    """Wait until Airflow has read the DAG of the night: its processor is healthy before it has read anything."""
    deadline = time.monotonic() + START_SECONDS
    with api(home, services) as client:
        while client.get("/api/v2/dags/nightly").status_code != httpx.codes.OK:
            if not members(services.group) or time.monotonic() > deadline:
                return False
            time.sleep(0.5)
    return True


def healthy(services: Services) -> bool:
    """Whether the API answers and says that all four components are healthy."""
    try:
        answer = httpx.get(f"{services.url}/api/v2/monitor/health", timeout=5)
        states = answer.json()
    except (httpx.HTTPError, ValueError):
        return False
    parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
    return all(states.get(part, {}).get("status") == "healthy" for part in parts)


class _Patient(httpx.HTTPTransport):
    """Asks again where Airflow answers 5xx: its metadata in SQLite have one writer at a time, and a request that waited
    five seconds for another is given up with 500, nothing done."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for pause in (1, 2, 4, 8, 16):
            answer = super().handle_request(request)
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return answer
            answer.close()
            time.sleep(pause)
        return super().handle_request(request)


def ask_for_night(client: httpx.Client, *, force: bool) -> str:
    """Ask the running scheduler for a night, once, however often the request is made. Returns the run's id."""
    run = f"manual__{datetime.now(UTC).isoformat()}"
    request = {"dag_run_id": run, "logical_date": None, "conf": {"force": force}}
    answer = client.post("/api/v2/dags/nightly/dagRuns", json=request)
    if answer.status_code != httpx.codes.CONFLICT:  # then an answer was lost, the run was not
        answer.raise_for_status()
    return run


@contextmanager
def api(home: Home, services: Services) -> Iterator[httpx.Client]:
    """A client of the running API, logged in as admin."""
    password, _ = admin_password(home)
    with httpx.Client(base_url=services.url, timeout=60, transport=_Patient()) as client:
        login = client.post("/auth/token", json={"username": "admin", "password": password})
        if login.status_code == httpx.codes.UNAUTHORIZED:
            raise ServiceError(f"Airflow refuses the password in {password_file(home)}")
        client.headers["Authorization"] = f"Bearer {login.raise_for_status().json()['access_token']}"
        yield client


def supervise(home: Home, port: int) -> int:
    """Be the leader of the group: start the components, start again what dies, end all on SIGTERM.

    Holds the services' lock for as long as it lives. Expects to run in a session of its own.
    """
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    logs = home.airflow / "logs" / "services"
    with lock(services_lock(home)) as held:
        if held is None:
            return 1
        _state_file(home).write_text(json.dumps(asdict(Services(os.getpid(), port, bound_to()))))
        started = {name: _start(name, logs) for name in COMPONENTS}
        restarts = 0
        while not stopping:
            time.sleep(0.5)
            for name, process in started.items():
                if stopping or process.poll() is None:
                    continue
                restarts += 1
                _tell(f"{name} ended with code {process.returncode}; see {logs / f'{name}.log'}")
                if restarts > RESTARTS:
                    stopping = True
                else:
                    time.sleep(2)
                    started[name] = _start(name, logs)
        for process in started.values():
            process.terminate()
        for process in started.values():
            try:
                process.wait(STOP_SECONDS / 2)
            except subprocess.TimeoutExpired:
                process.kill()
        _state_file(home).unlink(missing_ok=True)
    return 0 if restarts <= RESTARTS else 1


def end_group(group: int, grace: float) -> None:
    """SIGTERM to a process group, wait ``grace`` seconds at most, SIGKILL what is left, wait until it is empty."""
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 10.0)):
        deadline = time.monotonic() + seconds
        if not members(group):
            return
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            return
        while members(group) and time.monotonic() < deadline:
            time.sleep(0.1)


def members(group: int) -> dict[int, str]:
    """Living processes of a session and process group: pid → command line. Zombies do not count."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = (row.split(None, 3) for row in listing.splitlines())
    return {int(row[0]): row[3] for row in rows if len(row) == 4 and int(row[1]) == group and row[2][0] != "Z"}


def _start(name: str, logs: Path) -> subprocess.Popen[bytes]:
    with (logs / f"{name}.log").open("ab") as log:
        return subprocess.Popen([*AIRFLOW, name], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _state_file(home: Home) -> Path:
    return home.airflow / "services.json"


def _written(home: Home) -> Services | None:
    try:
        return Services(**json.loads(_state_file(home).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _is_ours(group: int) -> bool:
    """A pid may have been given away since: only a group that runs Airflow or the supervisor is ours."""
    return any("airflow" in args or "pilar.services" in args for args in members(group).values())


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bound_to(), port))
        except OSError:
            raise ServiceError(
                f"port {port} is in use by another program; choose one: make up PILAR_PORT=8081"
            ) from None
