"""With this folder on ``PYTHONPATH`` a Python process counts DuckDB's work and leaves it in ``$WORK_DONE``."""

import atexit
import json
import os
from pathlib import Path

import counting

counting.install()


@atexit.register
def _leave() -> None:
    if counting.done:  # helpers of the process say nothing
        Path(os.environ["WORK_DONE"]).write_text(json.dumps(counting.done), "utf-8")
