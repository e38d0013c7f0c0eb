"""# Poverty figures from the BPS Web API

Once a month the answers of the BPS Web API that tell a new figure are landed under `landing/poverty/bps-web-api/`, as
they came; the next night takes them like any other file. BPS publishes in January and July; asking every month catches
corrections. Started by hand, the run takes `years` (a backfill) or `all_years`.

Needs a connection `bps_web_api` (Admin → Connections, type HTTP) with the API key as its password. Its host (the whole
base address) and the variables (extra, `{"variables": {"0000": [624]}}`) have defaults. Without the key the task is
skipped and its log says what the files in `landing/poverty/` hold and lack: the nights work from those.

Red: the log names each request that failed. What came has landed; a run that is cleared or started again asks for the
rest and lands nothing twice. What each failure means: `docs/bps-web-api.md`.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, Connection, CronTriggerTimetable, Param, dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException, AirflowSkipException
from pilar_secrets import hide_secrets

log = logging.getLogger("pilar.bps")


@dag(
    # Before the night of the 5th.
    schedule=CronTriggerTimetable("30 0 5 * *", timezone="Asia/Jakarta", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "pilar-operator", "pre_execute": hide_secrets},
    params={
        "years": Param(
            [],
            type="array",
            items={"type": "integer", "minimum": 1970, "maximum": 2099},
            description="empty: this year and the last",
        ),
        "all_years": Param(False, type="boolean", description="every year that BPS has, whatever stands above"),
    },
    tags=["pilar"],
    doc_md=__doc__,
)
def fetch_bps_poverty() -> None:
    # The API answers 5xx and times out on its bad days: the one task whose retries wait for hours.
    @task(
        retries=4,
        retry_delay=timedelta(minutes=10),
        retry_exponential_backoff=True,
        max_retry_delay=timedelta(hours=3),
        execution_timeout=timedelta(hours=2),
        outlets=[Asset("pilar://landing/poverty")],
    )
    def fetch(*, params: Any) -> list[str]:
        from pilar import bps_api, config

        years = None if params["all_years"] else params["years"] or bps_api.usual_years()
        home = config.home()
        try:
            connection = Connection.get("bps_web_api")
        except AirflowNotFoundException:
            connection = Connection(conn_id="bps_web_api")
        variables = connection.extra_dejson.get("variables")
        try:
            if not connection.password:
                for line in bps_api.without_key(home, years, variables).splitlines():
                    log.warning("%s", line)
                raise AirflowSkipException("no key in the connection bps_web_api; what there is instead stands above")
            fetched = bps_api.fetch(
                home,
                years,
                key=connection.password,
                base_url=connection.host or bps_api.BASE_URL,
                variables=variables,
                tell=log.info,
            )
        except bps_api.FetchError as failed:
            for reason in failed.reasons:
                log.warning("%s", reason)
            if isinstance(failed, bps_api.RefusedError):
                raise AirflowFailException(failed.advice) from None
            raise
        log.info("%s", fetched.text)
        return [path.name for path in fetched.landed]

    fetch()


fetch_bps_poverty()
