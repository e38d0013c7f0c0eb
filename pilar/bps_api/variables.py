"""Which variables are asked for, and whether BPS still lists them under those numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from pilar.bps_api.client import Client, FetchError, RefusedError
from pilar.bps_api.lists import Variable, variables_of
from pilar.figures.indicators import indicators
from pilar.figures.vocabulary import facets, indicator_of

Variables = Mapping[str, Sequence[int]]
"""Variable ids by domain: ``0000`` national, ``3500`` East Java."""


def configured() -> dict[str, list[int]]:
    """The variables of the seed ``indicators``, sorted."""
    found: dict[str, list[int]] = {}
    for indicator in indicators().values():
        for domain, ids in indicator.variables.items():
            found.setdefault(domain, []).extend(ids)
    return {domain: sorted(ids) for domain, ids in sorted(found.items())}


def checked(variables: object) -> Variables:
    """The variables of a connection or the configured ones. Raises ``RefusedError`` for another shape."""
    if not variables:
        return configured()
    if isinstance(variables, Mapping) and all(
        re.fullmatch(r"\d{4}", str(domain)) and isinstance(ids, list) and all(type(one) is int for one in ids)
        for domain, ids in variables.items()
    ):
        return variables
    raise RefusedError(['variables must be ids by domain: {"variables": {"0000": [185, 624], "3500": [497]}}'])


def indicator_by_variable(domain: str) -> dict[int, str]:
    """Indicator code by variable id, as configured for a domain."""
    return {number: one.code for one in indicators().values() for number in one.variables.get(domain, ())}


def check(asking: Client, variables: Variables) -> list[str]:
    """A line for each variable that BPS lists under a title of its indicator, with the title.

    Raises ``RefusedError`` that names all that are missing or called otherwise, with the numbers that bear such a
    title today; ``FetchError`` if a list did not come whole, for then nobody can tell.
    """
    known: list[str] = []
    faults: list[str] = []
    for domain, ids in variables.items():
        wanted = _wanted(domain, ids)
        listed, whole = variables_of(asking, domain, partial(_all_fit, wanted))
        if not whole and not set(ids) <= set(listed):
            raise FetchError([f"domain {domain}: the list of variables did not come whole; ask again later"])
        for number, indicator in wanted.items():
            what = f"domain {domain}, variable {number}"
            variable = listed.get(number)
            if variable is not None and _fits(variable, indicator):
                known.append(f"{what}: {variable.title}")
            else:
                said = f"now called {variable.title!r}" if variable else "BPS lists it no more"
                faults.append(f"{what} ({indicator or 'no indicator'}): {said}{_instead(listed, indicator, wanted)}")
    if faults:
        raise RefusedError(faults)
    return known


def _wanted(domain: str, ids: Sequence[int]) -> dict[int, str | None]:
    """Indicator by variable; ``None`` for one that only an operator's connection names."""
    configured_as = indicator_by_variable(domain)
    return {number: configured_as.get(number) for number in ids}


def _all_fit(wanted: Mapping[int, str | None], found: Mapping[int, Variable]) -> bool:
    return all(number in found and _fits(found[number], indicator) for number, indicator in wanted.items())


def _fits(variable: Variable, indicator: str | None) -> bool:
    """Whether title and unit name the indicator. A variable without one may be called anything."""
    return indicator is None or indicator_of([facets(variable.title), facets(variable.unit).context()]) == indicator


def _instead(listed: Mapping[int, Variable], indicator: str | None, wanted: Collection[int]) -> str:
    others = [one for one in listed.values() if one.number not in wanted and indicator and _fits(one, indicator)]
    named = ", ".join(f"{one.number} ({one.title})" for one in others)
    return f"; of that indicator BPS lists {named}" if named else ""
