"""The desk as an ASGI application that asks nobody but itself."""

from __future__ import annotations

from pathlib import Path

import marimo
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)
"""A browser that shows the desk asks no other host, whatever marimo's pages would like to load."""
HEAD = '<script>document.documentElement.lang = "id"</script>'
"""marimo says English of every page."""
NAMES = ["127.0.0.1", "localhost"]
"""Names by which the desk may be asked: a page elsewhere cannot reach it under its own name (DNS rebinding)."""


def application(page: Path) -> ASGIApp:
    """marimo serving ``page`` in run mode (its code is neither sent nor editable), with the headers above."""
    maker = marimo.create_asgi_app(quiet=True, include_code=False, html_head=HEAD)
    served = maker.with_app(path="/", root=str(page)).build()
    return TrustedHostMiddleware(_Headers(served), allowed_hosts=NAMES)


class _Headers:
    """Puts security headers on each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self._app(scope, receive, marked)
