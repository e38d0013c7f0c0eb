"""The submitters' own workbooks, annotated: what is wrong at its place, why, and how to mend it.

==============  ======================================================================
``findings``    which files have open findings, and which; from release and warehouse
``notes``       what is said beside a row of several findings, and of a whole column
``words``       sentences of the first sheet, in both languages
``sheets``      cells → sheets of a workbook: summary, the submitter's rows, verdicts
``book``        one file → one workbook, in constant memory
``shelf``       names, what is up to date, what goes
``page``        the list of workbooks, by submitter
==============  ======================================================================

The other way, a mended workbook that lands, is :mod:`pilar.reading.annotated`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pilar.config import Home
    from pilar.workbooks.shelf import Shelved

LIST = ".workbooks.json"
"""In the folder of workbooks: what lies there and what it was made of; hidden, so that nobody serves it."""


def write(home: Home, night_id: str) -> Shelved:
    """Bring the workbooks up to date with a night; see :func:`pilar.workbooks.shelf.write`."""
    from pilar.workbooks import shelf  # what reads and writes files is slow to import, and the report only needs a name

    return shelf.write(home, night_id)
