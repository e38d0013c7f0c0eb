"""What the readers of figures hand on."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One published figure: the columns of ``contracts/poverty.yaml`` and where it stands."""

    table_title: str | None
    region_label: str | None
    region_code: str | None
    area_type: str
    period: str
    indicator: str
    value_text: str
    value: str | None
    unit: str | None
    source_column: str
    table_period: str | None
    released_on: str | None
    date_text: str | None
    sheet: str
    source_row: int

    def as_row(self) -> dict[str, str | int | None]:
        return dict(vars(self))


@dataclass(frozen=True)
class Reading:
    """How one table (sheet or API answer) was understood.

    ``columns`` says for each header which indicators it names, ``ignored_headers`` which columns gave no figure.
    ``missing`` names what kept the table from being understood; then ``figures`` is empty.
    """

    sheet: str
    header_row: int | None = None
    regions: int = 0
    figures: list[Figure] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    ignored_headers: list[str] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def newest(periods: list[str]) -> str | None:
    """The newest of ``YYYY`` and ``YYYY-MM``; a bare year stands for its end."""
    return max(periods, key=lambda period: period if "-" in period else f"{period}-12", default=None)
