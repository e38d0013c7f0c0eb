"""The stewards' pages behind a login: the reports as they lie on disk, and a page to decide on findings.

A Starlette app that knows nothing of Airflow: ``plugins/pilar_pages.py`` mounts it there and says who is logged in.
"""

from __future__ import annotations

from pilar.web.app import app
from pilar.web.users import NotLoggedIn, User

__all__ = ["NotLoggedIn", "User", "app"]
