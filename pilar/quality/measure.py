"""Two expectations of our own. Importing this module imports Great Expectations and registers them.

``expect_measure_to_be_between``: a threshold on one number that a query computes: a share, a mean, a count. GX's own
way, a query that returns the offending rows, says of a broken threshold only "1 row". A steward needs the number.

``expect_table_to_have_no_run_of_digits``: no column, whatever its type, holds a run of so many digits.
"""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.core.suite_parameters import SuiteParameterDict
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import BatchExpectation


class ExpectMeasureToBeBetween(UnexpectedRowsExpectation):
    """The number that a query gives lies between two bounds, both included.

    Args:
        unexpected_rows_query: gives one row of one number, with ``{batch}`` in its FROM. NULL, for lack of anything
            to measure, passes. The number is shown in results: it must be an aggregate, never a row's value.
        min_value: least number; ``None`` is no bound.
        max_value: greatest number; ``None`` is no bound.
    """

    min_value: float | SuiteParameterDict[str, Any] | None = None
    max_value: float | SuiteParameterDict[str, Any] | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = ("measure.table",)
    success_keys: ClassVar[tuple[str, ...]] = ("unexpected_rows_query", "min_value", "max_value")

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        rows = metrics["measure.table"]
        if len(rows) != 1 or len(rows[0]) != 1:
            raise ValueError("a measure is one row of one column")
        (value,) = dict(rows[0]).values()
        if value is None:
            return {"success": True, "result": {"observed_value": None}}
        number = float(value)
        bounds = self._get_success_kwargs()
        low, high = bounds.get("min_value"), bounds.get("max_value")
        within = (low is None or number >= low) and (high is None or number <= high)
        return {"success": within, "result": {"observed_value": round(number, 4)}}


class ExpectTableToHaveNoRunOfDigits(BatchExpectation):
    """No column holds, as text, a run of ``digits`` digits or more.

    Args:
        digits: how many make a run. The number of rows that hold one is shown in results, never the run.
    """

    digits: int

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.digit_runs",)
    success_keys: ClassVar[tuple[str, ...]] = ("digits",)

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        rows = metrics["table.digit_runs"]
        return {"success": rows == 0, "result": {"observed_value": rows}}
