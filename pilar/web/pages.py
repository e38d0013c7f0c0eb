"""Pages as answers: templates over Pilar's frame, and those that only say something."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pilar.deciding import REASON_LETTERS
from pilar.html import environment
from pilar.report.words import FEEDS, SEVERITIES, said
from pilar.web import words
from pilar.web.raw_rows import label


@cache
def _templates() -> Environment:
    made = environment("pilar.web")
    made.globals |= {
        "words": words,
        "feed": lambda name: said(FEEDS, name),
        "severity_word": lambda name: said(SEVERITIES, name),
        "label": label,
        "reason_letters": REASON_LETTERS,
    }
    return made


def page(request: Request, template: str, status: int = HTTPStatus.OK, **facts: object) -> Response:
    """A rendered template; ``root`` leads from the page's address to the app's own, for relative links."""
    depth = request.scope["path"].removeprefix(request.scope.get("root_path", "")).count("/") - 1
    return HTMLResponse(_templates().get_template(template).render(root="../" * depth, **facts), int(status))


def said_only(request: Request, status: int, heading: words.Words, text: words.Words) -> Response:
    """A page that says one thing."""
    return page(request, "said.html.j2", status, title=heading, text=text)


def not_found(request: Request) -> Response:
    return said_only(
        request,
        HTTPStatus.NOT_FOUND,
        ("Halaman tidak ada", "No such page"),
        ("Alamat ini tidak menunjuk ke mana pun.", "Nothing lies at this address."),
    )


def not_a_steward(request: Request) -> Response:
    return said_only(
        request,
        HTTPStatus.FORBIDDEN,
        ("Khusus petugas data", "For data stewards only"),
        (
            "Halaman ini memuat data orang, jadi hanya untuk akun petugas data. Mintalah peran itu kepada operator.",
            "This page names people, so it takes the account of a data steward. Ask the operator for that role.",
        ),
    )


def no_release(request: Request) -> Response:
    return said_only(
        request,
        HTTPStatus.OK,
        ("Belum ada rilis", "No release yet"),
        (
            "Belum ada data yang terbit, jadi belum ada yang perlu diputuskan.",
            "Nothing was published yet, so there is nothing to decide on.",
        ),
    )


def unreadable(request: Request) -> Response:
    return said_only(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        ("Rilis tidak dapat dibaca", "The release cannot be read"),
        ("Coba lagi; bila tetap begini, hubungi operator.", "Try again; if it stays so, tell the operator."),
    )
