"""Text that a spreadsheet would reckon: names of files, events and batches come from whoever sent them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_BEGINS = r"^[=+\-@\t\r]"
_NUMBER = r"^[+\-]?[\d.,%]*$"
"""Nothing to reckon: ``-5`` is shown as it is, and so is the lone hyphen that stands for nothing."""


def harmless(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with an apostrophe before each text that a spreadsheet would take for a formula, for files that cannot
    say that a text is a text: CSV."""
    columns = [_harmless(column) if _is_text(column.type) else column for column in rows.columns]
    return pa.RecordBatch.from_arrays(columns, names=rows.schema.names)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _harmless(column: pa.Array) -> pa.Array:
    begins = pc.match_substring_regex(column, pattern=_BEGINS)
    reckoned = pc.and_not(begins, pc.match_substring_regex(column, pattern=_NUMBER))
    marked = pc.binary_join_element_wise(pa.scalar("'", column.type), column, pa.scalar("", column.type))
    return pc.if_else(pc.fill_null(reckoned, False), marked, column)
