"""# Poverty figures from the BPS Web API

Once a month the answers of the BPS Web API are landed under `landing/poverty/`, as they came; the next night takes
them like any other file. BPS publishes in January and July; asking every month catches corrections.

Needs a connection `bps_web_api` (Admin → Connections, type HTTP) with the API key as its password; host and the list of
variables (extra, `{"variables": {…}}`) have defaults. Without the connection the task says so and is skipped.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, Connection, CronTriggerTimetable, Param, dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException, AirflowSkipException

log = logging.getLogger("pilar.bps")


@dag(
    schedule=CronTriggerTimetable("30 0 5 * *", timezone="Asia/Jakarta"),  # before the night of the 5th
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "pilar-operator"},
    params={"years": Param([], type="array", items={"type": "integer"}, description="empty: this year and the last")},
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
        execution_timeout=timedelta(minutes=30),
        outlets=[Asset("pilar://landing/poverty")],
    )
    def fetch(*, params: Any) -> list[str]:
        from datetime import datetime

        from pilar import bps_api, config

        try:
            connection = Connection.get("bps_web_api")
        except AirflowNotFoundException:
            raise AirflowSkipException("no connection bps_web_api: nothing fetched (see this DAG's page)") from None
        this_year = datetime.now(config.DISPLAY_ZONE).year
        settings = connection.extra_dejson
        try:
            landed = bps_api.fetch(
                config.home(),
                params["years"] or [this_year - 1, this_year],
                key=connection.password,
                base_url=connection.host or bps_api.BASE_URL,
                variables=settings.get("variables", bps_api.VARIABLES),
            )
        except bps_api.RefusedError as refused:  # asking again cannot help
            raise AirflowFailException(str(refused)) from None
        log.info("landed %d answers of the BPS Web API", len(landed))
        return [path.name for path in landed]

    fetch()


fetch_bps_poverty()
