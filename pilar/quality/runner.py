"""Great Expectations at work: suites in, results out, Data Docs on request.

Personal data: no result holds a value of a row, only counts and shares. Expectations on a column that the contract
calls ``restricted`` say yes or no and nothing else, and the text of an exception is passed on only if it can hold
nothing but names of tables and columns.

Importing this module imports Great Expectations (about 6 s); :mod:`pilar.quality.gate` does so when it judges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult, RunIdentifier
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)

from pilar import duck
from pilar.contracts import contracts
from pilar.figures.indicators import indicators
from pilar.load import PROVENANCE
from pilar.quality import measure
from pilar.quality.duckdb_source import DuckDBDatasource
from pilar.quality.suites import SCHEMAS, GateName, Suite
from pilar.quality.verdict import UNJUDGED, Result

__all__ = ["Runner", "measure"]

_COUNTS_ONLY: dict[str, Any] = {"result_format": "BASIC", "partial_unexpected_count": 0}
_YES_OR_NO = "BOOLEAN_ONLY"

_SAFE_MESSAGE = re.compile(r'(?:Catalog|Binder) Error: [^\n]{1,200}|The column "\w+" in BatchData does not exist')
"""Messages about names of tables and columns; any other message may quote a value."""


class Runner:
    """Runs suites on one database, opened read-only and given back on leaving the ``with`` block.

    Args:
        gate: which schema to look at.
        database: the DuckDB file.
        night_id: names the run in Data Docs.
        site: folder that :meth:`build_docs` renders into; ``None`` for no Data Docs.
    """

    def __init__(self, gate: GateName, database: Path, night_id: str, site: Path | None) -> None:
        self._night_id = night_id
        self._context = _context(site)
        self._source: DuckDBDatasource = self._context.data_sources.add_duckdb(
            name=gate,
            database=str(database),
            database_schema=SCHEMAS[gate],
            read_only=True,
            settings=duck.settings(),
        )

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    def build_docs(self) -> None:
        """Render Data Docs of every suite that was run."""
        self._context.build_data_docs()

    def run(self, suite: Suite) -> list[Result]:
        """Judge one table; results in the suite's order. Great Expectations' report is kept for Data Docs."""
        batch = self._source.add_table_asset(suite.table).add_batch_definition_whole_table("all rows").get_batch()
        self._context.suites.add(_gx_suite(suite, range(len(suite.expectations))))
        results: dict[int, Result] = {}
        reports: list[ExpectationSuiteValidationResult] = []
        for positions, result_format in _parts(suite):
            try:
                report = batch.validate(
                    _gx_suite(suite, positions),
                    result_format=result_format,
                    expectation_parameters=_parameters(suite.table),
                )
            except Exception as error:
                reason = _safe(str(error), type(error).__name__)
                results |= {at: _result(suite, at, success=False, raised=reason) for at in positions}
                continue
            for item in report.results:
                at = _position(item)
                raised = _raised(item)
                if raised:
                    item.exception_info = {
                        "raised_exception": True,
                        "exception_message": raised,
                        "exception_traceback": None,
                    }
                results[at] = _result(suite, at, success=bool(item.success), raised=raised, observed=_observed(item))
            reports.append(report)
        if reports:
            _keep_report(self._context, suite, reports, batch.id, self._night_id)
        return [results[at] for at in sorted(results)]


def _context(site: Path | None) -> EphemeralDataContext:
    """A context in memory, rendering into ``site`` alone; no other file, no telemetry, no progress bars."""
    sites = {
        "pilar": {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        }
    }
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
        data_docs_sites=sites if site is not None else {},
    )
    return gx.get_context(project_config=config, mode="ephemeral")


def _parts(suite: Suite) -> Iterator[tuple[list[int], Any]]:
    """Positions of the expectations on open columns and on restricted ones, each with what may be said of them."""
    restricted = _restricted(suite.table) if suite.meta["gate"] == "arrivals" else set()
    guarded = [at for at, item in enumerate(suite.expectations) if restricted.intersection(item.columns)]
    free = [at for at in range(len(suite.expectations)) if at not in guarded]
    for positions, result_format in ((free, _COUNTS_ONLY), (guarded, _YES_OR_NO)):
        if positions:
            yield positions, result_format


def _restricted(feed: str) -> set[str]:
    """Personal columns of a feed's contract; none for tables that are no feed."""
    contract = contracts().get(feed)
    return {column.name for column in contract.columns if column.classification == "restricted"} if contract else set()


def _parameters(table: str) -> dict[str, list[str]]:
    """What suites take from the contracts, so that it is said once (GX: ``{$PARAMETER: name}``)."""
    known = contracts()
    figures = {column.name: column.values for column in known["poverty"].columns}
    parameters = {"feeds": list(known), "indicators": list(indicators()), "area_types": figures["area_type"]}
    if table in known:
        parameters["contract_columns"] = [column.name for column in known[table].columns] + list(PROVENANCE)
    return parameters


def _gx_suite(suite: Suite, positions: Iterable[int]) -> gx.ExpectationSuite:
    expectations = []
    for at in positions:
        expectation = suite.expectations[at].as_gx()
        expectation["meta"]["position"] = at
        expectations.append(expectation)
    return gx.ExpectationSuite(name=suite.name, expectations=expectations)


def _result(
    suite: Suite, at: int, *, success: bool, raised: str | None = None, observed: str | int | float | None = None
) -> Result:
    expectation = suite.expectations[at]
    return Result(
        suite=suite.name,
        table=suite.table,
        expectation=expectation.type,
        column=", ".join(expectation.columns) or None,
        severity="critical" if raised else expectation.severity,
        success=success and not raised,
        observed=f"{UNJUDGED}: {raised}" if raised else observed,
        description_id=expectation.meta.description_id,
        description_en=expectation.meta.description_en,
        owner=expectation.meta.owner,
        rules=expectation.meta.rules,
    )


def _position(item: ExpectationValidationResult) -> int:
    """Where the expectation stands in its suite: Great Expectations keeps no order when one raises."""
    configuration = item.expectation_config
    if configuration is None:
        raise ValueError("Great Expectations returned a result of no expectation")
    return int(configuration.meta["position"])


def _raised(item: ExpectationValidationResult) -> str | None:
    """Why an expectation could not be evaluated, fit to be shown; ``None`` if it could."""
    info = item.exception_info or {}
    # Flat for an expectation's own exception, by metric for a metric's.
    for raised in [info] if "raised_exception" in info else info.values():
        if raised.get("raised_exception"):
            return _safe(str(raised.get("exception_message")), "exception")
    return None


def _safe(message: str, otherwise: str) -> str:
    found = _SAFE_MESSAGE.search(message)
    return found.group(0) if found else otherwise


def _observed(item: ExpectationValidationResult) -> str | int | float | None:
    """A count or share, as one JSON scalar. Never a value of a row: no result format here asks for one."""
    found = item.result
    mismatched = found.get("details", {}).get("mismatched")
    if mismatched:
        return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in mismatched.items())
    if "unexpected_count" in found and "element_count" in found:
        return f"{found['unexpected_count']} / {found['element_count']}"
    value = found.get("observed_value")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str | int | float) or value is None else str(value)


def _keep_report(
    context: EphemeralDataContext,
    suite: Suite,
    reports: list[ExpectationSuiteValidationResult],
    batch_id: str,
    night_id: str,
) -> None:
    """Put the parts' results together, in the suite's order, where Data Docs look for them."""
    items = [item for report in reports for item in report.results]
    items.sort(key=_position)
    passed = sum(bool(item.success) for item in items)
    run = RunIdentifier(run_name=night_id, run_time=datetime.now(UTC))
    whole = ExpectationSuiteValidationResult(
        results=items,
        success=passed == len(items),
        suite_name=suite.name,
        statistics={
            "evaluated_expectations": len(items),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(items) - passed,
            "success_percent": 100 * passed / len(items),
        },
        meta={**reports[0].meta, "run_id": run, "validation_time": run.run_time, "batch_parameters": None},
        batch_id=batch_id,
    )
    name = ExpectationSuiteIdentifier(name=suite.name)
    context.validation_results_store.store_validation_results(
        suite_validation_result=whole,
        suite_validation_result_identifier=ValidationResultIdentifier(
            expectation_suite_identifier=name, run_id=run, batch_identifier=batch_id
        ),
        expectation_suite_identifier=name,
    )
