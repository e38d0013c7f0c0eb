"""Posts that another site forged: refused by where they come from, and by a token that only our own page knows."""

from __future__ import annotations

from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request

MAX_AGE = 12 * 3600
"""Seconds for which a form that was opened may be sent: a working day."""


class Tokens:
    """Tokens for forms, bound to a user's name."""

    def __init__(self, secret: bytes) -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="pilar.web.decisions")

    def give(self, name: str) -> str:
        return str(self._signer.dumps(name))

    def holds(self, token: str, name: str) -> bool:
        """Whether the token was given to this user, not too long ago."""
        try:
            return bool(self._signer.loads(token, max_age=MAX_AGE) == name)
        except BadSignature:
            return False


def is_own(request: Request) -> bool:
    """Whether a browser says that the request comes from a page of this very site.

    Browsers state ``Sec-Fetch-Site`` where they trust the connection (https, this machine), else ``Origin`` alone.
    What states neither is no browser's form.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host")
