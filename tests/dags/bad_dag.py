import json
from datetime import UTC, datetime, timedelta

import duckdb
from airflow.sdk import DAG, AssetAlias, task

VERSION = duckdb.sql("SELECT 1").fetchone()
for name in ("x",):
    json.dumps(name)

with DAG(
    "bad", schedule="0 1 * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), catchup=True, doc_md="something else"
):

    @task
    def build() -> list[int]:
        return [1]

    @task(retries=3, retry_delay=timedelta(seconds=1), pool="warehouse", outlets=[AssetAlias("any")])
    def count(number: int) -> int:
        return number

    count.expand(number=build())
