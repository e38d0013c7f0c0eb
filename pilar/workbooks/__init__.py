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

from pilar.workbooks.shelf import Shelved, write

__all__ = ["Shelved", "write"]
