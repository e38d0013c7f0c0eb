"""What the files in ``landing/poverty`` hold, for who has no key: which years of East Java, and which not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pilar import regions
from pilar.bps_api import variables as known
from pilar.bps_api.variables import Variables, indicator_by_variable
from pilar.bps_api.years import ranges, usual_years
from pilar.config import Home, limits
from pilar.contracts import contract
from pilar.reading import sandbox
from pilar.reading.model import Rejected

_COLUMNS = ("indicator", "region_code", "period", "value")
_LEVELS = {"province": "the province", "kabkota": "the kab/kota"}


@dataclass
class Coverage:
    """Files by whether they can be read, and regions of East Java by (indicator, level, year)."""

    files: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    regions: dict[tuple[str, str, int], set[str]] = field(default_factory=dict)

    def years(self, indicator: str, level: str) -> list[int]:
        """Years in which every region of a level has a figure, ascending."""
        whole = set(_east_java()[level])
        return sorted(
            year for (of, at, year), found in self.regions.items() if (of, at) == (indicator, level) and found >= whole
        )


def without_key(home: Home, years: Sequence[int] | None = None, variables: object = None) -> str:
    """Why nothing was fetched, and what nights have instead: files, years, gaps. ``years``: those that are wanted."""
    ids_by_indicator = _ids_by_indicator(known.checked(variables))
    found = coverage(home)
    wanted = list(years) if years is not None else usual_years()
    if not found.files:
        return (
            "No key for the BPS Web API, so nothing was fetched, and there is no BPS file in landing/poverty: put "
            "tables as BPS publishes them there, or give a key."
        )
    head = (
        f"No key for the BPS Web API, so nothing was fetched. Nights work from the {len(found.files)} BPS files in "
        "landing/poverty"
    )
    if found.unreadable:
        head += f", of which {len(found.unreadable)} cannot be read as figures ({', '.join(found.unreadable)})"
    lines = [f"{head}. Of East Java they hold:"]
    for indicator, ids in ids_by_indicator.items():
        lines.append(f"- {indicator} (variables {', '.join(ids)}): {_held(found, indicator, wanted)}")
    return "\n".join(lines)


def coverage(home: Home) -> Coverage:
    """Read every file below ``landing/poverty`` as a night would, and keep nothing but what they are about."""
    found = Coverage()
    folder = home.landing / "poverty"
    with tempfile.TemporaryDirectory(prefix="pilar-") as work:
        for path in _files(folder):
            name = path.relative_to(folder).as_posix()
            found.files.append(name)
            try:
                for indicator, code, period in _figures(path, name, Path(work)):
                    level = regions.regions()[code].level
                    found.regions.setdefault((indicator, level, int(period[:4])), set()).add(code)
            except Rejected:
                found.unreadable.append(name)
    return found


def _files(folder: Path) -> Iterator[Path]:
    """As a night sees them: plain files, hidden names left out."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and not path.is_symlink():
            yield path


def _figures(path: Path, name: str, work: Path) -> Iterator[tuple[str, str, str]]:
    """(indicator, region code, period) of each figure of a known region. Raises ``Rejected``."""
    import pyarrow.parquet as pq

    rows = work / "rows.parquet"
    sandbox.read(
        path, contract("poverty"), file_name=name, sha256="", limits=limits(), rows_to=rows, work=work / "unpacked"
    )
    for indicator, code, period, value in zip(
        *(column.to_pylist() for column in pq.read_table(rows, columns=list(_COLUMNS)).columns), strict=True
    ):
        if code in regions.regions() and value is not None and period[:4].isdigit():
            yield indicator, code, period


def _east_java() -> dict[str, list[str]]:
    kabkota = [code for code, one in regions.regions().items() if one.parent == regions.EAST_JAVA]
    return {"province": [regions.EAST_JAVA], "kabkota": kabkota}


def _ids_by_indicator(variables: Variables) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for domain, ids in variables.items():
        names = indicator_by_variable(domain)
        for number in ids:
            found.setdefault(names.get(number, "another indicator"), []).append(f"{domain}/{number}")
    return found


def _held(found: Coverage, indicator: str, wanted: Sequence[int]) -> str:
    parts = []
    for level, name in _LEVELS.items():
        years = found.years(indicator, level)
        missing = ranges(sorted(set(wanted) - set(years)))
        parts.append(f"{name} {ranges(years) or 'no year'}" + (f" (missing: {missing})" if missing else ""))
    return "; ".join(parts)
