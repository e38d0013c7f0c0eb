"""Airflow as it runs here: closed to other machines, with secrets of its own, which stand in no log."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pilar import services
from pilar.config import PROJECT, Home
from pilar.services.__main__ import warning
from pilar.services.environment import environment, passwords, secrets_of
from pilar.services.nightly import masked
from pilar.services.standing import Services
from tests.personal.conftest import BPS_KEY, Lived

PLUGINS = PROJECT / "plugins"
PASSWORD = "a-password-of-a-connection-0123456789"  # (invented)
STORE = f"""
from airflow.models import Connection
from airflow.utils.session import create_session
with create_session() as session:
    session.add(Connection(conn_id="bps_web_api", conn_type="http", host="http://127.0.0.1:9", password="{PASSWORD}"))
"""
TELL = """
import logging, os, sys
from airflow.models import Connection
from airflow.sdk.log import configure_logging, mask_secret
from airflow.utils.session import create_session
sys.path.append(sys.argv[2])
from pilar_secrets import hide_secrets
with open(sys.argv[1], "w") as out:
    configure_logging(json_output=True, output=out)
    hide_secrets({})
    with create_session() as session:
        password = session.query(Connection).filter_by(conn_id="bps_web_api").one().password
    mask_secret(password)  # as the supervisor does with each connection that a task asks for
    from pilar import config
    log = logging.getLogger("pilar.leaky")
    log.info("told password: %s", password)
    log.info("told bps key: %s", os.environ["PILAR_BPS_KEY"])
    log.info("told pii key: %s", config.home().key_file.read_text().strip())
    log.info("told fernet: %s", os.environ["AIRFLOW__CORE__FERNET_KEY"])
    try:
        raise RuntimeError("told error: " + os.environ["PILAR_BPS_KEY"])
    except RuntimeError:
        log.exception("broke")
"""
SECRETS = ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")


def test_every_home_has_secrets_of_its_own(tmp_path: Path) -> None:
    one, two = (environment(Home(tmp_path / name).make()) for name in ("one", "two"))
    told = [env[name] for env in (one, two) for name in SECRETS]
    assert len(set(told)) == len(told)
    for env in (one, two):
        assert len(base64.urlsafe_b64decode(env["AIRFLOW__CORE__FERNET_KEY"])) == 32
        assert all(len(env[name]) >= 64 for name in SECRETS[1:])
    kept = sorted((tmp_path / "one" / "airflow" / "keys").iterdir())
    assert [path.name for path in kept] == ["api", "fernet", "jwt"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_other_machines_are_let_in_only_when_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PILAR_BIND", raising=False)
    assert environment(home)["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert warning(Services(1, 8080)) == ""
    monkeypatch.setenv("PILAR_BIND", "0.0.0.0")  # noqa: S104 (that is what is asked for)
    env = environment(home, 8123)
    assert env["AIRFLOW__API__HOST"] == "0.0.0.0"  # noqa: S104
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    assert "PILAR_BIND=0.0.0.0" in warning(Services(1, 8123, "0.0.0.0"))  # noqa: S104
    monkeypatch.setenv("PILAR_BIND", "10.0.0.5")
    assert environment(home, 8123)["AIRFLOW__API__BASE_URL"] == "http://10.0.0.5:8123"
    assert Services(1, 8123, "10.0.0.5").url == "http://10.0.0.5:8123"


@pytest.mark.parametrize("given", ["kantor", "10.0.0", "127.0.0.1:80", "::"])
def test_what_is_no_address_is_told(home: Home, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PILAR_BIND", given)
    with pytest.raises(services.ServiceError, match="PILAR_BIND must be an IPv4 address"):
        environment(home)


def run(home: Home, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = environment(home) | {"PILAR_BPS_KEY": BPS_KEY, "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG"} | more
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.airflow
def test_airflow_itself_reads_these_settings(lived: Lived) -> None:
    asked = (
        ("core", "load_examples", "False"), ("api", "expose_config", "False"), ("api", "expose_stacktrace", "False"),
        ("api", "host", "127.0.0.1"), ("core", "hide_sensitive_var_conn_fields", "True"),
        ("usage_data_collection", "enabled", "False"), ("core", "simple_auth_manager_all_admins", "False"),
    )  # fmt: skip
    code = (
        "import json; from airflow.configuration import conf; from airflow.dag_processing.dagbag import DagBag\n"
        f"print('READ', [conf.get(section, name) for section, name, _ in {asked!r}])\n"
        "print('DAGS', sorted(DagBag().dags))"
    )
    done = run(lived.home, sys.executable, "-c", code, AIRFLOW__LOGGING__LOGGING_LEVEL="INFO")
    assert f"READ {[value for _, _, value in asked]}" in done.stdout, done.stderr[-2000:]
    assert "DAGS ['fetch_bps_poverty', 'maintain', 'nightly']" in done.stdout


@pytest.mark.airflow
def test_what_a_task_tells_of_secrets_is_masked(lived: Lived, tmp_path: Path) -> None:
    """Airflow's own masking as the supervisor of a task sets it up, with what `hide_secrets` teaches it, and a password
    as a task gets it: out of the metadata, where it lies encrypted."""
    stored = run(lived.home, sys.executable, "-c", STORE)
    assert stored.returncode == 0, stored.stderr[-2000:]
    metadata = b"".join(path.read_bytes() for path in lived.home.airflow.glob("airflow.db*"))
    assert b"bps_web_api" in metadata
    assert PASSWORD.encode() not in metadata

    log = tmp_path / "task.log"
    done = run(lived.home, sys.executable, "-c", TELL, str(log), str(PLUGINS))
    assert done.returncode == 0, done.stderr[-2000:]
    said = log.read_text("utf-8")
    for told in ("password", "bps key", "pii key", "fernet", "error"):
        assert f"told {told}: ***" in said, said[-2000:]
    secrets = secrets_of(lived.home, {"PILAR_BPS_KEY": BPS_KEY}) | {PASSWORD}
    assert len(secrets) >= 6
    assert not [number for number, secret in enumerate(secrets) if secret in said]


def test_a_night_in_one_process_masks_its_log(home: Home) -> None:
    """`airflow dags test` does not mask; `make nightly` does, before a line is written or shown."""
    environment(home)
    passwords(home)
    secrets = secrets_of(home, {"PILAR_BPS_KEY": BPS_KEY})
    assert len(secrets) == 5
    for secret in secrets:
        assert masked(f"key={secret};\n", secrets) == "key=***;\n"
    assert masked("nothing to hide\n", secrets) == "nothing to hide\n"


@pytest.mark.airflow
def test_no_secret_stands_in_any_log_of_the_night(lived: Lived) -> None:
    keys = [path.read_bytes().strip() for path in (lived.home.airflow / "keys").iterdir()]
    secrets = [BPS_KEY.encode(), lived.home.key_file.read_bytes().strip(), *keys]
    for path in (lived.home.airflow / "logs").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [number for number, secret in enumerate(secrets) if secret in content], path.name
    assert not [number for number, secret in enumerate(secrets) if secret in lived.said]
    assert os.environ.get("PILAR_BPS_KEY") != BPS_KEY
