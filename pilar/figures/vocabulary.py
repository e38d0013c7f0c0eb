"""What the words of a title, a header or a dimension cell say: indicator, area, period, unit.

Each text is read by itself into ``Facets``; the readers stack the texts that stand over a figure, nearest
first, and ask the stack. A word that belongs to something else makes a header *foreign*: such a column never
inherits the table's title (``UMK`` under a title on poverty is still a wage).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from pilar import regions
from pilar.figures.indicators import indicators
from pilar.regions import clean

FIRST_YEAR, LAST_YEAR = 1970, 2099

YEARLY = "year"
"""Stands in for a month when a text says that the figure is the year's one figure."""

_MONTHS = {
    "01": ("januari", "jan", "january"),
    "02": ("februari", "feb", "february"),
    "03": ("maret", "mar", "march"),
    "04": ("april", "apr"),
    "05": ("mei", "may"),
    "06": ("juni", "jun", "june"),
    "07": ("juli", "jul", "july"),
    "08": ("agustus", "agu", "ags", "aug", "august"),
    "09": ("september", "sept", "sep"),
    "10": ("oktober", "okt", "oct", "october"),
    "11": ("november", "nov"),
    "12": ("desember", "des", "dec", "december"),
}
_MONTH_OF = {word: month for month, words in _MONTHS.items() for word in words}
_HALVES = {"1": "03", "i": "03", "2": "09", "ii": "09"}
_URBAN = frozenset({"perkotaan", "urban"})
_RURAL = frozenset({"perdesaan", "pedesaan", "rural"})
_WHOLE_TEXT_AREA = {
    "kota": "urban",
    "desa": "rural",
    "jumlah": "total",
    "total": "total",
    "kota desa": "total",
    "jumlah total": "total",
}
_SCALES = {
    "ribu": ("ribu", "000", "thousand", "thousands"),
    "juta": ("juta", "million", "millions"),
    "miliar": ("miliar", "milyar", "billion", "billions"),
    "triliun": ("triliun", "trilyun", "trillion", "trillions"),
}
_BASES = {
    "jiwa": ("jiwa", "orang", "people", "person", "persons"),
    "rupiah": ("rupiah", "rupiahs", "rp", "idr"),
    "persen": ("persen", "percent"),
}
_SCALE_OF = {word: scale for scale, words in _SCALES.items() for word in words}
_BASE_OF = {word: base for base, words in _BASES.items() for word in words}
_NEVER = frozenset(
    re.split(
        r"\s+",
        "perubahan selisih laju penurunan kenaikan pertumbuhan rasio ratio ekstrem ekstrim klasifikasi kategori target "
        "proyeksi prediksi laki perempuan rse standar error galat peringkat ranking rank usia umur pendidikan bekerja "
        "rumahtangga cluster kontribusi distribusi gini change extreme projection growth triwulan kuartal quarter",
    )
)
"""Words that make a poverty table one of something else (a change, a forecast, a part of the poor)."""
_NEVER_PHRASES = ("rumah tangga",)
_DIVIDES = frozenset({"menurut", "by", "di", "in"})
"""What follows says how a table is divided, no longer what it measures."""
_PER_HEAD = frozenset({"kapita", "capita"})
_BASE_YEAR = re.compile(r"(?i)\b(seri|series|tahun dasar|base year)\s*\d{4}")
_NEUTRAL = frozenset(
    re.split(
        r"\s+",
        "semester sem smt tahun tahunan year annual yearly daerah wilayah area provinsi province kabupaten kab kota "
        "regency desa menurut by dan and di se in of per pada data angka nilai value figure jumlah total persentase "
        "percentage kapita capita bulan month periode period indonesia hasil bps tabel table seri series "
        "pertengahan mid 1 2 i ii",
    )
)


@dataclass(frozen=True)
class Facets:
    """What one text says. ``topics`` and ``measures`` hold indicator codes."""

    topics: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()
    blocked: bool = False
    foreign: bool = False
    area: str | None = None
    year: int | None = None
    month: str | None = None
    units: frozenset[str] = frozenset()
    other: bool = False
    """Some word belongs to another matter (``Laki-laki``, ``Proyeksi``), whatever else is said."""
    sole_total: bool = False
    """The text is nothing but ``Jumlah``: an area beside urban and rural, else a measure."""

    @property
    def kinds(self) -> frozenset[str]:
        """Which facts the text tells: area, year, month, and what is measured."""
        told = {"area": self.area, "year": self.year, "month": self.month, "topic": self.topics or self.measures}
        return frozenset(kind for kind, value in told.items() if value)

    def context(self) -> Facets:
        """The same as a title or a name, which may speak of other things as well."""
        return replace(self, foreign=False)


def normal(text: str) -> str:
    """Lower case, no markup, words parted by one blank; ``%`` is a word."""
    lowered = clean(text).casefold().replace("%", " persen ")
    return " ".join(re.findall(r"[a-z]+\d?(?![a-z0-9])|[a-z]+|\d+", lowered))


@lru_cache(maxsize=8192)
def facets(text: str) -> Facets:
    """What a text says about the figures under or beside it."""
    said = normal(text)
    words = said.split()
    present = frozenset(words)
    named = _named(words)
    apart = {code for code in named if indicators()[code].alone and not _stands_alone(words, named)}
    topics = frozenset(named) - apart
    subject = {words[at] for spans in named.values() for span in spans for at in span}
    parts = words.count("makanan") == 1 or words.count("food") == 1
    never = bool(present & (_NEVER - subject)) or any(_says(said, p) for p in _NEVER_PHRASES) or parts
    area = _WHOLE_TEXT_AREA.get(said) or _area(present)
    return Facets(
        topics=topics,
        measures=frozenset(item.code for item in indicators().values() if present.intersection(item.measure)),
        blocked=bool(apart) or (never and bool(topics)),
        foreign=not topics and any(not _is_neutral(word) for word in words),
        area=area,
        year=_year(text),
        month=_month(said),
        units=_units(words, named),
        other=never,
        sole_total=said in ("jumlah", "total"),
    )


def indicator_of(stack: Iterable[Facets]) -> str | None:
    """The indicator that a stack of texts names, nearest first; ``None`` when none, several, or another matter."""
    measures: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    for said in stack:
        if said.blocked or (said.foreign and not topics):
            return None
        measures = measures or said.measures
        topics = topics or said.topics
        if topics:
            named = [code for code in topics if not indicators()[code].measure or code in measures]
            if named:
                return named[0] if len(named) == 1 else None
    return None


def unit_of(stack: Iterable[Facets], indicator: str) -> str | None:
    """The unit that the stack states for an indicator; ``None`` when none is stated."""
    known = indicators()[indicator].units
    for said in stack:
        fitting = [unit for unit in known if unit in said.units]
        if fitting:
            return fitting[0]
    return None


def contradicts(said: Facets, indicator: str) -> bool:
    """Whether a text states a unit that the indicator cannot have (``Garis Kemiskinan (Persen)``)."""
    return bool(said.units) and not said.units.intersection(indicators()[indicator].units)


def first_year(stack: Iterable[Facets]) -> int | None:
    return next((said.year for said in stack if said.year), None)


def first_month(stack: Iterable[Facets]) -> str | None:
    return next((said.month for said in stack if said.month), None)


def first_area(stack: Iterable[Facets], default: str = "total") -> str:
    """The area of a stack; a table that names none means the whole."""
    return next((said.area for said in stack if said.area), default)


def period(year: int, month: str | None, indicator: str, *, yearly: bool) -> str:
    """``YYYY-MM``; or ``YYYY`` where no month is stated and none may be taken for granted.

    ``yearly``: a table of yearly figures, of whose month the indicator may know more than its texts say.
    """
    if month and month != YEARLY:
        return f"{year}-{month}"
    return indicators()[indicator].yearly_period(year) if yearly else str(year)


Spans = dict[str, list[range]]
"""Where in a text's words each indicator's topic stands."""


def _named(words: Sequence[str]) -> Spans:
    """Topics that the words name. Inside a longer one a shorter names nothing: ``penduduk`` in ``penduduk miskin``."""
    found = [
        (item.code, range(at, at + len(phrase)))
        for item in indicators().values()
        for phrase in (topic.split() for topic in item.topic)
        for at in range(len(words) - len(phrase) + 1)
        if list(words[at : at + len(phrase)]) == phrase
    ]
    named: Spans = {}
    for code, span in found:
        if not any(set(span) < set(other) for _, other in found):
            named.setdefault(code, []).append(span)
    return named


def _stands_alone(words: Sequence[str], named: Spans) -> bool:
    """Whether no word that is unknown here stands beside the topics: ``penduduk usia kerja`` is not all the people."""
    end = next((at for at, word in enumerate(words) if word in _DIVIDES), len(words))
    taken = {at for spans in named.values() for span in spans for at in span}
    return all(at in taken or _is_plain(words[at]) for at in range(end))


def _is_plain(word: str) -> bool:
    return word not in _PER_HEAD and (_is_neutral(word) or word.isdigit() or word in _words_of_regions())


@cache
def _words_of_regions() -> frozenset[str]:
    return frozenset(
        word for region in regions.regions().values() for name in (region.name, *region.aliases)
        for word in normal(name).split()
    )  # fmt: skip


def _says(said: str, phrase: str) -> bool:
    return f" {phrase} " in f" {said} "


def _area(present: frozenset[str]) -> str | None:
    urban, rural = bool(present & _URBAN), bool(present & _RURAL)
    if urban and rural:
        return "total"
    return "urban" if urban else "rural" if rural else None


def _year(text: str) -> int | None:
    years = {int(found) for found in re.findall(r"(?<!\d)\d{4}(?!\d)", _BASE_YEAR.sub(" ", text))}
    plausible = {year for year in years if FIRST_YEAR <= year <= LAST_YEAR}
    return plausible.pop() if len(plausible) == 1 else None


def _month(said: str) -> str | None:
    found = {_MONTH_OF[word] for word in said.split() if word in _MONTH_OF}
    found |= {_HALVES[half] for half in re.findall(r"\b(?:semester|sem|smt) ?(1|2|ii|i)\b", said)}
    if len(found) == 1:
        return found.pop()
    return YEARLY if not found and re.search(r"\b(tahunan|annual|yearly)\b", said) else None


def _units(words: Sequence[str], named: Spans) -> frozenset[str]:
    """Every unit that the words may mean. Words of a topic are none (``orang miskin``); ``rupiah`` may be by head."""
    taken = {at for spans in named.values() for span in spans for at in span}
    rest = ["" if at in taken else word for at, word in enumerate(words)]
    found: set[str] = set()
    for at, word in enumerate(rest):
        if word in _SCALE_OF:
            beside = [_BASE_OF.get(rest[near]) for near in (at + 1, at - 1) if 0 <= near < len(rest)]
            base = next((one for one in beside if one and one != "persen"), None)
            found |= {f"{_SCALE_OF[word]} {one}" for one in ([base] if base else ["jiwa", "rupiah"])}
        elif word in _BASE_OF and not any(
            rest[near] in _SCALE_OF for near in (at - 1, at + 1) if 0 <= near < len(rest)
        ):
            found.add(_BASE_OF[word])
    if set(words) & {"persentase", "percentage"} and not set(words) & {"jumlah", "number"}:
        found.add("persen")  # "Jumlah dan Persentase" heads columns of both
    if found & {"ribu jiwa", "juta jiwa"}:
        found.discard("jiwa")
    return frozenset(found | {f"{unit}/kapita/bulan" for unit in found if unit.endswith("rupiah")})


def _is_neutral(word: str) -> bool:
    return (
        word in _NEUTRAL
        or word in _MONTH_OF
        or word in _URBAN
        or word in _RURAL
        or word in _SCALE_OF
        or word in _BASE_OF
        or (word.isdigit() and FIRST_YEAR <= int(word) <= LAST_YEAR)
    )
