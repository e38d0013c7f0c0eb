"""The decisions page: what waits for a verdict, one finding with all that is needed to judge it, and the writing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import wraps
from http import HTTPStatus
from itertools import groupby
from operator import itemgetter
from typing import Any, Concatenate, ParamSpec
from urllib.parse import parse_qsl, quote

import duckdb
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pilar import deciding
from pilar.config import DISPLAY_ZONE, Home
from pilar.deciding import Decision, Given, Problem, fitting, pair_rules
from pilar.web import pages, release, words
from pilar.web.forgery import Tokens, is_own
from pilar.web.pairs import compared
from pilar.web.raw_rows import personal_values, place_of, rows_of
from pilar.web.release import Filters, NoRelease, Row
from pilar.web.users import user

log = logging.getLogger(__name__)

SUBMITTER = "halaman-keputusan"
"""Folder of landing/decisions/ that this page writes to. No person's name: submitters are published."""

MAX_BODY = 16 * 1024
"""Bytes of a posted form; a reason has at most 500 letters."""

P = ParamSpec("P")


class Refusal(Exception):
    """Nothing was written, and why: heading and text."""

    def __init__(self, status: HTTPStatus, said: tuple[words.Words, words.Words]) -> None:
        super().__init__(status.phrase)
        self.status = status
        self.words = said


def for_stewards(
    handler: Callable[Concatenate[Decisions, Request, P], Response],
) -> Callable[Concatenate[Decisions, Request, P], Response]:
    """Lets in stewards alone, and says what is wrong with the release in words: an error's own may hold values."""

    @wraps(handler)
    def answer(self: Decisions, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        if not user(request).is_steward:
            return pages.not_a_steward(request)
        try:
            return handler(self, request, *args, **kwargs)
        except Refusal as refusal:
            return pages.said_only(request, refusal.status, *refusal.words)
        except NoRelease:
            return pages.no_release(request)
        except duckdb.Error as error:
            log.warning("decisions page: %s", type(error).__name__)
            return pages.unreadable(request)

    return answer


class Decisions:
    """Handlers over one home. Plain methods run in a thread of their own: a slow disk stops nobody else."""

    def __init__(self, home: Home, tokens: Tokens) -> None:
        self._home = home
        self._tokens = tokens

    @for_stewards
    def listed(self, request: Request) -> Response:
        """GET /decisions: open findings by filter and page, and what was decided but not read yet."""
        filters = Filters.of(request.query_params)
        found = release.overview(self._home, filters)
        places = [place for pair in found.pairs if pair["pair"] for place in pair["pair"]["places"]]
        rows = rows_of(self._home, [*found.findings, *places])
        pending = self._pending()
        return pages.page(
            request,
            "decisions.html.j2",
            filters=filters,
            found=found,
            groups=[(rule, list(group)) for rule, group in groupby(found.findings, itemgetter("rule_code"))],
            rows=rows,
            place_of=place_of,
            comparisons={pair["finding_key"]: compared(pair["pair"], rows) for pair in found.pairs if pair["pair"]},
            pending=pending,
            decided={told.decision.finding_key: told.decision.verdict for told in reversed(pending)},
        )

    @for_stewards
    def asked(self, request: Request) -> Response:
        """GET /decisions/<finding_key>: one finding and its form."""
        finding = release.finding(self._home, request.path_params["finding_key"])
        return self._form(request, finding) if finding else pages.not_found(request)

    async def decided(self, request: Request) -> Response:
        """POST /decisions/<finding_key>: write a verdict in the logged-in name, then lead to where it is told."""
        body = b""
        async for block in request.stream():
            body += block
            if len(body) > MAX_BODY:
                return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return await run_in_threadpool(self._decided, request, body)

    @for_stewards
    def given(self, request: Request) -> Response:
        """GET /decisions/given/<name>: what was written into the file of this name, and what else waits to be read."""
        name = f"{SUBMITTER}/{request.path_params['name']}.csv"
        told = [one for one in deciding.given(self._home) if one.file_name == name]
        if not told:
            return pages.not_found(request)
        pending = self._pending()
        return pages.page(
            request,
            "given.html.j2",
            told=told,
            filters=Filters.of(request.query_params),
            pending=pending,
            is_pending=any(one.file_name == name for one in pending),
        )

    @for_stewards
    def _decided(self, request: Request, body: bytes) -> Response:
        form = self._own_form(request, body)
        finding = release.finding(self._home, request.path_params["finding_key"])
        if finding is None or finding["state"] != "open":
            raise Refusal(HTTPStatus.CONFLICT, words.SETTLED)
        until, problems = _last_day(form.get("expires_on", ""))
        decision = Decision(
            finding["finding_key"],
            form.get("verdict", ""),
            deciding.one_line(form.get("reason", "")),
            user(request).name,
            until,
        )
        rows = rows_of(self._home, _places(finding))
        personal = [value for place in _places(finding) for value in _personal(place, rows)]
        problems += deciding.problems(decision, rule_code=finding["rule_code"], personal=personal)
        if problems:
            return self._form(request, finding, form, problems)
        try:
            path = deciding.write(self._home, [decision], SUBMITTER)
        except OSError as error:
            log.warning("decisions page: %s", type(error).__name__)
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, words.NOT_WRITTEN) from None
        query = Filters.of(request.query_params).query()
        return RedirectResponse(f"given/{quote(path.stem)}{query}", HTTPStatus.SEE_OTHER)

    def _own_form(self, request: Request, body: bytes) -> dict[str, str]:
        """The fields of a form that our own page sent for this user; raises :class:`Refusal` for any other."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        is_form = kind == "application/x-www-form-urlencoded"
        if not (is_form and is_own(request) and self._tokens.holds(form.get("token", ""), user(request).name)):
            raise Refusal(HTTPStatus.FORBIDDEN, words.FORGED)
        return form

    def _form(
        self,
        request: Request,
        finding: Row,
        form: Mapping[str, str] | None = None,
        problems: Sequence[Problem] = (),
    ) -> Response:
        rule_code = finding["rule_code"]
        rows = rows_of(self._home, _places(finding))
        is_pair = rule_code in pair_rules()
        return pages.page(
            request,
            "finding.html.j2",
            HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
            finding=finding,
            row=rows.get(place_of(finding)),
            comparison=compared(finding["pair"], rows) if finding["pair"] else None,
            offered=("same_person", "different_person") if is_pair else fitting(rule_code),
            form={"verdict": "", "reason": "", "expires_on": ""} | dict(form or {}),
            problems=problems,
            filters=Filters.of(request.query_params),
            token=self._tokens.give(user(request).name),
            by=user(request).name,
            tomorrow=_today() + timedelta(days=1),
            pending=[one for one in self._pending() if one.decision.finding_key == finding["finding_key"]],
        )

    def _pending(self) -> list[Given]:
        """Verdicts given here that the release of this moment does not know yet."""
        return deciding.given(self._home, known=release.known_decision_files(self._home))


def _today() -> date:
    return datetime.now(DISPLAY_ZONE).date()


def _places(finding: Row) -> list[Row]:
    return [finding, *(finding["pair"]["places"] if finding["pair"] else [])]


def _personal(place: Mapping[str, Any], rows: Mapping[Any, Mapping[str, str | None]]) -> list[str]:
    row = rows.get(place_of(place))
    return personal_values(place["feed"], row) if row else []


def _last_day(text: str) -> tuple[date | None, list[Problem]]:
    try:
        return (date.fromisoformat(text) if text.strip() else None), []
    except ValueError:
        return None, [Problem("expires_on", *words.NO_DAY)]
