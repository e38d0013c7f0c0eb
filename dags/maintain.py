"""# House-keeping

Each Sunday: releases beyond the last N, reports with personal data past their keeping, old nights' folders, and
Airflow's own records of runs older than 90 days. `raw/` is never touched: everything can be rebuilt from it. Data Docs
need no pruning, each night replaces them.

How much is kept: `PILAR_KEEP_RELEASES`, `PILAR_KEEP_RESTRICTED_DAYS`, `PILAR_KEEP_NIGHTS` (see `pilar/config.py`).
"""

from __future__ import annotations

import logging
from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import CronTriggerTimetable, ExceptionRetryPolicy, RetryAction, RetryRule, dag, task
from pilar_secrets import hide_secrets

log = logging.getLogger("pilar.maintain")

KEEP_DAYS = 90
# Tables that grow with each run; the rest (DAGs, pools, connections) is small and stays. Named, so that a new Airflow
# does not quietly clean more.
TABLES = "dag_run,task_instance,task_instance_history,task_reschedule,xcom,log,job,asset_event,import_error"
# A task may not touch the metadata, so its process is told a false address; the command asks for the true one again.
CLEAN = (
    "env -u AIRFLOW__DATABASE__SQL_ALCHEMY_CONN -u AIRFLOW__CORE__SQL_ALCHEMY_CONN"
    f" airflow db clean --yes --skip-archive --error-on-cleanup-failure --tables {TABLES}"
    f" --clean-before-timestamp \"$(date --utc --date '{KEEP_DAYS} days ago' +%Y-%m-%dT%H:%M:%S+00:00)\""
)


@dag(
    # The night is over by then.
    schedule=CronTriggerTimetable("0 5 * * 0", timezone="Asia/Jakarta", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    # Deleting what is past its keeping is idempotent, and a file system may hiccup: one more try, then a person looks.
    default_args={
        "owner": "pilar-operator",
        "pre_execute": hide_secrets,
        "retries": 1,
        "retry_delay": timedelta(minutes=5),
        "retry_exponential_backoff": True,
        "retry_policy": ExceptionRetryPolicy([RetryRule(OSError)], default=RetryAction.FAIL),
        "execution_timeout": timedelta(hours=1),
    },
    tags=["pilar"],
    doc_md=__doc__,
)
def maintain() -> None:
    @task
    def prune_releases() -> int:
        from pilar import config, publish

        return tell("releases", len(publish.prune(config.home(), config.limits().keep_releases)))

    @task
    def prune_restricted() -> int:
        from pilar import config, report

        return tell(
            "reports with personal data", report.prune_restricted(config.home(), config.limits().keep_restricted_days)
        )

    @task
    def prune_nights() -> int:
        from pilar import config, message, services

        kept = config.limits().keep_nights
        tell("messages", len(message.prune(config.home(), kept)))
        return tell("nights' folders", len(services.prune_nights(config.home(), kept)))

    @task
    def prune_logs() -> int:
        from pilar import config, services

        return tell("log files", len(services.prune_logs(config.home(), KEEP_DAYS)))

    BashOperator(task_id="clean_airflow", bash_command=CLEAN, append_env=True)
    prune_releases()
    prune_restricted()
    prune_nights()
    prune_logs()


def tell(what: str, removed: int) -> int:
    """Log how many were removed; names stay out of XCom."""
    log.info("%s removed: %d", what, removed)
    return removed


maintain()
