"""# The night

Everything new in `landing/` becomes a release, or a reason why not.

* `begin` looks what is new and settled, and numbers the night.
* `ingest`, one mapped task for each file, takes exact bytes, receipt and rows into `raw/`.
  A broken file is a *result* (rejected, with a reason), never a failed task.
* `load`, `gate_arrivals`, `build`, `gate_candidate`, `publish`, `report` follow one another; only they open the
  warehouse (pool `warehouse`, one slot). `publish` flips `published/marts.duckdb`, or is skipped when a gate held.
* `conclude` gives the operator's summary and decides how the run ends; one message goes out (`NightNotifier`).
* `ask` asks a steward about a held night, under *Required Actions*: publish anyway, with a reason, or keep yesterday's
  release. `answer` does what was said. Without an answer in time (`PILAR_ANSWER_HOURS`, never into the next night)
  yesterday's is kept.

A night without news skips everything between `begin` and `conclude`. **Held** is a success of the run: yesterday's
release stays, the report says why. **Failed** is red: read the log of the red task, mend, clear it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import (
    Asset,
    AssetAlias,
    CronTriggerTimetable,
    RetryDecision,
    RetryPolicy,
    SkipMixin,
    TriggerRule,
    chain,
    dag,
    task,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from pilar_notifier import NightNotifier
from pilar_question import AskSteward
from pilar_secrets import hide_secrets

log = logging.getLogger("pilar.night")

RAW = AssetAlias("pilar-raw")  # each night's feeds hang their own asset on it: a new feed needs no edit here
WAREHOUSE = Asset("pilar://warehouse")
MARTS = Asset("pilar://published/marts")
REPORTS = Asset("pilar://reports")


class WhenItCanHelp(RetryPolicy):
    """Retry a hiccup of the file system or a locked warehouse; a wrong model or a broken promise fails at once.
    A question whose answer cannot be taken is asked again.

    The same rows through the same code give the same error, so a second try would only cost the night its time.
    DuckDB's ``IOException`` is known by name: importing DuckDB here would load it into every parse.
    """

    def evaluate(self, exception: BaseException, *_: Any, **__: Any) -> RetryDecision:
        names = {kind.__name__ for kind in type(exception).__mro__}
        again = names & {"OSError", "IOException", "AskAgain"}
        return RetryDecision.retry() if again else RetryDecision.fail("a retry cannot help")


HICCUP = {
    "retries": 2,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=2),
    "retry_policy": WhenItCanHelp(),
}
OPENS_WAREHOUSE = {**HICCUP, "pool": "warehouse", "execution_timeout": timedelta(hours=2)}
# The time for an answer is the operator's own affair; this one bounds asking and reading the answer.
ASKS = {
    **OPENS_WAREHOUSE,
    "execution_timeout": timedelta(minutes=10),
    "response_timeout": timedelta(hours=20),
    "retries": 20,
    "retry_delay": timedelta(seconds=1),
    "max_retry_delay": timedelta(seconds=5),
}


def step(name: str, ti: Any, *arguments: Any) -> str:
    """Run one step of ``pilar.night`` and log its sentence; its status is all that goes into XCom."""
    from pilar import config, night

    night_id = ti.xcom_pull(task_ids="begin", key="night_id")
    if night_id is None:
        raise AirflowSkipException("no night began: see the log of `begin`")
    result = getattr(night, name)(config.home(), night_id, *arguments)
    log.info("%s: %s, %s (%.1f s)", name, result["status"], result["message"], result["seconds"])
    if result["status"] == "skipped":
        raise AirflowSkipException(result["message"])
    return str(result["status"])


@dag(
    # No start_date and no time of grace (False means a tenth of the interval): the first run is tonight's, not one for
    # last night the moment somebody switches it on.
    schedule=CronTriggerTimetable("0 1 * * *", timezone="Asia/Jakarta", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=24),  # a question closes before the next night begins
    default_args={"owner": "pilar-operator", "pre_execute": hide_secrets},
    params={"force": False},
    on_failure_callback=[NightNotifier()],  # a run that was ended before `conclude`, which tells all others
    tags=["pilar"],
    doc_md=__doc__,
)
def nightly() -> None:
    @task(**HICCUP, execution_timeout=timedelta(minutes=30))
    def begin(*, params: Any, dag: Any, ti: Any) -> list[dict[str, Any]]:
        from pilar import config, night

        plan = night.begin(config.home(), force=bool(params["force"]))
        log.info("begin: night %s, %s", plan["night_id"], plan["message"])
        ti.xcom_push(key="night_id", value=plan["night_id"])
        if plan["unchanged"]:
            SkipMixin().skip(ti, [one for one in dag.tasks if one.task_id not in {"begin", "conclude"}])
        return list(plan["items"])

    @task(
        **HICCUP,
        execution_timeout=timedelta(hours=1),
        map_index_template="{{ task.op_kwargs['item']['feed'] }}/{{ task.op_kwargs['item']['file_name'] }}",
    )
    def ingest(item: dict[str, Any], *, ti: Any) -> str:
        log.info("ingest: taking %s/%s", item["feed"], item["file_name"])
        step("ingest", ti, item)
        return str(item["feed"])

    # A crashed ingest must not keep the other files' news back, and a night may have work without a new file. The news
    # of all feeds is told here, by one task: of two that end at once, each would make a new feed's asset, and one fail.
    @task(**OPENS_WAREHOUSE, trigger_rule=TriggerRule.ALL_DONE, outlets=[RAW, WAREHOUSE])
    def load(*, ti: Any, outlet_events: Any) -> str:
        status = step("load", ti)
        taken = ti.xcom_pull(task_ids="ingest") or []  # of one file, the feed alone
        for feed in sorted({taken} if isinstance(taken, str) else set(taken)):
            outlet_events[RAW].add(Asset(f"pilar://raw/{feed}"))
        return status

    @task(**OPENS_WAREHOUSE, inlets=[WAREHOUSE])
    def gate_arrivals(*, ti: Any) -> str:
        return step("gate_arrivals", ti)

    # A held gate skips steps, but not those after them: each writes down that, and why, it did nothing.
    @task(**OPENS_WAREHOUSE, trigger_rule=TriggerRule.NONE_FAILED, inlets=[WAREHOUSE], outlets=[WAREHOUSE])
    def build(*, ti: Any) -> str:
        return step("build", ti)

    @task(**OPENS_WAREHOUSE, trigger_rule=TriggerRule.NONE_FAILED, inlets=[WAREHOUSE])
    def gate_candidate(*, ti: Any) -> str:
        return step("gate_candidate", ti)

    @task(**OPENS_WAREHOUSE, trigger_rule=TriggerRule.NONE_FAILED, inlets=[WAREHOUSE], outlets=[MARTS])
    def publish(*, ti: Any) -> str:
        return step("publish", ti)

    # Held or failed: that is when the stewards need their report most.
    @task(**OPENS_WAREHOUSE, trigger_rule=TriggerRule.ALL_DONE, inlets=[WAREHOUSE], outlets=[REPORTS])
    def report(*, ti: Any) -> str:
        return step("report", ti)

    # Sums up what the steps wrote; a second try would sum up the same.
    @task(
        retries=0,
        execution_timeout=timedelta(minutes=10),
        trigger_rule=TriggerRule.ALL_DONE,
        on_success_callback=[NightNotifier()],
        on_failure_callback=[NightNotifier()],
    )
    def conclude(*, ti: Any) -> str:
        from pilar import config, night

        night_id = ti.xcom_pull(task_ids="begin", key="night_id")
        if night_id is None:
            raise AirflowFailException("the night never began: see the log of `begin`")
        end = night.conclude(config.home(), night_id)
        for line in end["text"].splitlines():
            log.info("%s", line)
        if end["outcome"] == "failed":
            raise AirflowFailException(f"night {night_id} failed; yesterday's release stays")
        log.info("conclude: night %s ended: %s", night_id, end["outcome"])
        return str(end["outcome"])

    # A person's answer is the last word of this run; the next night looks anew.
    @task(**OPENS_WAREHOUSE, inlets=[WAREHOUSE], outlets=[MARTS, REPORTS])
    def answer(*, ti: Any) -> str:
        from pilar import config, held, night

        night_id, said = ti.xcom_pull(task_ids="begin", key="night_id"), ti.xcom_pull(task_ids="ask")
        try:
            if said["answer"] == "publish":
                end = night.publish_anyway(config.home(), night_id, by=said["by"], reason=said["reason"])
            else:
                end = night.keep(
                    config.home(), night_id, by=said["by"], reason=said["reason"], timed_out=said["timed_out"]
                )
        except held.NoAnswer as refused:
            raise AirflowFailException(str(refused)) from None
        for line in end["text"].splitlines():
            log.info("%s", line)
        log.info("answer: %s, night %s is now: %s", said["answer"], night_id, end["outcome"])
        return str(end["outcome"])

    chain(
        ingest.expand(item=begin()),
        load(),
        gate_arrivals(),
        build(),
        gate_candidate(),
        publish(),
        report(),
        conclude(),
        AskSteward(task_id="ask", inlets=[WAREHOUSE], **ASKS),
        answer(),
    )


nightly()
