"""One message a night, by Airflow's own notifiers: mail, a webhook, or a file in the home.

The connection ``pilar_message`` (Admin → Connections) says where to: type *SMTP* with the recipients as ``to`` in its
extra, or type *HTTP* with the webhook as host. Without it, or when it fails, the message is left in ``messages/`` of
the home.
"""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.sdk import BaseNotifier, Connection
from airflow.sdk.exceptions import AirflowNotFoundException

if TYPE_CHECKING:
    from pilar.config import Home
    from pilar.message import Message

log = logging.getLogger("pilar.message")

CONNECTION = "pilar_message"
PATIENCE = 20.0
"""Seconds a webhook may take to answer."""


class NightNotifier(BaseNotifier):
    """Tells how the night of a run ended, once, whatever calls it how often. Never raises: a lost message is one line
    in the log, not a failed night."""

    def notify(self, context: Any) -> None:
        try:
            self._tell(context)
        except Exception as error:
            log.warning("message: not sent (%s)", type(error).__name__)

    def _tell(self, context: Any) -> None:
        from pilar import config

        home = config.home()
        night_id = _night_of(home, context)
        # A run whose first task broke has no night: its own name tells its message from others.
        key = night_id or re.sub(r"[^0-9A-Za-z]+", "-", str(context["run_id"]))
        with _once(home, key) as sent:
            if sent is not None:
                return
            message = _message(home, night_id, context)
            channel = _send(message, key)
            if channel == "file":
                from pilar import message as messages

                messages.write(home, key, message)
            _mark(home, key).write_text(json.dumps({"channel": channel, "at": datetime.now(UTC).isoformat()}))
            log.info("message: %s (%s)", message.subject, channel)


def _night_of(home: Home, context: Any) -> str | None:
    """The newest night, if this run began it: a night's id is the UTC time of its beginning, and one run is active at a
    time. Not asked by XCom, which callbacks of a whole run lack."""
    from pilar import night

    newest, run = night.newest(home), context.get("dag_run")
    began = f"{run.start_date or run.run_after:%Y%m%dT%H%M%SZ}" if run else ""
    return newest if newest and newest >= began else None


def _message(home: Home, night_id: str | None, context: Any) -> Message:
    from pilar import held, night
    from pilar import message as messages
    from pilar.config import limits

    site = conf.get("api", "base_url", fallback="").rstrip("/")
    if night_id is None:
        return messages.never_began(site)
    run = context.get("dag_run")
    asked = night.hold(home, night_id).may_be_overruled and getattr(run, "triggering_user_name", None) != "dag_test"
    now = datetime.now(UTC)
    until = now + held.response_time(now, limits().answer_hours) if asked else None
    return messages.of_night(home, night_id, until=until, site=site)


def _send(message: Message, key: str) -> str:
    """Through the connection, if there is one and it works; returns ``smtp``, ``http``, else ``file``."""
    try:
        connection = Connection.get(CONNECTION)
    except AirflowNotFoundException:
        return "file"
    try:
        if connection.conn_type == "smtp":
            _mail(message, connection)
            return "smtp"
        if connection.conn_type in {"http", "https"}:
            _post(message, connection, key)
            return "http"
        log.warning("message: connection %s is of type %s, not smtp or http", CONNECTION, connection.conn_type)
    except Exception as error:  # its text may hold an address with a secret in it
        log.warning("message: connection %s failed (%s), left as a file", CONNECTION, type(error).__name__)
    return "file"


def _mail(message: Message, connection: Any) -> None:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    mail = SmtpNotifier(
        smtp_conn_id=CONNECTION,
        to=connection.extra_dejson["to"],
        subject=message.subject,
        html_content=f'<pre style="font: 1em/1.4 sans-serif; white-space: pre-wrap">{html.escape(message.body)}</pre>',
    )
    # Not called but told to notify: a call would take file names for templates, and fill them in.
    mail.notify({})


def _post(message: Message, connection: Any, key: str) -> None:
    """``text`` is what Slack, Mattermost and Google Chat show."""
    import httpx

    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log the address, which may be the secret
    host = connection.host or ""
    address = host if "://" in host else f"{connection.schema or connection.conn_type}://{host}"
    if connection.port and "://" not in host:
        address += f":{connection.port}"
    headers = {"Authorization": f"Bearer {connection.password}"} if connection.password else {}
    said = {
        "night": key,
        "outcome": message.outcome,
        "subject": message.subject,
        "text": f"{message.subject}\n\n{message.body}",
    }
    httpx.post(
        address + connection.extra_dejson.get("endpoint", ""), json=said, headers=headers, timeout=PATIENCE
    ).raise_for_status()


def _mark(home: Home, key: str) -> Path:
    """Where it stands that a message was sent: with its night, and gone with it."""
    folder = home.nights / key
    return folder / "message.json" if folder.is_dir() else home.messages / f"{key}.json"


@contextmanager
def _once(home: Home, key: str) -> Iterator[dict[str, Any] | None]:
    """Hold the mark of a message against other processes; gives what it says, None before the first message."""
    from pilar import locks

    home.messages.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locks.hold(home.messages / ".lock", wait_seconds=locks.FOR_EVER):
        mark = _mark(home, key)
        yield json.loads(mark.read_text()) if mark.is_file() else None
