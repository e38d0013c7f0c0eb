"""Who asks: no request reaches a page, a file or a 404 without a logged-in user."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

_KEY = "pilar.user"

STRICT = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
"""Content security policy of what has none of its own."""

HEADERS = {
    "Content-Security-Policy": STRICT,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Sent with every answer that does not say otherwise."""


@dataclass(frozen=True)
class User:
    """Somebody who is logged in. Stewards may see what names people, and decide."""

    name: str
    is_steward: bool


class NotLoggedIn(Exception):
    """Raised where the user is asked for; ``login`` is the address of the login page, which leads back here."""

    def __init__(self, login: str) -> None:
        super().__init__("not logged in")
        self.login = login


def user(request: Request) -> User:
    """The user whom :class:`Guard` let in."""
    return cast("User", request.scope[_KEY])


class Guard:
    """Wraps a whole app: asks who it is, before anything else does; adds :data:`HEADERS` to every answer.

    People in a browser are sent to the login page, everything else gets 401.
    """

    def __init__(self, app: ASGIApp, user_of: Callable[[Request], Awaitable[User]]) -> None:
        self._app = app
        self._user_of = user_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # nothing here speaks through one
            await WebSocketClose()(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            scope[_KEY] = await self._user_of(request)
        except NotLoggedIn as stranger:
            await _invited(request, stranger.login)(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)


def _invited(request: Request, login: str) -> Response:
    if request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(login, 303)
    return PlainTextResponse("not logged in\n", 401)
