"""What may be told of an error: its text may quote a cell, and ends in logs, in ``nights/`` and in Airflow's metadata.

Told in full are sentences of Pilar's own, and those of the machine and of DuckDB that can only be about files, tables
and columns; long numbers are masked even there, for a path may spell a NIK. Of any other error its kind and place are
told. Who mends it finds the place in the traceback, which holds code and no values.
"""

from __future__ import annotations

import errno
import os
import traceback
from pathlib import Path

import duckdb

from pilar.config import PROJECT
from pilar.showing import mask

_ABOUT_THE_MACHINE = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.CatalogException, duckdb.BinderException)
"""Errors of DuckDB about files, memory and names. Its others (conversion, invalid input, constraint) quote values."""


_TROUBLES = tuple(os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO))
"""Of the machine, in its words: told also where an error of another kind quotes them."""


class Withheld(RuntimeError):
    """Stands for an error whose text is kept back; says its kind and place."""


def told(error: BaseException) -> str:
    """``kind: text`` of an error as far as it may be told, else ``kind in file, line``. Never a value of a row."""
    safe = fit_to_tell(error)
    return str(safe) if isinstance(safe, Withheld) else f"{type(safe).__name__}: {safe}"


def fit_to_tell(error: BaseException) -> BaseException:
    """The error itself where its text may be told, with long numbers masked; else a :class:`Withheld` in its place.

    What it stands for keeps its traceback, and loses the errors that it was raised from: raise it ``from None``.
    """
    if isinstance(error, Withheld):
        return error
    safe: BaseException
    if type(error).__module__.partition(".")[0] == "pilar" or _is_said_by_us(error):
        safe = _masked(error)
    elif isinstance(error, OSError) and error.errno is not None:
        path = None if error.filename is None else mask(str(error.filename))
        same = path == (None if error.filename is None else str(error.filename))
        safe = error if same else OSError(error.errno, error.strerror, path)
    elif isinstance(error, _ABOUT_THE_MACHINE):
        safe = _masked(error)
    else:
        trouble = next((trouble for trouble in _TROUBLES if trouble in str(error)), None)
        safe = Withheld(_place(error) + (f" ({trouble})" if trouble else ""))
    return safe.with_traceback(error.__traceback__)


def _masked(error: BaseException) -> BaseException:
    """A hiccup of the file system keeps its class: it is worth another try."""
    text = mask(str(error))
    if text == str(error):
        return error
    return (
        duckdb.IOException(text)
        if isinstance(error, duckdb.IOException)
        else Withheld(f"{type(error).__name__}: {text}")
    )


def _place(error: BaseException) -> str:
    """The class, and the last place in Pilar's own code that the error came by."""
    stack = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in stack if _is_ours(Path(frame.filename))] or stack
    where = f" in {Path(ours[-1].filename).name}, line {ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}; its text may quote a value and is not told"


def _is_said_by_us(error: BaseException) -> bool:
    """Whether a ``raise`` of Pilar's made the error: its sentences name no values (CONTRIBUTING)."""
    stack = traceback.extract_tb(error.__traceback__)
    return bool(
        stack
        and Path(stack[-1].filename).is_relative_to(PROJECT / "pilar")
        and (stack[-1].line or "").startswith("raise ")
    )


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(PROJECT) and "site-packages" not in path.parts
