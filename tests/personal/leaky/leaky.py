"""A DAG that tells all secrets that it can get at, for the test that Airflow masks them."""

from __future__ import annotations

import logging
import os

from airflow.sdk import Connection, dag, task
from pilar_secrets import hide_secrets


@dag(schedule=None, default_args={"pre_execute": hide_secrets})
def leaky() -> None:
    @task
    def tell() -> None:
        from pilar import config

        log = logging.getLogger("pilar.leaky")
        log.info("told password: %s", Connection.get("bps_web_api").password)
        log.info("told bps key: %s", os.environ["PILAR_BPS_KEY"])
        log.info("told pii key: %s", config.home().key_file.read_text("utf-8").strip())
        for name in ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY"):
            log.info("told %s: %s", name, os.environ.get(name, "(not there)"))
        print("told aloud:", os.environ["PILAR_BPS_KEY"])  # noqa: T201 (what a task prints is in its log, too)
        raise RuntimeError(f"told by an error: {os.environ['PILAR_BPS_KEY']}")

    tell()


leaky()
