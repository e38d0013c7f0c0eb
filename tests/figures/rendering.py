"""True figures → tables as BPS and its kin print them: which facts stand down, across and in the title is a choice.

The renderer knows nothing of how tables are read. It lays out five facts of each figure (region, area, year, half,
indicator) and the figure itself in one of the ways in which people write it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from random import Random
from typing import cast

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


FAULTS = ("foreign header", "blank header", "foreign row", "blank row", "title", "unit", "moved", "number")


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
    numbered: str = ""
    """Numbers of the columns below the header, each written like this: ``({})``."""
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
        grid.append([shape.numbered.format(at) for at in range(1, width + 1)])
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
    what = (
        INDICATORS[str(fixed["indicator"])][language] if "indicator" in fixed else ("Statistik", "Statistics")[language]
    )
    parts = [what]
    if "region" in fixed:
        parts.append(("di ", "in ")[language] + NAMES[str(fixed["region"])])
    if fixed.get("area") not in (None, "total"):
        parts.append(("Daerah ", "")[language] + AREAS[str(fixed["area"])][language])
    when = (
        " ".join([HALVES[str(fixed["half"])][language]] if fixed.get("half") else []),
        str(fixed["year"]) if "year" in fixed else "",
    )
    period = " ".join(part for part in when if part)
    titles = [" ".join(parts)]
    if period and shape.titled > 1:
        return [f"Tabel 4.1 {titles[0]}", period]
    return [f"{titles[0]}, {period}" if period else titles[0]]


def _header(shape: Shape, stubs: Sequence[str], columns: Sequence[Sequence[object]]) -> list[list[Value]]:
    language = int(shape.english)
    heads: list[Value] = [HEADS[name][language] for name in stubs]
    texts = [
        [_text(shape, name, value) for name, value in zip(shape.across, column, strict=True)] for column in columns
    ]
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


def drawn(rng: Random) -> tuple[Truth, Shape]:
    """Figures and a shape for them: any facts down, across, or (if they have one value) in the title."""
    by_kabkota = rng.random() < 0.5
    values: dict[str, list[object]] = {
        "region": list(rng.sample(KABKOTA if by_kabkota else PROVINCES, rng.choice([1, 2, 3]))),
        "area": list(rng.choice([("total",), ("urban", "rural", "total"), ("rural",), ("urban", "rural")])),
        "year": list(rng.sample(range(2018, 2028), rng.choice([1, 2]))),
        "half": [""] if by_kabkota else list(rng.choice([("03", "09"), ("09", "03"), ("09",), ("03",)])),
        "indicator": list(rng.sample(list(INDICATORS), rng.choice([1, 2, 3]))),
    }
    keys = cast("list[Facts]", list(product(*(values[name] for name in DIMENSIONS))))
    truth = {key: _value(key[4], at) for at, key in enumerate(keys, start=1)}
    down, across = [], []
    for name in rng.sample(DIMENSIONS, len(DIMENSIONS)):
        if values[name] != [""]:
            places = [down, across] if len(values[name]) > 1 else [down, across, []]
            rng.choice(places).append(name)
    if not down:
        down, across = across or ["region"], []
    sections = rng.random() < 0.3 and len(down) > 1 and down[0] != "region"
    named = rng.choice(list(NAMED))
    shape = Shape(
        tuple(down),
        tuple(across),
        english=rng.random() < 0.3,
        named="in full" if sections and named == "bare" else named,  # a bare twin in two sections is ambiguous
        written=rng.choice(list(WRITTEN)),
        sparse=rng.random() < 0.5,
        joined=rng.random() < 0.3 and "region" not in across,
        sections=sections,
        titled=rng.choice([1, 2]),
        numbered=rng.choice(["", "", "({})", "{}"]),
        notes=rng.random() < 0.4,
    )
    return truth, shape


def _value(indicator: str, at: int) -> Decimal:
    """A figure of the indicator's size and decimals, another one for each ``at``."""
    whole = {"poverty_line_idr": Decimal(400_000 + at * 7_919)}
    small = {"poverty_rate_pct": "3.07", "depth_index_p1": "1.01", "severity_index_p2": "0.35"}
    if indicator in whole:
        return whole[indicator]
    if indicator in small:
        return Decimal(small[indicator]) + Decimal(at * 11) / 100
    return Decimal("1234.56") + at * 317


def spoiled(rng: Random, truth: Truth, shape: Shape, rendering: Rendering) -> tuple[str, Sheet] | None:
    """(what was done, the sheet with one fault), or ``None`` where the fault drawn would hide nothing.

    A fault takes away or changes one text, or moves the groups of a header; what is left still looks like a table.
    Facts that only the title says stay in it: a table whose title lost ``Perkotaan`` is an honest table of totals.
    """
    grid = [list(row) for row in rendering.sheet.rows]
    if not rendering.header or not rendering.stubs:
        return None
    top, bottom = min(rendering.header)[0], max(rendering.header)[0]
    left, width = min(column for _, column in rendering.header), len(grid[0])
    row, column = rng.choice(rendering.header)
    several = sum(grid[row][at] is not None for at in range(left, width)) > 1
    one_indicator = len({facts[4] for facts in truth}) == 1
    fault = rng.choice(
        ["foreign header", "blank header", "foreign row", "blank row", "title", "unit", "moved", "number"]
    )
    if fault == "foreign header" and (several or row == bottom):
        grid[row][column] = rng.choice(["xyz lain", f"Laju Pertumbuhan {grid[row][column]}"])
    elif fault == "blank header" and several and one_indicator:
        grid[row][column] = None
    elif fault == "foreign row":
        row, column = rng.choice(rendering.stubs)
        grid[row][column] = "xyz lain"
    elif fault == "blank row":
        row, column = rng.choice(rendering.stubs)
        grid[row][column] = None
    elif fault == "title" and not {"area", "half"} & _only_titled(truth, shape):
        row, column = rng.choice(rendering.titles)
        grid[row][column] = rng.choice([None, "xyz lain"])
    elif fault == "unit" and (unit := re.search(r"\(\D+\)", str(grid[row][column]))) and "emester" not in unit.string:
        grid[row][column] = unit.string.replace(unit.group(), "(Derajat Celsius)")
    elif fault == "moved" and shape.sparse and len(shape.across) > 1 and not shape.joined:
        moved = [None, *grid[top][left:-1]]
        if not any(moved) or moved == grid[top][left:]:
            return None
        grid[top] = [*grid[top][:left], *moved]
    elif fault == "number":
        row = rng.choice([at for at, _ in rendering.stubs])
        grid[row][-1] = "1.23.4"
    else:
        return None
    return fault, Sheet(rendering.sheet.name, grid)


def _only_titled(truth: Truth, shape: Shape) -> set[str]:
    """Facts that only the title tells, but for what goes without saying."""
    values = {name: {facts[at] for facts in truth} for at, name in enumerate(DIMENSIONS)}
    said = {name for name in DIMENSIONS if name not in (*shape.down, *shape.across)}
    return {name for name in said if not values[name] <= {"total", ""}}


def below(upper: Sheet, lower: Sheet) -> Sheet:
    """Two tables in one sheet, a blank row between."""
    width = max(len(upper.rows[0]), len(lower.rows[0]))
    rows = [*upper.rows, [], *lower.rows]
    return Sheet(upper.name, [[*row, *[None] * (width - len(row))] for row in rows])


def beside(left: Sheet, right: Sheet) -> Sheet:
    """Two tables in one sheet, a blank column between; each begins in the first row and ends in its own."""
    blank: list[tuple[Sheet, list[Value]]] = [(part, [None] * len(part.rows[0])) for part in (left, right)]
    height = max(len(left.rows), len(right.rows))
    cells = [[*part.rows, *[none] * (height - len(part.rows))] for part, none in blank]
    return Sheet(left.name, [[*one, None, *other] for one, other in zip(*cells, strict=True)])
