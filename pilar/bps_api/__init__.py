"""BPS Web API → files in landing: every answer as it came, with its request beside it.

======================  ==============================================================
``client``              one polite request: retries, no key in any text
``store``               an answer → a file, only if it says something new
======================  ==============================================================

The night reads the files like any other; nothing here opens the warehouse. Without a key, files that people
put into landing serve as well.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import httpx

from pilar.bps_api.client import BASE_URL, Answer, Client, FetchError, Patience, RefusedError
from pilar.bps_api.store import FOLDER, land
from pilar.config import Home
from pilar.figures.answer import checked, safe_message
from pilar.figures.indicators import indicators
from pilar.reading.model import Rejected

__all__ = ["BASE_URL", "FOLDER", "VARIABLES", "FetchError", "Patience", "RefusedError", "fetch", "years_per_request"]

log = logging.getLogger(__name__)

_NATIONAL_YEARS, _PROVINCE_YEARS = 3, 2


def _variables() -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for indicator in indicators().values():
        for domain, ids in indicator.variables.items():
            found.setdefault(domain, []).extend(ids)
    return {domain: sorted(ids) for domain, ids in sorted(found.items())}


VARIABLES: Mapping[str, Sequence[int]] = _variables()
"""Poverty variables by domain, from the seed ``indicators``."""


def fetch(
    home: Home,
    years: Iterable[int],
    *,
    key: str | None,
    base_url: str = BASE_URL,
    variables: Mapping[str, Sequence[int]] = VARIABLES,
    client: httpx.Client | None = None,
    patience: Patience | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Path]:
    """Ask for every variable and year; return the files that hold something new.

    A failed request does not keep the others from being landed; at the end ``FetchError`` names all that
    failed, so that a second run gets the rest and lands nothing twice. ``RefusedError`` (a kind of ``FetchError``)
    means that asking again cannot help: no key, a refused key, a wrong request.
    """
    if not key:
        raise RefusedError(["no key for the BPS Web API: put files into landing/poverty/ instead, or give a key"])
    landed: list[Path] = []
    failures: list[FetchError] = []
    with Client(base_url, key, client, patience or Patience(), sleep) as asking:
        for domain, ids in variables.items():
            for variable in ids:
                for some_years in _split(sorted(set(years)), years_per_request(domain)):
                    for wanted in _answers(asking, domain, variable, some_years, failures):
                        path = land(home, domain, variable, wanted)
                        if path is not None:
                            landed.append(path)
                    if any(failure.final for failure in failures):
                        raise RefusedError([reason for failure in failures for reason in failure.reasons])
    if failures:
        reasons = [reason for failure in failures for reason in failure.reasons]
        raise RefusedError(reasons) if all(isinstance(one, RefusedError) for one in failures) else FetchError(reasons)
    return landed


def years_per_request(domain: str) -> int:
    """How many years BPS answers at once."""
    return _NATIONAL_YEARS if domain == "0000" else _PROVINCE_YEARS


def _split(years: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(years), size):
        yield years[start : start + size]


def _answers(
    asking: Client, domain: str, variable: int, years: Sequence[int], failures: list[FetchError]
) -> Iterator[Answer]:
    """Answers that hold data. An answer that is too large, or has no data for one of its years, is asked by year."""
    what = f"domain {domain}, variable {variable}, years {years[0]}-{years[-1]}"
    try:
        answer = asking.ask(domain, variable, years)
    except FetchError as failure:
        failures.append(failure.about(what))
        return
    try:
        checked(answer.body)
    except Rejected as rejected:
        if len(years) > 1 and (answer.body is None or rejected.rule_code == "API_NOT_AVAILABLE"):
            for year in years:
                yield from _answers(asking, domain, variable, [year], failures)
        elif rejected.rule_code == "API_NOT_AVAILABLE":
            log.info("%s: no data", what)
        else:
            refusal = RefusedError([safe_message(rejected.detail_en) or rejected.rule_code])
            refusal.final = "key" in rejected.detail_en.casefold()
            failures.append(refusal.about(what))
        return
    yield answer
