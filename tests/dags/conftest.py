"""Airflow reads its environment when first imported: an empty home, and a default that shows what nobody declared.

The environment is put back at once: other tests start Airflow with one of their own.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from unittest.mock import patch

with patch.dict(
    os.environ,
    {
        "AIRFLOW_HOME": tempfile.mkdtemp(prefix="pilar-airflow-"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).resolve().parents[2] / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(Path(__file__).resolve().parents[2] / "plugins"),
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "97",
    },
):
    import airflow.dag_processing.dagbag  # noqa: F401 (imported for what it reads from the environment)
