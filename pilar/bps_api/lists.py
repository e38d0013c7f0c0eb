"""Lists of the BPS Web API (``th``, ``var``): pages of ``data: [{page, pages, per_page, count, total}, [items]]``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pilar.bps_api.client import Client, RefusedError
from pilar.figures.answer import NOT_AVAILABLE, safe_message
from pilar.figures.vocabulary import facets
from pilar.regions import clean

log = logging.getLogger(__name__)

FIRST_TH_YEAR = 1900
"""BPS numbers years from here: ``th = year - 1900``."""
MOST_PAGES = 1000
"""Domain 0000 has about 180 pages of variables."""

Item = Mapping[str, Any]


@dataclass
class Listing:
    """Items by their id, as text, in the order of the list."""

    items: dict[str, Item] = field(default_factory=dict)
    complete: bool = True
    """Whether as many items came as the list says it has (or the caller had seen enough)."""


@dataclass(frozen=True)
class Variable:
    """An entry of the list of variables."""

    number: int
    title: str
    unit: str


def years_of(asking: Client, domain: str, variable: int) -> tuple[list[int], bool]:
    """(years that BPS has of a variable, ascending; whether the list came whole). Raises ``FetchError``."""
    found = listing(asking, {"model": "th", "domain": domain, "var": str(variable)}, "th_id")
    return sorted(_year(number, str(item.get("th", ""))) for number, item in found.items.items()), found.complete


def variables_of(
    asking: Client, domain: str, enough: Callable[[Mapping[int, Variable]], bool]
) -> tuple[dict[int, Variable], bool]:
    """(variables of a domain by id; whether the list came as far as it was wanted). Raises ``FetchError``."""

    def parsed(items: Mapping[str, Item]) -> dict[int, Variable]:
        return {
            int(number): Variable(int(number), clean(str(item.get("title", ""))), clean(str(item.get("unit") or "")))
            for number, item in items.items()
            if number.isdigit()
        }

    found = listing(asking, {"model": "var", "domain": domain}, "var_id", lambda items: enough(parsed(items)))
    return parsed(found.items), found.complete


def listing(
    asking: Client,
    parameters: Mapping[str, str],
    identity: str,
    enough: Callable[[Mapping[str, Item]], bool] = lambda _: False,
) -> Listing:
    """All pages of a list, the last one included, or as many as the caller wants.

    Ends at a page that brings nothing new, whatever the server says of their number.
    """
    found = Listing()
    said = 0
    for number in range(1, MOST_PAGES + 1):
        page = _page(asking.ask({**parameters, "page": str(number)}).body)
        if page is None:
            break
        head, items = page
        before = len(found.items)
        found.items.update(_by_id(items, identity))
        said = max(said, _number(head, "total"))
        if enough(found.items):
            return found
        per_page = _number(head, "per_page") or len(items) or 1
        if len(found.items) == before or number >= max(_number(head, "pages"), -(-said // per_page)):
            break
    found.complete = len(found.items) >= said
    if not found.complete:
        what = ", ".join(f"{name} {value}" for name, value in parameters.items())
        log.warning("list (%s): %d of %d entries came", what, len(found.items), said)
    return found


def _page(body: Any) -> tuple[Item, list[Any]] | None:
    """(head, items) of a page; ``None`` where the list has none. Raises ``RefusedError``."""
    if not isinstance(body, Mapping):
        raise RefusedError(["not the shape of a list"])
    if str(body.get("status", "")).casefold() == "error":
        raise refusal(str(body.get("message", "")))
    if str(body.get("data-availability", "")).casefold() in NOT_AVAILABLE:
        return None
    match body.get("data"):
        case [Mapping() as head, list(items)]:
            return head, items
    raise RefusedError(["not the shape of a list"])


def refusal(message: str) -> RefusedError:
    """BPS's own words for an error, which come with HTTP 200. A refused key is final."""
    return RefusedError([f"BPS says: {safe_message(message) or 'Error'}"], final="key" in message.casefold())


def _by_id(items: list[Any], identity: str) -> Iterator[tuple[str, Item]]:
    for item in items:
        if isinstance(item, Mapping) and item.get(identity) is not None:
            yield str(item[identity]), item


def _number(head: Item, name: str) -> int:
    text = str(head.get(name, ""))
    return int(text) if text.isdigit() else 0


def _year(number: str, label: str) -> int:
    """The year: id + 1900 and label must agree."""
    year = int(number) + FIRST_TH_YEAR if number.isdigit() else None
    if year is None or facets(label).year not in (None, year):
        raise RefusedError(["number and name of a year in the list of years contradict each other"])
    return year
