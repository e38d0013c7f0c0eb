"""Words, numbers and the frame of every page: Bahasa Indonesia first, English by a switch of two radio buttons and CSS.

Pages extend ``base.html.j2`` (blocks ``title``, ``style``, ``body_class``, ``heading``, ``main``, ``footer``,
``form_action``, ``referrer``). They are whole in one file: no script, no network, no address but relative ones.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pilar.config import DISPLAY_ZONE
from pilar.rules import rule
from pilar.showing import mask

_MONTHS_ID = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def both(indonesian: object, english: object) -> Markup:
    """One thing said twice; CSS shows one of them. Equal texts are written once, without a language."""
    if str(indonesian) == str(english):
        return escape(indonesian)
    return Markup('<span lang="id">{}</span><span lang="en">{}</span>').format(indonesian, english)


def halves(text: object) -> tuple[str, str]:
    """Marts write both languages into one text, ``id / en``; a text without that says the same in both."""
    parts = str(text).split(" / ")
    if len(parts) % 2:
        return str(text), str(text)
    middle = len(parts) // 2
    return " / ".join(parts[:middle]), " / ".join(parts[middle:])


def number(value: object, places: int | None = None) -> Markup:
    """``1.657.000,5`` and ``1,657,000.5``; a figure keeps the decimals that say something, or ``places``."""
    if value is None or value == "":
        return Markup("–")
    if isinstance(value, str):
        return escape(mask(value))
    text = f"{Decimal(str(value)):,.{places}f}" if places is not None else f"{Decimal(str(value)):,f}"
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return both(text.translate(str.maketrans(",.", ".,")), text)


def fact(value: object, *of: object, places: int | None = None) -> Markup:
    """A number shown with its origin: ``<data value="1657" data-of="feed.read rosters">``.

    ``of`` names what it is a number of, then whose. Tests read these marks and ask the release for each; nothing is
    shown of the names but what :func:`pilar.showing.mask` lets through. ``None`` is shown as a dash.
    """
    told = f"{value:f}" if isinstance(value, Decimal) else "" if value is None else str(value)
    name = mask(" ".join(str(part) for part in of))
    return Markup('<data value="{}" data-of="{}">{}</data>').format(told, name, number(value, places))


def percent(value: object) -> Markup:
    return Markup("–") if value is None else Markup("{} %").format(number(value, 1))


def moment(value: date | datetime | str | None) -> Markup:
    """A time in Asia/Jakarta (naive times are UTC, as stored), a day as it is."""
    if value is None or isinstance(value, str):
        return escape(value or "–")
    if isinstance(value, datetime):
        local = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(DISPLAY_ZONE)
        clock = f", {local:%H.%M} WIB", f", {local:%H:%M} WIB"
        machine = local.isoformat(timespec="minutes")
    else:
        local, clock, machine = datetime(value.year, value.month, value.day, tzinfo=UTC), ("", ""), value.isoformat()
    texts = (
        f"{local.day} {names[local.month - 1]} {local.year}{tail}"
        for names, tail in zip((_MONTHS_ID, _MONTHS_EN), clock, strict=True)
    )
    return Markup('<time datetime="{}">{}</time>').format(machine, both(*texts))


def day(value: date | datetime | str | None) -> Markup:
    """The day of a time, in Asia/Jakarta."""
    if isinstance(value, datetime):
        return moment((value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(DISPLAY_ZONE).date())
    return moment(value)


def short_day(value: date) -> tuple[str, str]:
    """``5 Des`` and ``5 Dec``, for the foot of a chart."""
    return f"{value.day} {_MONTHS_ID[value.month - 1]}", f"{value.day} {_MONTHS_EN[value.month - 1]}"


def short_month(value: str) -> tuple[str, str]:
    """``2023-12`` as ``Des`` and ``Dec``, for the foot of a chart."""
    return _MONTHS_ID[int(value[5:7]) - 1], _MONTHS_EN[int(value[5:7]) - 1]


def month(value: str | None) -> Markup:
    """A period, ``2023-03`` as ``Mar 2023`` in both languages; a bare year as it is."""
    if not value or len(value) != 7:
        return Markup("<time>{}</time>").format(value) if value else Markup("–")
    texts = (f"{names[int(value[5:7]) - 1]} {value[:4]}" for names in (_MONTHS_ID, _MONTHS_EN))
    return Markup('<time datetime="{}">{}</time>').format(value, both(*texts))


def share(part: int | Decimal | None, whole: int | Decimal | None) -> Decimal:
    """Percent of the whole with one decimal, for the width of a bar; 0 of nothing is 0."""
    if not part or not whole:
        return Decimal(0)
    return round(Decimal(part) * 100 / Decimal(whole), 1)


def environment(package: str) -> Environment:
    """Jinja over the templates of ``package`` and of this one (``base.html.j2``, ``page.css``), with the words above.

    Everything is escaped; a name that is not given is an error, not a blank.
    """
    made = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("pilar.html")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"t": both, "share": share, "rule_of": rule, "halves": halves}
    made.filters |= {
        "number": number,
        "percent": percent,
        "fact": fact,
        "moment": moment,
        "day": day,
        "mask": lambda text: mask(str(text)),
    }
    return made
