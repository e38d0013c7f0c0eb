"""Weigh and time the pages that stewards open, in headless Chromium, and take their pictures.

    .venv/bin/python bench/pages.py HOME [URL …] [--pictures docs/img]

HOME is a runtime folder after a night. Each page is opened from its file in a fresh profile: kB of all that was read,
requests (one for each page of ours; none may leave the machine), and the median of five load times. Further URLs (pages
under Airflow, say) are measured alike. With ``--pictures`` the pages are also photographed, 1280 and 390 pixels wide,
as ``<page>-desktop.png`` and ``<page>-phone.png``: the first screen and a half. Ends with 1 if a page asked an outside
host.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Request, sync_playwright

PAGES = {
    "report": "index.html",
    "workbooks": "restricted/workbooks/index.html",
    "dictionary": "dictionary.html",
    "rules": "rules.html",
    "dbt-docs": "dbt_docs/index.html",
    "data-docs": "data_docs/index.html",
}
ROUNDS = 5
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WIDTHS = {"desktop": (1280, 1000), "phone": (390, 844)}
SCREENS = 1.5
"""Screens in a picture, from the top."""


@dataclass(frozen=True)
class Weighed:
    """One page: ``kilobytes`` over all requests, ``outside`` hosts asked, ``milliseconds`` until its load event."""

    kilobytes: float
    requests: int
    outside: tuple[str, ...]
    milliseconds: float


def weigh(browser: Browser, address: str) -> Weighed:
    """Open the page :data:`ROUNDS` times, each with an empty cache."""
    times: list[float] = []
    asked: list[Request] = []
    sizes = 0

    def note(request: Request) -> None:
        asked.append(request)

    for _ in range(ROUNDS):
        asked.clear()
        page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        page.on("request", note)
        page.goto(address, wait_until="load")
        times.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
        sizes = sum(map(size, asked))
        page.context.close()
    ours = urlsplit(address).hostname
    hosts = {urlsplit(request.url).hostname for request in asked} - {None, ours}
    local = [request for request in asked if not request.url.startswith("data:")]
    return Weighed(sizes / 1000, len(local), tuple(sorted(map(str, hosts))), statistics.median(times))


def size(request: Request) -> int:
    """Bytes of what was answered; those of a ``data:`` address came with the page that holds it."""
    parts = urlsplit(request.url)
    if parts.scheme == "file":
        path = Path(unquote(parts.path))
        return path.stat().st_size if path.is_file() else 0
    if parts.scheme == "data":
        return 0
    response = request.response()
    return len(response.body()) if response else 0


def photograph(browser: Browser, name: str, address: str, folder: Path) -> Iterator[Path]:
    """Pictures of the top of a page, on a desk and on a phone."""
    for kind, (width, height) in WIDTHS.items():
        page = browser.new_page(viewport={"width": width, "height": int(height * SCREENS)})
        page.goto(address)
        target = folder / f"{name}-{kind}.png"
        page.screenshot(path=target)
        page.close()
        yield target


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("urls", nargs="*")
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    reports = (given.home / "reports").resolve()
    pages = {name: (reports / place).as_uri() for name, place in PAGES.items() if (reports / place).is_file()}
    pages |= {url: url for url in given.urls}
    left = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        print("| page | kB | requests | load, ms |\n| --- | --- | --- | --- |")
        for name, address in pages.items():
            found = weigh(browser, address)
            left |= bool(found.outside)
            told = f"{found.requests}{', outside: ' + ', '.join(found.outside) if found.outside else ''}"
            print(f"| {name} | {found.kilobytes:,.0f} | {told} | {found.milliseconds:,.0f} |")
            if given.pictures and name in PAGES:
                for target in photograph(browser, name, address, given.pictures):
                    print(f"{target}: {target.stat().st_size // 1000} kB", file=sys.stderr)
        browser.close()
    return int(left)


if __name__ == "__main__":
    sys.exit(main())
