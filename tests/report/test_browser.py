"""The page in a real browser: from a file, without network or script, on a desk and a phone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from pilar.config import Home
from pilar.publish import build_candidate
from pilar.report import write
from tests.conftest import Night

from .conftest import CRITICAL, NIGHT, PASSED, chromium

pytestmark = pytest.mark.browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def address(published: Home, night: Callable[..., None]) -> str:
    night()
    notes = published.releases / NIGHT / "notes.json"
    notes.chmod(0o644)
    late = {"topic": "late", "id": "b.csv menggantikan 3 baris dari a.csv.", "en": "b.csv took 3 rows of a.csv."}
    notes.write_text(json.dumps({"compared_with": "20261123T180000Z", "notes": [late] * 7}), "utf-8")
    return write(published, NIGHT).as_uri()


def open_page(browser: Browser, address: str, width: int) -> tuple[Page, list[str], list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(address, wait_until="networkidle")
    return page, asked, said


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_it_asks_nobody_and_fits_the_screen(width: int, browser: Browser, address: str) -> None:
    page, asked, said = open_page(browser, address, width)
    assert asked[0] == address
    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_switch_works_by_mouse_and_keyboard(browser: Browser, address: str) -> None:
    page, *_ = open_page(browser, address, 1280)
    heading = page.locator("h1")
    assert heading.inner_text() == "Laporan malam 24 Nov 2026"
    page.click("label[for=in-en]")
    assert heading.inner_text() == "Nightly report 24 Nov 2026"
    page.keyboard.press("ArrowLeft")
    assert heading.inner_text() == "Laporan malam 24 Nov 2026"
    page.close()


def test_a_phone_sees_the_columns_name_in_its_language(browser: Browser, address: str) -> None:
    page, *_ = open_page(browser, address, 390)
    told = "getComputedStyle(document.querySelector('.stack td'), '::before').content"
    assert page.evaluate(told) == '"Berkas"'
    page.click("label[for=in-en]")
    assert page.evaluate(told) == '"Files"'
    page.close()


def test_a_screen_reader_still_finds_tables_on_a_phone(browser: Browser, address: str) -> None:
    page, *_ = open_page(browser, address, 390)
    table = page.get_by_role("table").first
    assert table.get_by_role("columnheader").count() == 8
    assert table.get_by_role("rowheader").count() == 5
    page.close()


def test_it_prints_without_the_switch(browser: Browser, address: str) -> None:
    page, *_ = open_page(browser, address, 1280)
    page.emulate_media(media="print")
    assert not page.locator(".languages").is_visible()
    assert page.locator("table").first.is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: str, browser: Browser, address: str) -> None:
    """WCAG AA: 4.5 to 1 for every text, measured in the page itself."""
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(address)
    weak = page.evaluate(
        """() => {
        const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
        const rgb = colours => {  // the colours painted over one another
            canvas.clearRect(0, 0, 1, 1);
            for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        };
        const linear = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
        const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
        const speaks = node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
        const found = [];
        for (const node of document.querySelectorAll('.page *')) {
            if (!node.checkVisibility() || !speaks(node)) continue;
            const grounds = [];
            for (let n = node; n; n = n.parentElement) grounds.unshift(getComputedStyle(n).backgroundColor);
            const ground = light(rgb(grounds)), text = light(rgb([...grounds, getComputedStyle(node).color]));
            const ratio = (Math.max(ground, text) + .05) / (Math.min(ground, text) + .05);
            if (ratio < 4.5) found.push([node.className, node.textContent.trim().slice(0, 30), ratio.toFixed(2)]);
        }
        return found; }"""
    )
    assert weak == []
    page.close()


THIN = """() => {
    const parts = new Set(['ARTICLE', 'DETAILS', 'DIV', 'DL', 'LI', 'P', 'SECTION', 'TABLE', 'TR', 'UL']);
    const values = new Set(['id', 'href', 'for', 'title', 'name', 'value', 'datetime']);
    const seen = new Map();
    const own = node => node.tagName + [...node.attributes].map(
        one => values.has(one.name) ? one.name : `${one.name}=${one.value}`).sort();
    const kind = (node, path) => {
        const here = `${path}>${own(node)}`, inside = new Set();
        for (const child of [...node.children]) {
            const told = kind(child, here), times = (seen.get(here + told) || 0) + 1;
            seen.set(here + told, times);
            if (times > 2 && parts.has(child.tagName)) child.remove(); else inside.add(told);
        }
        const speaks = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
        return `${own(node)}${speaks ? '+' : ''}(${[...inside].sort()})`;
    };
    kind(document.body, '');
}"""
"""Leaves two of each kind of part: what has the same place, attributes and contents but for names and words. What axe
looks at is the kind: of 29,000 elements of the dictionary it would look at the same few a thousand times."""


def violations(browser: Browser, address: str, *, every: bool = False, prepare: str = "() => {}") -> list[str]:
    """What axe-core finds, at any severity: in light and Bahasa Indonesia, in dark and English, or in all four."""
    found = []
    for scheme, languages in {"light": ("id", "en"), "dark": ("en", "id")}.items():
        page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(address)
        page.evaluate(prepare)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        for language in languages if every else languages[:1]:
            page.click(f"label[for=in-{language}]")
            for item in Axe().run(page).response["violations"]:
                found.append(f"{scheme} {language} {item['impact']} {item['id']}: {item['nodes'][0]['html'][:120]}")
        page.close()
    return found


@pytest.mark.parametrize("outcome", ["published", "held", "failed", "unchanged"])
def test_axe_finds_nothing_on_the_page_of_any_night(
    outcome: str, browser: Browser, published: Home, night: Callable[..., None]
) -> None:
    gate = {"status": "held", "held": True, "results": [PASSED, CRITICAL], "violations": [], "seconds": 1}
    changes: dict[str, dict[str, dict[str, object] | None]] = {
        "held": {"gate_candidate": gate, "publish": None},
        "failed": {"build": {"status": "failed", "message": "dbt", "seconds": 2}, "publish": None},
    }
    night_id = NIGHT if outcome == "published" else "20261125T131500Z"
    if outcome == "held":
        build_candidate(published, night_id)
    night(night_id, unchanged=outcome == "unchanged", **changes.get(outcome, {}))
    address = write(published, night_id).as_uri()
    assert violations(browser, address, every=outcome == "published") == []


@pytest.mark.parametrize("name", ["index.html", "dictionary.html", "rules.html", "restricted/workbooks/index.html"])
def test_axe_finds_nothing_on_the_pages_of_the_sample_night(name: str, browser: Browser, sample_night: Night) -> None:
    path = sample_night.home.reports / name
    assert path.is_file()
    assert violations(browser, path.as_uri(), prepare=THIN) == []
    page = browser.new_page()
    page.goto(path.as_uri())
    twice = """() => {
        const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
        return ids.filter((id, place) => ids.indexOf(id) !== place);
    }"""
    assert page.evaluate(twice) == [], "of the whole page"
    page.close()


@pytest.mark.parametrize(
    ("planted", "rule"),
    [("<img src='data:,'>", "image-alt"), ("<b style='color: #ccc; background: #fff'>pucat</b>", "color-contrast")],
)
def test_what_is_wrong_once_in_a_long_page_is_still_found(
    browser: Browser, sample_night: Night, planted: str, rule: str
) -> None:
    plant = f"() => {{ [...document.querySelectorAll('li')].at(-1).innerHTML += `{planted}`; ({THIN})(); }}"
    address = (sample_night.home.reports / "dictionary.html").as_uri()
    found = violations(browser, address, prepare=plant)
    assert found
    assert all(f" {rule}: " in told for told in found)


def test_print_opens_what_is_folded_but_for_keys(browser: Browser, address: str) -> None:
    page, *_ = open_page(browser, address, 1280)
    page.emulate_media(media="print")
    seen = "what => [...document.querySelectorAll(what)].map(one => one.checkVisibility({contentVisibilityAuto: true}))"
    assert all(page.evaluate(seen, ".rule > .plain"))
    assert not any(page.evaluate(seen, ".keys p, .contents"))
    page.close()
