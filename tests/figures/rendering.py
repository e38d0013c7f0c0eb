"""True figures → tables as BPS and its kin print them: which facts stand down, across and in the title is a choice.

The renderer knows nothing of how tables are read. It lays out five facts of each figure (region, area, year, half,
indicator) and the figure itself in one of the ways in which people write it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from pilar.reading.model import Sheet, Value

Facts = tuple[str, str, int, str, str]
"""Region code, area, year, half (``""`` for a yearly figure), indicator."""
Truth = Mapping[Facts, Decimal]

DIMENSIONS = ("region", "area", "year", "half", "indicator")

NAMES = {
    "3500": "Jawa Timur", "3300": "Jawa Tengah", "5100": "Bali", "9700": "Papua Pegunungan", "0000": "Indonesia",
    "3501": "Kabupaten Pacitan", "3506": "Kabupaten Kediri", "3523": "Kabupaten Tuban", "3571": "Kota Kediri",
    "3578": "Kota Surabaya",
}  # fmt: skip
PROVINCES = ("3500", "3300", "5100", "9700", "0000")
KABKOTA = ("3501", "3506", "3523", "3571", "3578")

INDICATORS = {
    "poor_people_thousand": ("Jumlah Penduduk Miskin (Ribu Jiwa)", "Number of Poor People (thousand)"),
    "poverty_rate_pct": ("Persentase Penduduk Miskin (Persen)", "Percentage of Poor People (Percent)"),
    "poverty_line_idr": ("Garis Kemiskinan (Rupiah/Kapita/Bulan)", "Poverty Line (Rupiah/Capita/Month)"),
    "depth_index_p1": ("Indeks Kedalaman Kemiskinan (P1)", "Poverty Gap Index (P1)"),
    "severity_index_p2": ("Indeks Keparahan Kemiskinan (P2)", "Poverty Severity Index (P2)"),
    "population_thousand": ("Jumlah Penduduk (Ribu Jiwa)", "Population (Thousand People)"),
    "grdp_billion_idr": (
        "PDRB Atas Dasar Harga Berlaku (Miliar Rupiah)",
        "GRDP at Current Market Prices (Billion Rupiahs)",
    ),
}
AREAS = {
    "urban": ("Perkotaan", "Urban"),
    "rural": ("Perdesaan", "Rural"),
    "total": ("Perkotaan+Perdesaan", "Urban+Rural"),
}
HALVES = {"03": ("Semester 1 (Maret)", "March"), "09": ("Semester 2 (September)", "September")}
HEADS = {
    "region": ("Wilayah", "Region"),
    "area": ("Daerah", "Area"),
    "year": ("Tahun", "Year"),
    "half": ("Periode", "Period"),
    "indicator": ("Indikator", "Indicator"),
}

NAMED: Mapping[str, Callable[[str], str]] = {
    "in full": str,
    "capitals": str.upper,
    "short": lambda name: name.replace("Kabupaten", "Kab."),
    "bare": lambda name: name.removeprefix("Kabupaten "),
    "marked": lambda name: f"<b>{name.replace(' ', '&nbsp;')}</b> *",
    "numbered": lambda name: f"07. {name}",
    "spaced": lambda name: f"  {name.replace(' ', chr(0xA0))} ",
}

WRITTEN: Mapping[str, Callable[[Decimal], Value]] = {
    "number": float,
    "english": lambda value: f"{value:,}",
    "indonesian": lambda value: f"{value:,}".translate(str.maketrans(",.", ".,")),
    "blanks": lambda value: f"{value:,}".translate(str.maketrans(",.", " ,")),
    "hard blanks": lambda value: f"{value:,}".translate(str.maketrans(",.", "\u00a0,")),
    "apostrophe": lambda value: "'" + f"{value:,}".translate(str.maketrans(",.", ".,")),
    "noted": lambda value: f"{value}*)",
    "lettered": lambda value: f"{value} r)",
}


@dataclass(frozen=True)
class Shape:
    """How a table is laid out. What stands neither down nor across has one value and is said by the title."""

    down: tuple[str, ...]
    across: tuple[str, ...]
    english: bool = False
    named: str = "in full"
    written: str = "number"
    sparse: bool = False
    """Repeated texts are left blank, down and across, as merged cells come out of a CSV file."""
    joined: bool = False
    """One header row: what stands across is one text a column."""
    sections: bool = False
    """The outermost fact down stands in rows of its own."""
    titled: int = 1
    """Rows of title above: 1, or 2 with a blank row between."""
    numbered: bool = False
    """``(1) (2)`` below the header."""
    notes: bool = False


@dataclass(frozen=True)
class Rendering:
    """A grid, and the places of its texts that say something: titles, header cells, cells of the rows."""

    sheet: Sheet
    titles: list[tuple[int, int]] = field(default_factory=list)
    header: list[tuple[int, int]] = field(default_factory=list)
    stubs: list[tuple[int, int]] = field(default_factory=list)


def render(truth: Truth, shape: Shape) -> Rendering:
    """The table of these figures; a combination that has no figure prints ``-``."""
    values = {name: list(dict.fromkeys(facts[at] for facts in truth)) for at, name in enumerate(DIMENSIONS)}
    said = [name for name in DIMENSIONS if name not in (*shape.down, *shape.across)]
    fixed = {name: values[name][0] for name in said}
    outer = shape.down[:1] if shape.sections else ()
    stubs = shape.down[len(outer) :]
    columns = list(product(*(values[name] for name in shape.across)))
    grid: list[list[Value]] = []
    width = len(stubs) + len(columns)
    titles = _titles(shape, fixed)
    for title in titles:
        grid.append([title, *[None] * (width - 1)])
        if shape.titled > 1:
            grid.append([None] * width)
    top = len(grid)
    grid += _header(shape, stubs, columns)
    bottom = len(grid)
    if shape.numbered:
        grid.append([f"({at})" for at in range(1, width + 1)])
    above: list[Value] = []
    stub_cells = []
    for row in product(*(values[name] for name in shape.down)):
        texts = [_text(shape, name, value) for name, value in zip(shape.down, row, strict=True)]
        if outer and texts[0] != (above[0] if above else None):
            grid.append([texts[0], *[None] * (width - 1)])
        shown: list[Value] = [
            None if shape.sparse and at < len(texts) - 1 and above[: at + 1] == texts[: at + 1] else text
            for at, text in enumerate(texts)
        ][len(outer) :]
        above = list(texts)
        figures = [_figure(truth, shape, {**fixed, **_by_name(shape, row, column)}) for column in columns]
        stub_cells += [(len(grid), at) for at, cell in enumerate(shown) if cell is not None]
        grid.append([*shown, *figures])
    if shape.notes:
        grid.append([None] * width)
        grid.append(["Sumber: BPS, Susenas 2019", *[None] * (width - 1)])
        grid.append(["Catatan: angka 2020 sementara", " dihitung 2021", *[None] * (width - 2)][:width])
    header = [(r, c) for r in range(top, bottom) for c in range(len(stubs), width) if grid[r][c] is not None]
    placed = [(r, 0) for r in range(top) if grid[r][0] is not None]
    return Rendering(Sheet("Tabel", grid), placed, header, stub_cells)


def _by_name(shape: Shape, row: Sequence[object], column: Sequence[object]) -> dict[str, object]:
    return dict(zip((*shape.down, *shape.across), (*row, *column), strict=True))


def _titles(shape: Shape, fixed: Mapping[str, object]) -> list[str]:
    """``fixed``: the facts that nothing but the title says. The total area goes without saying."""
    language = int(shape.english)
    what = INDICATORS[str(fixed["indicator"])][language] if "indicator" in fixed else ("Statistik", "Statistics")[language]
    parts = [what]
    if "region" in fixed:
        parts.append(("di ", "in ")[language] + NAMES[str(fixed["region"])])
    if fixed.get("area") not in (None, "total"):
        parts.append(("Daerah ", "")[language] + AREAS[str(fixed["area"])][language])
    when = " ".join(
        [HALVES[str(fixed["half"])][language]] if fixed.get("half") else []
    ), str(fixed["year"]) if "year" in fixed else ""
    period = " ".join(part for part in when if part)
    titles = [" ".join(parts)]
    if period and shape.titled > 1:
        return [f"Tabel 4.1 {titles[0]}", period]
    return [f"{titles[0]}, {period}" if period else titles[0]]


def _header(shape: Shape, stubs: Sequence[str], columns: Sequence[Sequence[object]]) -> list[list[Value]]:
    language = int(shape.english)
    heads: list[Value] = [HEADS[name][language] for name in stubs]
    texts = [[_text(shape, name, value) for name, value in zip(shape.across, column, strict=True)] for column in columns]
    if not shape.across:
        return [[*heads, ("Nilai", "Value")[language]]]
    if shape.joined:
        return [[*heads, *(" ".join(map(str, column)) for column in texts)]]
    rows: list[list[Value]] = []
    for depth in range(len(shape.across)):
        row: list[Value] = list(heads) if depth == 0 else [None] * len(stubs)
        for at, column in enumerate(texts):
            same = at > 0 and texts[at - 1][: depth + 1] == column[: depth + 1]
            blank = shape.sparse and same and depth < len(shape.across) - 1
            row.append(None if blank else column[depth])
        rows.append(row)
    return rows


def _text(shape: Shape, name: str, value: object) -> Value:
    language = int(shape.english)
    if name == "region":
        return NAMED[shape.named](NAMES[str(value)])
    if name == "year":
        return int(str(value))
    return {"area": AREAS, "half": HALVES, "indicator": INDICATORS}[name][str(value)][language]


def _figure(truth: Truth, shape: Shape, facts: Mapping[str, object]) -> Value:
    key = tuple(facts[name] for name in DIMENSIONS)
    found = truth.get(key)  # type: ignore[call-overload]
    return "-" if found is None else WRITTEN[shape.written](found)


def turned(sheet: Sheet, above: int) -> Sheet:
    """The grid with rows for columns, below its first ``above`` rows."""
    body = [list(column) for column in zip(*sheet.rows[above:], strict=True)]
    width = len(body[0])
    return Sheet(sheet.name, [[row[0], *[None] * (width - 1)] for row in sheet.rows[:above]] + body)
