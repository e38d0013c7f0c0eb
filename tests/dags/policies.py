"""The policies every DAG of this project keeps. Each is a function that returns what is wrong, in words."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, AssetAlias
from airflow.sdk.bases.operator import DEFAULT_RETRIES as UNDECLARED_RETRIES
from airflow.sdk.definitions.mappedoperator import MappedOperator

from pilar.night import STEPS

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
DAGS = sorted((Path(__file__).resolve().parents[2] / "dags").glob("*.py"))
BAD = Path(__file__).resolve().with_name("bad_dag.py")
"""A DAG that keeps no policy."""
OPENS_WAREHOUSE = {*STEPS, "ask", "answer"}
"""`ask` looks whether a reason names somebody whom the warehouse knows; while it waits it holds no slot."""
HEAVY = ("duckdb", "dbt", "great_expectations", "pandas", "pyarrow", "python_calamine", "httpx", "pilar.night")
SIMPLE_CALLS = {
    "logging.getLogger",
    "Asset",
    "AssetAlias",
    "timedelta",
    "WhenItCanHelp",
}
Policy = Callable[[DAG, Path], list[str]]


def load(file: Path) -> list[DAG]:
    """The DAGs of one file, read as Airflow's own DAG processor reads it."""
    bag = DagBag(str(file))
    if bag.import_errors:
        raise ValueError(str(bag.import_errors))
    return list(bag.dags.values())


def owner(dag: DAG, _: Path) -> list[str]:
    return [f"{task.task_id} has no owner" for task in dag.tasks if task.owner in {"", "airflow"}]


def retries_declared(dag: DAG, _: Path) -> list[str]:
    return [f"{task.task_id} does not say its retries" for task in dag.tasks if task.retries == UNDECLARED_RETRIES]


def retries_back_off(dag: DAG, _: Path) -> list[str]:
    retried = [task for task in dag.tasks if 0 < task.retries < UNDECLARED_RETRIES]
    return [f"{task.task_id} retries at a fixed beat" for task in retried if not task.retry_exponential_backoff]


def timeouts(dag: DAG, _: Path) -> list[str]:
    return [f"{task.task_id} may run for ever" for task in dag.tasks if task.execution_timeout is None]


def pool(dag: DAG, _: Path) -> list[str]:
    """Whatever opens the warehouse holds its slot; nothing else does, or files would queue for it."""
    opens = [
        f"{task.task_id} opens the warehouse outside its pool"
        for task in dag.tasks
        if task.task_id in OPENS_WAREHOUSE and (task.pool, task.pool_slots) != ("warehouse", 1)
    ]
    idle = [
        f"{task.task_id} takes the warehouse's slot for nothing"
        for task in dag.tasks
        if task.task_id not in OPENS_WAREHOUSE and task.pool == "warehouse"
    ]
    return opens + idle


def one_run_at_a_time(dag: DAG, _: Path) -> list[str]:
    wrong = [] if dag.max_active_runs == 1 else ["two runs may be active"]
    return wrong + (["old runs are caught up"] if dag.catchup else [])


def local_schedule(dag: DAG, _: Path) -> list[str]:
    zone = str(getattr(dag.timetable, "timezone", dag.timezone))
    return [] if "Asia/Jakarta" in zone else [f"the schedule counts in {zone}"]


def documented(dag: DAG, file: Path) -> list[str]:
    text = ast.get_docstring(ast.parse(file.read_text("utf-8")))
    if not text:
        return ["the file has no docstring"]
    return [] if dag.doc_md and dag.doc_md.strip() == text.strip() else ["doc_md is not the file's docstring"]


def mapped_named(dag: DAG, _: Path) -> list[str]:
    mapped = [task for task in dag.tasks if isinstance(task, MappedOperator)]
    return [f"{task.task_id} shows numbers for names" for task in mapped if not task.map_index_template]


def mapped_without_alias(dag: DAG, _: Path) -> list[str]:
    """Airflow makes an asset that is told of under an alias when the first task tells of it: tasks that do so at once
    each make it, and its unique name lets one of them fail."""
    mapped = [task for task in dag.tasks if isinstance(task, MappedOperator)]
    told = [task for task in mapped if any(isinstance(one, AssetAlias) for one in task.outlets)]
    return [f"{task.task_id} tells of assets under an alias from many tasks at once" for task in told]


def no_work_at_parse(_: DAG, file: Path) -> list[str]:
    """At module level only imports, definitions, constants, and the call of a ``@dag`` function."""
    tree = ast.parse(file.read_text("utf-8"))
    factories = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    wrong = []
    for node in tree.body:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.ClassDef():
                continue
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name in factories:
                continue
            case ast.Assign() | ast.AnnAssign():
                calls = [ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)]
                wrong += [f"line {node.lineno} calls {call}" for call in calls if call not in SIMPLE_CALLS]
            case _:
                wrong.append(f"line {node.lineno} does work: {type(node).__name__}")
    return wrong


@cache
def _imported() -> dict[str, set[str]]:
    """DAG file → what parsing it imports beyond Airflow itself, each in a fork of an interpreter that has read none."""
    script = (
        "import os, runpy, sys\n"
        "import airflow.sdk, airflow.providers.standard.operators.bash\n"
        "before = set(sys.modules)\n"
        "for file in sys.argv[1:]:\n"
        "    if not os.fork():\n"
        "        runpy.run_path(file, run_name='parsed')\n"
        "        print('IMPORTED', file, *sorted(set(sys.modules) - before), sep='\\t', flush=True)\n"
        "        os._exit(0)\n"
        "    assert os.wait()[1] == 0, file\n"
    )
    with tempfile.TemporaryDirectory() as empty:
        env = {**os.environ, "AIRFLOW_HOME": empty, "PYTHONPATH": str(PLUGINS)}
        done = subprocess.run(
            [sys.executable, "-c", script, *map(str, (*DAGS, BAD))], capture_output=True, text=True, check=True, env=env
        )
    told = [line.split("\t") for line in done.stdout.splitlines() if line.startswith("IMPORTED\t")]
    return {file: set(names) for _, file, *names in told}


def light_imports(_: DAG, file: Path) -> list[str]:
    """What parsing the file imports beyond Airflow itself."""
    imported = _imported()[str(file)]
    return [f"parsing imports {name}" for name in HEAVY if any(f"{one}.".startswith(f"{name}.") for one in imported)]


POLICIES: tuple[Policy, ...] = (
    owner,
    retries_declared,
    retries_back_off,
    timeouts,
    pool,
    one_run_at_a_time,
    local_schedule,
    documented,
    mapped_named,
    mapped_without_alias,
    no_work_at_parse,
    light_imports,
)


def broken(file: Path, policies: Iterable[Policy] = POLICIES) -> dict[str, list[str]]:
    """Which policies a file breaks, and how."""
    found = {policy.__name__: [fault for dag in load(file) for fault in policy(dag, file)] for policy in policies}
    return {name: faults for name, faults in found.items() if faults}
