"""One line for each finished task out of Airflow's log (JSON lines), for a person who waits."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime

_EDGE = re.compile(r"\[DAG TEST\] (starting|end task) task_id=(\S+) map_index=(-?\d+)")


def line(seconds: float, task: str, message: str) -> str:
    """``   0.4 s  ingest          rosters/Kab A/a.xlsx: ok``."""
    return f"{seconds:7.1f} s  {task:<15} {message}".rstrip()


@dataclass
class Progress:
    """Reads log lines of ``airflow dags test`` one by one; remembers what the running task said last."""

    started: datetime | None = None
    said: list[str] = field(default_factory=list)
    failed: str | None = None

    def feed(self, text: str) -> str | None:
        """The line to show if ``text`` ends a task, else ``None``. Lines that are not JSON are ignored."""
        try:
            record = json.loads(text)
            event, at = str(record["event"]), datetime.fromisoformat(record["timestamp"])
        except (ValueError, KeyError, TypeError):
            return None
        if edge := _EDGE.match(event):
            kind, task, _ = edge.groups()
            if kind == "starting":
                self.started, self.said, self.failed = at, [], None
                return None
            seconds = (at - self.started).total_seconds() if self.started else 0.0
            return line(seconds, task, self._message(task))
        if str(record.get("logger", "")).startswith("pilar"):
            self.said.append(event)
        elif record.get("level") == "error" and event.startswith("Task failed"):
            self.failed = _cause(record)
        return None

    def _message(self, task: str) -> str:
        """What the task said last: how its step ended, or which file it had taken when it broke."""
        told = [text.removeprefix(f"{task}: ") for text in self.said if text.startswith(f"{task}: ")]
        return " ".join(filter(None, ["FAILED" if self.failed else "", *told[-1:], self.failed]))


def _cause(record: dict[str, object]) -> str:
    detail = record.get("exception")
    if isinstance(detail, list) and detail and isinstance(detail[0], dict):
        first = detail[0]
        return f"{first.get('exc_type')}: {first.get('exc_value')}"
    return "see the log"
