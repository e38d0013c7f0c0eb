"""No address answers a stranger, and what names people answers stewards alone."""

from __future__ import annotations

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pilar.config import Home
from pilar.web.users import HEADERS
from tests.web.conftest import OWN, STEWARD, VIEWER, Asking, key_of, pages

FORM = {"verdict": "corrected", "reason": "diperiksa", "token": "forged"}


def addresses(home: Home) -> dict[str, str]:
    """Each route of the app → an address that it answers; a route without one fails here."""
    filled = {
        "/": "/",
        "/reports": "/reports",
        "/reports/{path:path}": "/reports/index.html",
        "/decisions": "/decisions",
        "/decisions/given/{name}": "/decisions/given/x",
        "/decisions/{finding_key}": f"/decisions/{key_of(home, 'NIK_LENGTH')}",
    }
    return {route.path: filled[route.path] for route in pages(home, None).routes if isinstance(route, Route)}


def methods(home: Home) -> list[tuple[str, str]]:
    """(method, address) of every route and of what no route knows."""
    known = [
        (method, addresses(home)[route.path])
        for route in pages(home, None).routes
        if isinstance(route, Route)
        for method in sorted(route.methods or ())
    ]
    strange = [(method, place) for method in ("GET", "POST", "PUT", "OPTIONS") for place in ("/nothing", "/docs", "")]
    return [*known, *strange, ("DELETE", "/reports/index.html"), ("GET", "/openapi.json"), ("GET", "/reports/../x")]


def test_every_route_is_walked(place: Home) -> None:
    routes = pages(place, None).routes
    assert all(isinstance(route, Route) for route in routes), "a mount or web socket needs a test of its own"
    assert len(methods(place)) > 2 * len(routes)


def test_a_stranger_gets_nothing_anywhere(place: Home, asking: Asking) -> None:
    stranger = asking(None)
    known, unknown = [], []
    for method, address in methods(place):
        plain = stranger.request(method, address, data=FORM if method == "POST" else None)
        assert plain.status_code == 401, (method, address)
        assert plain.text in ("not logged in\n", "")
        asked = stranger.request(method, address, headers={"accept": "text/html,*/*;q=0.8"})
        if method in ("GET", "HEAD"):
            assert asked.status_code == 303
            assert asked.headers["location"].startswith("/auth/login?next=/")
            assert asked.content == b""
        else:
            assert asked.status_code == 401
        (unknown if address in ("/nothing", "/docs") else known).append(asked.headers.keys() - {"location"})
    assert {frozenset(keys) for keys in known} == {frozenset(keys) for keys in unknown}, "tells what exists"


FORBIDDEN = (
    "/decisions",
    "/decisions/given/x",
    "/decisions/f_x",
    "/reports/restricted/",
    "/reports/restricted/workbooks/a.xlsx",
)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_viewer_sees_no_page_that_names_people(asking: Asking, address: str) -> None:
    answer = asking(VIEWER).get(address)
    assert answer.status_code == 403
    assert "Khusus petugas data" in answer.text
    assert "For data stewards only" in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_viewer_cannot_write(place: Home, asking: Asking) -> None:
    address = f"/decisions/{key_of(place, 'NIK_LENGTH')}"
    answer = asking(VIEWER).post(address, data=FORM, headers=OWN)
    assert answer.status_code == 403
    assert not (place.landing / "decisions").exists()


def test_a_viewer_reads_the_report(asking: Asking) -> None:
    answer = asking(VIEWER).get("/reports/index.html")
    assert answer.status_code == 200
    assert "Pilar" in answer.text


def test_every_answer_says_how_it_may_be_used(place: Home) -> None:
    for user in (None, VIEWER, STEWARD):
        client = TestClient(pages(place, user), follow_redirects=False)
        for method, address in methods(place):
            answer = client.request(method, address)
            missing = [name for name in HEADERS if name not in answer.headers]
            assert not missing, (user, method, address)
            assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


def test_web_sockets_are_not_answered(asking: Asking) -> None:
    for user in (None, STEWARD):
        with pytest.raises(WebSocketDisconnect), asking(user).websocket_connect("/decisions"):
            pytest.fail("a socket was opened")
