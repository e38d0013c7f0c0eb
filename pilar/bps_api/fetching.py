"""For each variable: which years BPS has, their answers in as few requests as it allows, each landed if it is news."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pilar.bps_api import variables as known
from pilar.bps_api.client import BASE_URL, Answer, Client, FetchError, Patience, RefusedError, checked_key
from pilar.bps_api.lists import FIRST_TH_YEAR, refusal, years_of
from pilar.bps_api.store import FOLDER, Landed, alone
from pilar.config import Home
from pilar.figures.answer import checked, read_answer
from pilar.reading.model import Rejected

_NATIONAL_YEARS, _PROVINCE_YEARS = 3, 2

Tell = Callable[[str], None]


@dataclass
class Fetched:
    """What a run brought."""

    landed: list[Path] = field(default_factory=list)
    unchanged: int = 0
    """Answers without a figure that landing does not hold."""
    absent: list[str] = field(default_factory=list)
    """Years that were asked for and that BPS does not have, by variable."""

    @property
    def text(self) -> str:
        """One line for a log."""
        files = f"{len(self.landed)} new files in landing/{FOLDER.as_posix()}"
        return f"{files}; {self.unchanged} answers without a new figure"


def fetch(
    home: Home,
    years: Iterable[int] | None,
    *,
    key: str | None,
    base_url: str = BASE_URL,
    variables: object = None,
    tell: Tell = lambda _: None,
    patience: Patience | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Fetched:
    """Ask for every variable (default: those of the indicators) and year (``None``: all that BPS has).

    A failed request does not keep the others from being landed; at the end ``FetchError`` names all that failed, and a
    second run gets those and lands nothing twice. ``RefusedError`` (a kind of ``FetchError``) means that asking
    again cannot help: no key, a refused key, an answer that nobody can read. ``tell`` hears of each file.
    """
    key = checked_key(key)
    wanted = None if years is None else sorted(set(years))
    with alone(home), Client(base_url, key, patience or Patience(), sleep, clock) as asking:
        run = _Run(home, asking, tell)
        for domain, ids in known.checked(variables).items():
            for variable in ids:
                run.fetch(domain, variable, wanted)
    run.raise_failures()
    return run.fetched


def check(
    *,
    key: str | None,
    base_url: str = BASE_URL,
    variables: object = None,
    patience: Patience | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> list[str]:
    """Whether BPS still lists the variables under titles of their indicators: see :func:`variables.check`."""
    with Client(base_url, checked_key(key), patience or Patience(), sleep, clock) as asking:
        return known.check(asking, known.checked(variables))


def years_per_request(domain: str) -> int:
    """How many years BPS answers at once."""
    return _NATIONAL_YEARS if domain == "0000" else _PROVINCE_YEARS


class _Run:
    """One run: what it brought and what failed."""

    def __init__(self, home: Home, asking: Client, tell: Tell) -> None:
        self.fetched = Fetched()
        self._home = home
        self._asking = asking
        self._tell = tell
        self._failures: list[FetchError] = []

    @property
    def is_over(self) -> bool:
        """Whether asking on is of no use, or unwelcome."""
        return any(failure.final for failure in self._failures)

    def raise_failures(self) -> None:
        """Raise what went wrong; refusals alone are a refusal."""
        if not self._failures:
            return
        reasons = [reason for failure in self._failures for reason in failure.reasons]
        if self.is_over:
            reasons.append("nothing more was asked in this run")
        final = [failure for failure in self._failures if failure.final]
        refused = all(isinstance(failure, RefusedError) for failure in final or self._failures)
        raise (RefusedError if refused else FetchError)(reasons)

    def fetch(self, domain: str, variable: int, wanted: Sequence[int] | None) -> None:
        """Land the answers of one variable."""
        if self.is_over:
            return
        what = f"domain {domain}, variable {variable}"
        with self._noting(what):
            listed, complete = years_of(self._asking, domain, variable)
            if complete and not listed:
                raise RefusedError(["BPS lists no year of it; `pilar fetch --check` tells whether it is still there"])
            years = listed if wanted is None else [year for year in wanted if year in listed or not complete]
            self._absent(what, sorted(set(wanted or ()) - set(years)))
            landed = Landed.of(self._home, domain, variable)
            size = years_per_request(domain)
            for start in range(0, len(years), size):
                self._years(landed, years[start : start + size])
            if wanted is None and not complete:
                raise FetchError(["the list of years did not come whole; those that came were asked for"])

    def _years(self, landed: Landed, years: Sequence[int]) -> None:
        """Land the answer for some years. One that is too large, or lacks one of its years, is asked by year."""
        if self.is_over:
            return
        what = f"domain {landed.domain}, variable {landed.variable}, years {years[0]}-{years[-1]}"
        with self._noting(what):
            th = ";".join(str(year - FIRST_TH_YEAR) for year in years)
            parameters = {"model": "data", "domain": landed.domain, "var": str(landed.variable), "th": th}
            answer = self._asking.ask(parameters, landed.validators(years))
            if answer.not_modified:
                self.fetched.unchanged += 1
                _is_readable(landed.newest(years))
                return
            try:
                checked(answer.body)
            except Rejected as rejected:
                if len(years) > 1 and (answer.body is None or rejected.rule_code == "API_NOT_AVAILABLE"):
                    for year in years:
                        self._years(landed, [year])
                elif rejected.rule_code == "API_NOT_AVAILABLE":
                    self._absent(f"domain {landed.domain}, variable {landed.variable}", years)
                else:
                    raise _said(answer.body, rejected) from None
                return
            self._land(landed, years, answer)

    def _land(self, landed: Landed, years: Sequence[int], answer: Answer) -> None:
        _is_about(answer.body, landed.variable)
        path = landed.land(years, answer)
        if path is None:
            self.fetched.unchanged += 1
        else:
            self.fetched.landed.append(path)
            self._tell(f"landed {path.relative_to(self._home.landing)}")
        _is_readable({"request": answer.request, "body": answer.body})

    def _absent(self, what: str, years: Sequence[int]) -> None:
        if years:
            self.fetched.absent.append(f"{what}: BPS has no {', '.join(map(str, years))}")
            self._tell(self.fetched.absent[-1])

    @contextmanager
    def _noting(self, what: str) -> Iterator[None]:
        """A failure is kept for the end, and the run goes on."""
        try:
            yield
        except FetchError as failure:
            self._failures.append(failure.about(what))


def _said(body: Any, rejected: Rejected) -> RefusedError:
    """An answer that holds no data, in BPS's words if it has any."""
    if rejected.rule_code == "API_ERROR_ANSWER" and isinstance(body, dict):
        return refusal(str(body.get("message", "")))
    return RefusedError([rejected.detail_en or rejected.rule_code])


def _is_readable(recording: Mapping[str, Any]) -> None:
    """What landed must be figures of the variable that was asked for: BPS may have given its number to another."""
    try:
        read_answer(recording)
    except Rejected as rejected:
        if rejected.rule_code != "API_NOT_AVAILABLE":
            why = rejected.detail_en or rejected.rule_code
            raise RefusedError([f"it is in landing, but the night will refuse it: {why}"]) from None


def _is_about(body: Any, variable: int) -> None:
    """The answer must be the one to the question: a cache on the way may hand out another's."""
    entries = body.get("var")
    numbers = [str(one.get("val")) for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    if numbers and numbers != [str(variable)]:
        raise FetchError([f"the answer is about variable {', '.join(numbers)}"])
