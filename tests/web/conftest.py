"""The pages over a copy of the samples' night, asked by whoever a test says it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from pilar.config import Home
from pilar.web import NotLoggedIn, User, app
from tests.conftest import Night

SECRET = b"a secret of the tests, good for nothing else"
STEWARD, VIEWER = User("siti.tuban", is_steward=True), User("ani", is_steward=False)
OWN = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form that the page itself holds."""

Asking = Callable[..., TestClient]


@pytest.fixture(scope="module")
def pages_home(sample_night: Night, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of this module's own: what the night published and stored. Nothing is left in landing."""
    home = Home(tmp_path_factory.mktemp("pages") / "home").make()
    for name in ("published", "raw", "reports"):
        shutil.rmtree(home.root / name)
        shutil.copytree(sample_night.home.root / name, home.root / name, symlinks=True)
    repoint(home, sample_night.home.current_marts.resolve().parent.name)
    return home


@pytest.fixture
def place(pages_home: Home) -> Iterator[Home]:
    """The module's home, with its landing folder put back as it was."""
    yield pages_home
    shutil.rmtree(pages_home.landing / "decisions", ignore_errors=True)


@pytest.fixture
def asking(place: Home) -> Asking:
    """``asking(user)``: a client of the pages over ``place`` (``asking(user, home)``: another); None is a stranger."""

    def client(user: User | None, home: Home = place) -> TestClient:
        return TestClient(pages(home, user), follow_redirects=False)

    return client


def pages(home: Home, user: User | None) -> Starlette:
    async def user_of(request: Request) -> User:
        if user is None:
            raise NotLoggedIn(f"/auth/login?next={request.url.path}")
        return user

    return app(home, user_of, secret=SECRET)


def repoint(home: Home, release_id: str) -> None:
    """Flip the published name to a release of the home."""
    home.current_marts.unlink(missing_ok=True)
    home.current_marts.symlink_to(Path("releases") / release_id / "marts.duckdb")


def key_of(home: Home, rule_code: str) -> str:
    """The key of the first open finding of a rule."""
    with duckdb.connect(str(home.current_marts.resolve()), read_only=True) as release:
        found = release.execute(
            "SELECT finding_key FROM quality_findings WHERE rule_code = ? AND state = 'open' ORDER BY 1", [rule_code]
        ).fetchone()
    assert found is not None
    return str(found[0])
