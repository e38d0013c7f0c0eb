"""The stewards' pages inside Airflow: under its navigation, behind its login, at ``/pilar/``.

What an Airflow plugin serves is open to everybody by default. Here nothing is: each request is asked for the auth
manager's user before anything else happens (``pilar.web.users.Guard``). The pages themselves know nothing of Airflow.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from pilar.web import User

PREFIX = "/pilar"

_PATHS = {
    "report": "M4 2h6l3 3v9H4zM6 7h5M6 9.5h5M6 12h3",
    "workbook": "M2.5 3h11v10h-11zM2.5 6.5h11M2.5 9.5h11M6.5 3v10",
    "decision": "M2.5 8.5 6 12l7.5-8",
    "docs": "M8 1.5 14 4v4c0 3.5-2.5 5.5-6 6.5-3.5-1-6-3-6-6.5V4zM5.5 8l2 2 3-4",
}


def icon(name: str, colour: str) -> str:
    """A drawing of 16 by 16 as an address that needs no file; its pale rim shows it on the dark of the chosen entry."""
    path = f"<path d='{_PATHS[name]}'"
    drawn = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke-linecap='round' "
        f"stroke-linejoin='round'>{path} stroke='#fff' stroke-opacity='.85' stroke-width='3.4'/>"
        f"{path} stroke='{colour}' stroke-width='1.4'/></svg>"
    )
    return f"data:image/svg+xml,{quote(drawn)}"


def view(name: str, route: str, path: str, drawing: str) -> dict[str, Any]:
    """An entry of the navigation. ``path`` is relative, so that Airflow may live below any address."""
    return {
        "name": name,
        "href": f"{PREFIX[1:]}/{path}",
        "url_route": route,
        "destination": "nav",
        "nav_top_level": True,
        "icon": icon(drawing, "#475569"),
        "icon_dark_mode": icon(drawing, "#1e293b"),
    }


def steward_roles() -> set[str]:
    """Names of roles (``PILAR_STEWARD_ROLES``, parted by commas) whose users may see what names people, and decide."""
    given = os.environ.get("PILAR_STEWARD_ROLES") or "op,admin"
    return {name.strip().casefold() for name in given.split(",") if name.strip()}


def roles_of(user: BaseUser) -> set[str]:
    """The roles of a user of the simple auth manager (``role``) or of FAB's (``roles``); else none."""
    several = [getattr(user, "role", None), *(getattr(user, "roles", None) or [])]
    return {str(getattr(role, "name", role)).casefold() for role in several if role}


async def user_of(request: Request) -> User:
    """Whom Airflow's auth manager has logged in; raises :class:`pilar.web.NotLoggedIn` with the way to its login."""
    from airflow.api_fastapi.app import API_ROOT_PATH
    from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
    from fastapi import HTTPException

    from pilar.web import NotLoggedIn, User

    try:
        found = await get_user(request, None, await bearer_scheme(request))
    except HTTPException:  # no token, one that has run out, or a forged one
        query = request.url.query
        here = quote(request.scope["path"]) + (f"?{query}" if query else "")
        raise NotLoggedIn(f"{API_ROOT_PATH}api/v2/auth/login?{urlencode({'next': here})}") from None
    return User(found.get_name(), is_steward=bool(roles_of(found) & steward_roles()))


@cache
def pages() -> Starlette:
    """The app over ``PILAR_HOME``. Forms are signed with the secret that all API servers of this Airflow share."""
    from airflow.api_fastapi.auth.tokens import get_signing_key

    from pilar.config import home
    from pilar.web import app

    return app(home(), user_of, secret=get_signing_key("api", "secret_key").encode())


async def served(scope: Scope, receive: Receive, send: Send) -> None:
    """:func:`pages`, made at the first request: every process of Airflow imports its plugins, one serves pages."""
    await pages()(scope, receive, send)


class PilarPages(AirflowPlugin):
    """Registers the pages and their four entries."""

    name = "pilar_pages"
    fastapi_apps: ClassVar = [{"name": "pilar", "url_prefix": PREFIX, "app": served}]
    external_views: ClassVar = [
        view("Laporan", "laporan", "reports/", "report"),
        view("Buku kerja", "buku-kerja", "reports/restricted/workbooks/", "workbook"),
        view("Keputusan", "keputusan", "decisions", "decision"),
        view("Data Docs", "data-docs", "reports/data_docs/", "docs"),
    ]
