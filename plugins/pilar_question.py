"""The question about a held night: Airflow's human-in-the-loop operator with this project's words and limits.

It parks without a slot until somebody answers under *Required Actions*, or its time is over. It says only what was
answered; the task after it acts on that.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param
from airflow.sdk.exceptions import AirflowSkipException

log = logging.getLogger("pilar.night")

PUBLISH = "Terbitkan juga / Publish anyway"
KEEP = "Tetap pakai rilis sebelumnya / Keep the release before"


class AskAgain(Exception):
    """The answer cannot be taken; the task's next try asks again."""


class AskSteward(HITLOperator):
    """Ask whether a held night is published all the same; skipped when there is nothing to ask.

    Its result: ``answer`` (``publish`` or ``keep``), ``by``, ``reason``, ``timed_out``. Publishing wants a reason that
    names nobody: else it raises :class:`AskAgain`, so give the task retries.
    """

    def __init__(self, **kwargs: Any) -> None:
        reason = Param(
            None,
            type=["null", "string"],
            maxLength=1000,
            title="Alasan / Reason",
            description="Wajib untuk menerbitkan; tanpa nama atau nomor orang. "
            "/ Needed to publish; no person's name or number.",
        )
        asked = {"subject": "", "options": [PUBLISH, KEEP], "defaults": KEEP}  # the words come when it is asked
        super().__init__(**{**kwargs, **asked, "params": {"reason": reason}})

    def execute(self, context: Any) -> Any:
        from pilar import config, held, message, night

        night_id = context["ti"].xcom_pull(task_ids="begin", key="night_id")
        if context["dag_run"].triggering_user_name == "dag_test":
            raise AirflowSkipException("no service stands that could ask; see `pilar publish --anyway`")
        home = config.home()
        folder = home.nights / str(night_id)
        hold = night.hold(home, night_id)
        if not hold:
            raise AirflowSkipException("nothing holds this night")
        if not hold.may_be_overruled:
            raise AirflowSkipException(hold.obstacle()[1])
        if held.answers(folder):  # Airflow would show the old question
            raise AirflowSkipException("answered; what came to light since is for `pilar publish --anyway`")
        now = datetime.now(UTC)
        until = held.closes(folder, now, config.limits().answer_hours, again=context["ti"].try_number > 1)
        self.response_timeout = max(until - now, timedelta(seconds=1))
        asked = message.question(home, night_id, until=until)
        self.subject, self.body = asked.subject, asked.body
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> dict[str, Any]:
        from pilar import config, held, night

        told = super().execute_complete(context, event)
        publish = told["chosen_options"] == [PUBLISH]
        user = told["responded_by_user"]
        by = str(user["name"] or user["id"]) if user else None
        reason = str((told["params_input"] or {}).get("reason") or "").strip() or None
        timed_out = bool(event.get("timedout"))
        try:
            taken = held.answer(
                "publish" if publish else "keep",
                by=by,
                at=datetime.now(UTC),
                reason=reason,
                failed=(),
                timed_out=timed_out,
            )
            if reason:
                night.check_reason(config.home(), reason)
        except held.NoAnswer as refused:
            log.warning("ask: %s", refused)
            raise AskAgain(str(refused)) from None
        log.info("ask: %s, said %s", taken["answer"], "nobody in time" if timed_out else taken["by"])
        return {name: taken[name] for name in ("answer", "by", "reason", "timed_out")}
