"""Python values → Arrow, without ``pa.array`` and ``pa.scalar``.

Their first call imports pandas if it is installed (0.7 s of CPU on two cores), which a process that takes one
file would pay each time.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

import pyarrow as pa

NAMES = pa.list_(pa.string())


def texts(values: Sequence[str | None]) -> pa.Array:
    """A string array; ``None`` is null."""
    builder = pa.lib.StringBuilder()
    builder.append_values(values)
    return builder.finish()


def numbers(values: Sequence[int]) -> pa.Array:
    """An int32 array."""
    return pa.Array.from_buffers(pa.int32(), len(values), [None, pa.py_buffer(array("i", values))])


def name_lists(values: Sequence[Sequence[str] | None]) -> pa.Array:
    """An array of lists of strings; ``None`` is a null list."""
    present = pa.py_buffer(_bits(value is not None for value in values))
    offsets = pa.py_buffer(array("i", accumulate((len(value or ()) for value in values), initial=0)))
    names = texts([name for value in values for name in value or ()])
    return pa.Array.from_buffers(NAMES, len(values), [present, offsets], children=[names])


def number(value: int) -> Any:
    """An int32 scalar."""
    return numbers([value])[0]


def text(value: str | None) -> Any:
    """A string scalar."""
    return texts([value])[0]


def repeated(value: str, count: int) -> pa.Array:
    """The same text ``count`` times."""
    return pa.repeat(text(value), count)


def counted(first: int, count: int) -> pa.Array:
    """``count`` numbers from ``first`` on, as int32."""
    return pa.arange(first, first + count).cast(pa.int32())


def whole(block: bytes) -> pa.Array:
    """A UTF-8 block as an array of one string."""
    offsets = pa.py_buffer(array("q", (0, len(block))))
    return pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(block)])


def lines(block: bytes) -> pa.Array:
    """The lines of a UTF-8 block, cut at each ``\\n``, as a string array."""
    return pa.compute.split_pattern(whole(block), pattern="\n").flatten().cast(pa.string())


def _bits(flags: Iterable[bool]) -> bytes:
    """Flags as Arrow packs them: eight to a byte, the first in the lowest bit."""
    packed = bytearray()
    for index, flag in enumerate(flags):
        if index % 8 == 0:
            packed.append(0)
        packed[-1] |= flag << (index % 8)
    return bytes(packed)
