"""Files below reports/: the right ones, as what they are, and nothing beside them by whatever spelling."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import anyio
import pytest
from starlette.testclient import TestClient

from pilar.config import Home
from pilar.web.reports import Found, Restricted, find, policy
from tests.web.conftest import STEWARD, VIEWER, pages


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A reports folder with one file of each kind, links that lead in and out, and secrets beside it."""
    home = Home(tmp_path_factory.mktemp("filled") / "home").make()
    for name in (
        "index.html", "data_docs/index.html", "data_docs/sites/a/index.html", "data_docs/sites/a/static/page.js",
        "restricted/workbooks/index.html", "restricted/workbooks/kab-tuban/Pilar Tuban é.xlsx", "style.css",
        "picture.svg", "picture.png", "table.csv", "run.exe", "empty/no index here.txt", ".hidden.html",
        ".git/index.html",
    ):  # fmt: skip
        path = home.reports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    (home.root / "pii.key").write_text("the pseudonym key")
    (home.root / "reports-beside").mkdir()
    (home.root / "reports-beside" / "index.html").write_text("a neighbour with the same beginning")
    for link, target in {
        "data_docs/arrivals": "sites/a", "out": "..", "key.txt": "../pii.key", "passwd": "/etc/passwd", "loop": "loop",
        "open": "restricted", "data_docs/people.xlsx": "../restricted/workbooks/kab-tuban/Pilar Tuban é.xlsx",
    }.items():  # fmt: skip
        (home.reports / link).symlink_to(target)
    (home.reports / "data_docs" / "sly").mkdir()
    (home.reports / "data_docs" / "sly" / "index.html").symlink_to("../../../pii.key")
    return home


OUT = [
    "..", "../pii.key", "../pii.key/", "data_docs/../../pii.key", "data_docs/..", "./index.html", "a/./index.html",
    "/etc/passwd", "//etc/passwd", "data_docs//index.html", "..\\pii.key", "data_docs\\..\\..\\pii.key", "C:\\x",
    "index.html\0", "index.html\0.png", "\0", "..\0/pii.key", "index.html\n", "index\u202ehtml", ".hidden.html",
    ".git/index.html", "data_docs/.git", "out/pii.key", "out/landing", "key.txt", "passwd", "loop", "loop/x",
    "data_docs/sly", "data_docs/sly/", "../reports-beside/index.html", "..reports", "%2e%2e/pii.key", "..%2fpii.key",
    "x" * 300, "/".join(["x"] * 3000), "nothing.html", "index.html/", "index.html/x", "empty", "empty/",
    "data_docs/sites",
]  # fmt: skip


@pytest.mark.parametrize("address", OUT, ids=range(len(OUT)))
def test_nothing_else_can_be_named(filled: Home, address: str) -> None:
    assert find(filled, address, is_steward=True) is None
    assert find(filled, address, is_steward=False) is None


RAW = [
    "/reports/../pii.key", "/reports/%2e%2e/pii.key", "/reports/..%2fpii.key", "/reports/%2e%2e%2fpii.key",
    "/reports/data_docs/%2e%2e/%2e%2e/pii.key", "/reports/%252e%252e/pii.key", "/reports/..%5cpii.key",
    "/reports//etc/passwd", "/reports/%2fetc/passwd", "/reports/index.html%00", "/reports/%00", "/reports/.hidden.html",
    "/reports/%2ehidden.html", "/reports/key.txt", "/reports/out/pii.key", "/reports/%c0%ae%c0%ae/pii.key",
]  # fmt: skip


@pytest.mark.parametrize("address", RAW)
def test_no_spelling_of_an_address_leads_out(filled: Home, address: str) -> None:
    """As it comes over the wire: the client would tidy the address, so the app is asked directly."""
    answers: list[dict[str, object]] = []

    async def ask() -> None:
        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b""}

        async def send(message: dict[str, object]) -> None:
            answers.append(message)

        scope = {
            "type": "http", "method": "GET", "path": unquote(address), "raw_path": address.encode(), "headers": [],
            "query_string": b"", "root_path": "", "scheme": "http", "server": ("pilar", 80), "http_version": "1.1",
        }  # fmt: skip
        await pages(filled, STEWARD)(scope, receive, send)  # type: ignore[arg-type]

    anyio.run(ask)
    assert answers[0]["status"] == 404
    assert b"pseudonym" not in b"".join(bytes(part.get("body", b"")) for part in answers[1:])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address",
    ["restricted", "restricted/", "restricted/workbooks/index.html", "restricted/no/such/file", "RESTRICTED/x", "open",
     "open/workbooks/index.html", "open/nothing", "data_docs/people.xlsx"],
)  # fmt: skip
def test_what_names_people_is_for_stewards_by_any_way(filled: Home, address: str) -> None:
    with pytest.raises(Restricted):
        find(filled, address, is_steward=False)
    answer = TestClient(pages(filled, VIEWER)).get(f"/reports/{address}")
    assert answer.status_code == 403
    assert "Khusus petugas data" in answer.text


def test_a_steward_gets_the_workbook_and_the_browser_keeps_none(filled: Home) -> None:
    client = TestClient(pages(filled, STEWARD))
    for address in ("restricted/workbooks/kab-tuban/Pilar Tuban é.xlsx", "data_docs/people.xlsx"):
        answer = client.get(f"/reports/{address}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-disposition"].startswith(
            "attachment; filename*=utf-8''Pilar%20Tuban%20%C3%A9.xlsx"
        )
        assert answer.headers["content-type"].endswith("spreadsheetml.sheet")


@pytest.mark.parametrize(
    ("address", "kind", "saved"),
    [
        ("index.html", "text/html; charset=utf-8", False),
        ("", "text/html; charset=utf-8", False),
        ("data_docs/arrivals/", "text/html; charset=utf-8", False),
        ("data_docs/arrivals/static/page.js", "text/javascript; charset=utf-8", False),
        ("style.css", "text/css; charset=utf-8", False),
        ("picture.svg", "image/svg+xml", False),
        ("picture.png", "image/png", False),
        ("table.csv", "text/csv; charset=utf-8", True),
        ("run.exe", "application/octet-stream", True),
    ],
)
def test_a_file_comes_as_what_it_is(filled: Home, address: str, kind: str, saved: bool) -> None:
    answer = TestClient(pages(filled, VIEWER)).get(f"/reports/{address}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert ("attachment" in answer.headers.get("content-disposition", "")) is saved
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"


def test_a_folder_gets_its_last_slash_relatively(filled: Home) -> None:
    client = TestClient(pages(filled, VIEWER), follow_redirects=False)
    for address, leads_to in {"/": "reports/", "/reports": "reports/", "/reports/data_docs": "data_docs/"}.items():
        answer = client.get(address)
        assert answer.status_code == 303
        assert answer.headers["location"] == leads_to
    assert find(filled, "data_docs", is_steward=False) == Found(filled.reports.resolve() / "data_docs/index.html", True)


def test_a_page_that_the_browser_has_is_not_sent_again(filled: Home) -> None:
    client = TestClient(pages(filled, VIEWER))
    first = client.get("/reports/")
    again = client.get("/reports/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    (filled.reports / "index.html").write_text("tomorrow's report")
    later = client.get("/reports/", headers={"if-none-match": first.headers["etag"]})
    assert later.text == "tomorrow's report"
    (filled.reports / "index.html").write_text("content of index.html")


def test_scripts_run_in_the_pages_of_other_programs_alone() -> None:
    assert "script-src 'self' 'unsafe-inline'" in policy(Path("data_docs/sites/a/index.html"))
    assert "script-src 'self' 'unsafe-inline'" in policy(Path("dbt_docs/index.html"))
    for page in ("index.html", "dictionary.html", "restricted/workbooks/index.html", "restricted/data_docs/x.html"):
        assert "script-src" not in policy(Path(page))
        assert policy(Path(page)).startswith("default-src 'none'")
    for page in ("index.html", "data_docs/index.html"):
        assert "connect-src" not in policy(Path(page)), "no script asks the server for anything: default-src 'none'"
        assert "frame-ancestors 'self'" in policy(Path(page))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_reports_are_read_only(filled: Home, method: str) -> None:
    answer = TestClient(pages(filled, STEWARD)).request(method, "/reports/index.html")
    assert answer.status_code == 405
    assert (filled.reports / "index.html").read_text() == "content of index.html"


def test_a_report_folder_that_is_not_there_yet_is_no_error(tmp_path: Path) -> None:
    assert find(Home(tmp_path / "nowhere"), "", is_steward=True) is None
    assert find(Home(tmp_path / "nowhere"), "index.html", is_steward=False) is None
