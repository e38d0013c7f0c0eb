"""Pictures drawn as SVG text: no script, no library, sizes in units of their own view box.

They are pictures of numbers that stand beside them in words or in a table, so a screen reader passes them over. Colours
come from classes of the page's style sheet: ``ok``, ``no``, ``warn``, ``old``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from markupsafe import Markup

Number = int | Decimal

_SPARK_WIDTH, _SPARK_HEIGHT, _MARGIN = 96, 24, 3
_SEEN = Decimal("0.6")
"""Percent of a bar that the smallest part takes."""
_COLUMN, _GAP, _TALL, _HEAD, _FOOT = 44, 10, 100, 18, 18


def sparkline(values: Sequence[Number | None]) -> Markup:
    """A line through the values in their order, the last one dotted; gaps are skipped. Nothing moved: no picture."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    if low == high:
        return Markup()
    inner = Decimal(_SPARK_HEIGHT - 2 * _MARGIN)
    step = Decimal(_SPARK_WIDTH - 2 * _MARGIN) / (len(known) - 1)

    def height(value: Number) -> Decimal:
        return _MARGIN + inner * (Decimal(high) - value) / (Decimal(high) - low)

    points = [(_MARGIN + step * place, height(value)) for place, value in enumerate(known)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" aria-hidden="true"><polyline points="{}"/>'
        '<circle cx="{}" cy="{}" r="2.5"/></svg>'
    ).format(_SPARK_WIDTH, _SPARK_HEIGHT, line, f"{x:.1f}", f"{y:.1f}")


def stacked(parts: Iterable[tuple[str, Number | None]], whole: Number | None) -> Markup:
    """One bar of ``whole`` made of ``(class, amount)`` parts in their order; a part that is there is always seen."""
    drawn, at = Markup(), Decimal(0)
    for name, amount in parts:
        if whole and amount:
            width = min(max(Decimal(amount) * 100 / Decimal(whole), _SEEN), 100 - at)
            drawn += Markup('<rect class="{}" x="{}" width="{}" height="6"/>').format(name, f"{at:.2f}", f"{width:.2f}")
            at += width
    frame = Markup('<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">{}</svg>')
    return frame.format(drawn)


def columns(bars: Sequence[tuple[tuple[str, str], Number]], kind: str = "warn") -> Markup:
    """Columns, ``((label in Bahasa Indonesia, in English), value)``, the value over each. No column: no picture."""
    if not bars:
        return Markup()
    high = max(*(value for _, value in bars), 1)
    drawn = Markup()
    for place, (label, value) in enumerate(bars):
        height = Decimal(value) * _TALL / Decimal(high)
        left, top = place * (_COLUMN + _GAP), _HEAD + _TALL - height
        middle, foot = left + _COLUMN // 2, _HEAD + _TALL + 14
        drawn += Markup(
            '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/><text x="{}" y="{}">{}</text>'
        ).format(kind, left, f"{top:.1f}", _COLUMN, f"{height:.1f}", middle, f"{top - 4:.1f}", value)
        for language, text in zip(("id", "en"), label, strict=True):
            drawn += Markup('<text class="under" lang="{}" x="{}" y="{}">{}</text>').format(
                language, middle, foot, text
            )
    width, tall = len(bars) * (_COLUMN + _GAP) - _GAP, _HEAD + _TALL + _FOOT
    frame = Markup('<svg class="columns" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true">{2}</svg>')
    return frame.format(width, tall, drawn)
