"""The app: its addresses, and who may go there. All addresses in pages are relative, so it may be mounted anywhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pilar.config import Home
from pilar.web import pages, reports
from pilar.web.decisions import Decisions
from pilar.web.forgery import Tokens
from pilar.web.users import Guard, User, user


def app(home: Home, user_of: Callable[[Request], Awaitable[User]], *, secret: bytes) -> Starlette:
    """The pages over ``home``. ``user_of`` tells who is logged in or raises :class:`pilar.web.NotLoggedIn`.

    ``secret`` signs the forms; processes that share the work must share it.
    """
    decisions = Decisions(home, Tokens(secret))

    def to_reports(_: Request) -> Response:
        return RedirectResponse("reports/", 303)

    def into_reports(_: Request) -> Response:
        return RedirectResponse("reports/", 303)

    def report(request: Request) -> Response:
        try:
            found = reports.find(home, request.path_params["path"], is_steward=user(request).is_steward)
        except reports.Restricted:
            return pages.not_a_steward(request)
        if found is None:
            return pages.not_found(request)
        if found.is_folder:
            return RedirectResponse(request.path_params["path"].rpartition("/")[2] + "/", 303)
        return reports.answer(home, found, request.headers)

    made = Starlette(
        routes=[
            Route("/", to_reports),
            Route("/reports", into_reports),
            Route("/reports/{path:path}", report),
            Route("/decisions", decisions.listed),
            Route("/decisions/given/{name}", decisions.given),
            Route("/decisions/{finding_key}", decisions.decided, methods=["POST"]),
            Route("/decisions/{finding_key}", decisions.asked),
        ],
        middleware=[Middleware(Guard, user_of=user_of)],
        exception_handlers={HTTPException: _refused},
    )
    made.router.redirect_slashes = False
    return made


def _refused(request: Request, refusal: Exception) -> Response:
    status = refusal.status_code if isinstance(refusal, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.NOT_FOUND:
        return pages.not_found(request)
    headers = refusal.headers if isinstance(refusal, HTTPException) else None
    return Response(status_code=status, headers=headers)
