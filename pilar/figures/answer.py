"""Answers of the BPS Web API (``model=data``) → figures.

A body arrives bare or in a recording ``{name, request, status_code, content_type, body}``. Keys of
``datacontent`` are five numbers of varying width without a separator: they are built from the dimension lists
and looked up, never split. Errors come with HTTP 200, a request that is too large as the body ``null``, the
firewall as an HTML page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import product

from pilar import regions
from pilar.figures import numbers, vocabulary
from pilar.figures.indicators import indicators
from pilar.figures.model import Figure, Reading, newest
from pilar.figures.vocabulary import Facets, facets
from pilar.reading.model import Rejected, Value

SHEET = "data"
"""Name of the one sheet that an answer counts as."""
NOT_AVAILABLE = frozenset({"list-not-available", "not-available", "unavailable"})
DIMENSIONS = ("vervar", "var", "turvar", "tahun", "turtahun")
"""In the order in which a key of ``datacontent`` is built."""

INDONESIA = "9999"
"""Code of the whole country in answers by province."""
_AREAS = {"432": "urban", "433": "rural", "434": "total"}
_MONTHS = {"61": "03", "62": "09", "63": vocabulary.YEARLY}
_NO_DIVISION = frozenset({"tidak ada", "tidak ada turunan"})
_MESSAGE_LENGTH = 200


@dataclass(frozen=True)
class Item:
    """An entry of a dimension list; the API gives values as numbers or as strings."""

    value: str
    label: str
    unit: str = ""


def body_of(answer: object) -> tuple[object, str | None]:
    """(body, domain of the request if a recording says it). Raises ``Rejected`` for an HTTP error."""
    if not isinstance(answer, Mapping) or "body" not in answer or not {"request", "status_code"} & set(answer):
        return answer, None
    status = answer.get("status_code", 200)
    if isinstance(status, int) and status >= 400:
        raise Rejected("API_ERROR_ANSWER", f"Server menjawab HTTP {status}.", f"The server answered HTTP {status}.")
    request = answer.get("request")
    parameters = request.get("params") if isinstance(request, Mapping) else None
    domain = parameters.get("domain") if isinstance(parameters, Mapping) else None
    return answer["body"], str(domain) if domain else None


def checked(body: object) -> Mapping[str, object]:
    """The body of an answer that holds data. Raises ``Rejected`` for every kind of answer that does not."""
    if body is None:
        raise Rejected(
            "API_ERROR_ANSWER",
            "Jawaban kosong (null): permintaan terlalu besar.",
            "The answer is null: the request was too large.",
        )
    if isinstance(body, str):
        raise Rejected(
            "API_ERROR_ANSWER",
            "Jawaban bukan JSON, melainkan halaman teks.",
            "The answer is no JSON but a page of text.",
        )
    if not isinstance(body, Mapping):
        raise _no_poverty_table()
    if str(body.get("status", "")).casefold() == "error":
        message = safe_message(str(body.get("message", "")))
        raise Rejected("API_ERROR_ANSWER", f"Pesan BPS: {message}", f"BPS says: {message}")
    if str(body.get("data-availability", "")).casefold() in NOT_AVAILABLE:
        raise Rejected("API_NOT_AVAILABLE")
    if "datacontent" not in body:
        raise _no_poverty_table()
    return body


def safe_message(message: str) -> str:
    """A message without anything that could be a key, and short."""
    text = regions.clean(message)
    text = re.sub(r"(?i)\bkey([=/:]\s*)\S+", r"key\1***", text)
    return re.sub(r"[0-9A-Za-z]{20,}", "***", text)[:_MESSAGE_LENGTH]


Told = tuple[str, ...]
"""Labels of a figure's five dimensions, its unit, and its value as a plain number (else as printed)."""


def told(body: object) -> dict[str, Told]:
    """What an answer tells: every key of ``datacontent`` with its meaning and value, whatever it is about.

    Two answers tell the same if only their notes and dates differ. Raises ``Rejected`` as ``read_answer`` does for an
    answer without figures, a damaged dimension, and keys that are ambiguous or explained by no dimension.
    """
    data = checked(body)
    lists = {name: _items(data, name) for name in DIMENSIONS}
    content = _content(data)
    units = {item.value: item.unit for item in lists["var"]}
    found = {
        key: (*(item.label for item in combination), units[combination[1].value], _plain_value(content[key]))
        for key, combination in _combinations(lists)
        if key in content
    }
    _all_explained(content, set(found), [], set())
    return found


def _plain_value(value: Value) -> str:
    """``11.40`` and ``11.4`` are one figure."""
    text = numbers.printed(value)
    try:
        return format(Decimal(text).normalize(), "f")
    except InvalidOperation:
        return text


def read_answer(answer: object) -> Reading:
    """Read one answer. Raises ``Rejected`` with the reason; every key of ``datacontent`` must be explained."""
    body, domain = body_of(answer)
    data = checked(body)
    lists = {name: _items(data, name) for name in DIMENSIONS}
    indicator_of = {item.value: _indicator(item, domain) for item in lists["var"]}
    content = _content(data)
    released = str(data.get("last_update") or "")[:10] or None
    places = {item.value: at for at, item in enumerate(lists["vervar"], start=1)}
    codes = {item.value: _region_code(item, domain) for item in lists["vervar"]}
    figures = []
    explained = set()
    ignored = set()
    for key, (vervar, var, turvar, tahun, turtahun) in _combinations(lists):
        if key not in content:
            continue
        explained.add(key)
        area, month = _area(turvar), _month(turtahun)
        if area is None or month is None:
            ignored.add(turvar.label if area is None else turtahun.label)
            continue
        value = content[key]
        if numbers.is_missing(value):
            continue
        code, indicator = codes[vervar.value], indicator_of[var.value]
        period = vocabulary.period(_year(tahun), month or None, indicator, yearly=month == "")
        figure = _figure(key, value, vervar, var, region_code=code, indicator=indicator, area=area, period=period)
        figures.append(replace(figure, released_on=released, source_row=places[vervar.value]))
    _all_explained(content, explained, figures, ignored)
    last = newest([figure.period for figure in figures])
    figures = sorted((replace(figure, table_period=last) for figure in figures), key=lambda one: one.source_row)
    return Reading(
        sheet=SHEET,
        regions=len({figure.region_code for figure in figures} - {None}),
        figures=figures,
        columns={item.label: str(indicator_of[item.value]) for item in lists["var"]},
        ignored_headers=sorted(ignored),
    )


def _no_poverty_table() -> Rejected:
    return Rejected(
        "API_NOT_POVERTY",
        "Jawaban ini daftar atau tabel lain.",
        "The answer is a list or another table.",
    )


def _not_understood(indonesian: str, english: str) -> Rejected:
    return Rejected("TABLE_NOT_UNDERSTOOD", indonesian, english)


def _items(data: Mapping[str, object], name: str) -> list[Item]:
    entries = data.get(name)
    if not isinstance(entries, list) or not entries or not all(isinstance(e, Mapping) and "val" in e for e in entries):
        raise _not_understood(f"Daftar `{name}` tidak ada atau rusak.", f"The list `{name}` is missing or damaged.")
    return [
        Item(str(e["val"]), regions.clean(str(e.get("label", ""))), regions.clean(str(e.get("unit") or "")))
        for e in entries
    ]


def _content(data: Mapping[str, object]) -> dict[str, Value]:
    """``datacontent`` as cells; an empty one comes as a list."""
    content = data["datacontent"]
    if not content:
        raise Rejected("API_NOT_AVAILABLE")
    if not isinstance(content, Mapping):
        raise _not_understood("`datacontent` bukan objek.", "`datacontent` is no object.")
    cells = {str(key): value for key, value in content.items()}
    if not all(value is None or isinstance(value, str | int | float | Decimal) for value in cells.values()):
        raise _not_understood("Nilai `datacontent` bukan angka.", "A value of `datacontent` is no figure.")
    return {key: format(value, "f") if isinstance(value, Decimal) else value for key, value in cells.items()}


def _combinations(lists: Mapping[str, Sequence[Item]]) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """Every (key, combination). Two combinations of one key cannot be told apart: ``Rejected``."""
    seen: set[str] = set()
    for combination in product(*(lists[name] for name in DIMENSIONS)):
        key = "".join(item.value for item in combination)
        if key in seen:
            raise _not_understood(
                "Dua kombinasi dimensi memberi kunci yang sama.", "Two combinations of dimensions give the same key."
            )
        seen.add(key)
        yield key, combination


def _all_explained(
    content: Mapping[str, Value], explained: set[str], figures: Sequence[Figure], ignored: set[str]
) -> None:
    unexplained = len(content) - len(explained)
    if unexplained:
        raise _not_understood(
            f"{unexplained} dari {len(content)} kunci `datacontent` tidak dijelaskan oleh daftar dimensi.",
            f"{unexplained} of {len(content)} keys of `datacontent` are explained by no dimension.",
        )
    if not figures and ignored:
        raise _not_understood(
            "Turunan variabel atau tahun tidak dikenal.", "The division of the variable or of the year is unknown."
        )


def _indicator(item: Item, domain: str | None) -> str:
    """The indicator that the variable's label names; its id and its unit must not say otherwise."""
    said = facets(item.label)
    unit = facets(item.unit)
    named = vocabulary.indicator_of([said, unit.context()])
    if named is None:
        raise Rejected(
            "API_NOT_POVERTY", f"Variabel {item.value} bukan indikator kemiskinan.",
            f"Variable {item.value} is no poverty indicator.",
        )  # fmt: skip
    by_id = {
        indicator.code
        for indicator in indicators().values()
        for listed, ids in indicator.variables.items()
        if item.value in map(str, ids) and domain in (None, listed)
    }
    if (by_id and named not in by_id) or vocabulary.contradicts(unit, named):
        raise _not_understood(
            f"Nomor, judul, dan satuan variabel {item.value} saling bertentangan.",
            f"Id, label and unit of variable {item.value} contradict each other.",
        )
    return named


def _region_code(item: Item, domain: str | None) -> str | None:
    """The BPS code; ``None`` when code and label name different regions, or neither names one."""
    code = regions.COUNTRY if item.value == INDONESIA else item.value.zfill(4)
    known = regions.regions().get(code)
    if known is None:
        return regions.resolve(item.label, bare_is="kabupaten", within=domain).region_code
    by_label = regions.resolve(
        item.label, bare_is="kabupaten", within=known.parent if known.level == "kabkota" else None, level=known.level
    ).region_code
    return code if by_label in (None, code) else None


def _area(item: Item) -> str | None:
    """Area of a division of the variable; ``None`` for another division (sex, age)."""
    if item.value == "0" or item.label.casefold() in _NO_DIVISION:
        return "total"
    return facets(item.label).area or (_AREAS.get(item.value) if not facets(item.label).foreign else None)


def _month(item: Item) -> str | None:
    """Month of a division of the year, ``""`` for the plain year, ``None`` for another division (quarters)."""
    said: Facets = facets(item.label)
    if said.month:
        return said.month
    if said.foreign:
        return None
    return "" if item.value == "0" else _MONTHS.get(item.value)


def _year(item: Item) -> int:
    """The year: label and ``val + 1900`` must agree."""
    by_value = int(item.value) + 1900 if item.value.isdigit() else None
    if by_value is None or facets(item.label).year not in (None, by_value):
        raise _not_understood("Nomor dan nama tahun bertentangan.", "Number and name of a year contradict each other.")
    return by_value


def _figure(
    key: str, value: Value, vervar: Item, var: Item, *, region_code: str | None, indicator: str, area: str, period: str
) -> Figure:
    definition = indicators()[indicator]
    unit = vocabulary.unit_of([facets(var.unit), facets(var.label)], indicator)
    text = numbers.decimal_text(value, ".", definition.three_digits)
    factor = definition.units[unit] if unit else Decimal(1)
    return Figure(
        table_title=var.label,
        region_label=vervar.label or None,
        region_code=region_code,
        area_type=area,
        period=period,
        indicator=indicator,
        value_text=numbers.printed(value),
        value=text if text is None or factor == 1 else numbers.scaled(text, factor),
        unit=unit,
        source_column=key,
        table_period=None,
        released_on=None,
        date_text=None,
        sheet=SHEET,
        source_row=0,
    )
