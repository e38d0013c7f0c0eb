"""The stewards' page: what it says, in two languages, and what it must never do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from pilar.config import PROJECT, Home
from pilar.html import both, day, halves, moment, number, percent, share
from pilar.publish import build_candidate, finish
from pilar.report import write
from pilar.report.page import FILES_SHOWN
from pilar.rules import catalogue, rule

from .conftest import CRITICAL, NIGHT, PASSED, ledger

NightOf = Callable[..., None]


class Reader(HTMLParser):
    """Text by language as a reader sees it, and every tag with its attributes."""

    def __init__(self, html: str, hidden: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[bool] = []
        self.hidden = hidden
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag not in {"meta", "link", "input", "path", "br"}:
            self.open.append(tag in {"style", "title"} or (tag == "span" and attributes.get("lang") == self.hidden))

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"path"}:
            self.open.pop()
        if tag in {"dt", "dd", "td", "th", "li", "p", "small"}:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not any(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


def pages(home: Home, night_id: str = NIGHT) -> tuple[str, str, str]:
    """The page as HTML, as Indonesian text and as English text."""
    html = write(home, night_id).read_text("utf-8")
    return html, Reader(html, "en").text, Reader(html, "id").text


def test_a_published_night_in_both_languages(published: Home, night: NightOf) -> None:
    night()
    html, indonesian, english = pages(published)
    assert html.startswith("<!DOCTYPE html>")
    for told in ("Laporan malam", "Terbit", "23.293", "98,6 %", "Daftar pilar 4 1 1.700 1.657 14 29"):
        assert told in indonesian, told
    assert "Nightly report" not in indonesian
    for told in ("Nightly report", "Published", "23,293", "98.6 %", "Rosters 4 1 1,700 1,657 14 29"):
        assert told in english, told
    assert "dilindungi" not in english
    task = "Berkas ditolak Hapus kata sandi, lalu kirim lagi. Berkas dilindungi kata sandi. kab-lamongan/daftar_final"
    assert task in indonesian
    assert "The file is protected by a password." in english
    assert "Semua berkas baru ditolak pada Kemiskinan" in indonesian


def test_numbers_equal_the_marts(published: Home, night: NightOf) -> None:
    night()
    _, indonesian, _ = pages(published)
    # Quarantined + accepted + superseded = read, as the ledger of the fixture has it.
    assert "Baris dibaca 23.293 Diterima 22.976 98,6 % Dikarantina 288 1,2 % Berkas ditolak 2 dari 8" in indonesian
    assert 22_976 + 288 + 29 == 23_293
    assert "Temuan terbuka 287" in indonesian


def test_findings_come_gravest_first_with_their_mend(published: Home, night: NightOf) -> None:
    night()
    _, indonesian, english = pages(published)
    order = [indonesian.index(code) for code in ("NIK_NUMERIC_CELL", "NIK_LENGTH", "PREMIUM_PAID_TWICE")]
    assert order == sorted(order)
    assert "12 NIK tersimpan sebagai angka" in indonesian
    assert "sejak 21 Nov 2026" in indonesian, "18:30 UTC is the next day in Jakarta"
    assert "Cara memperbaiki: Ubah kolom NIK menjadi Teks" in indonesian
    assert "How to mend: Make the NIK column text" in english
    assert "1 NIK tidak terdiri dari 16 angka." in indonesian, "waived and superseded ones are not open"


def test_scorecards_show_the_latest_night_with_its_trend(published: Home, night: NightOf) -> None:
    night()
    _, indonesian, _ = pages(published)
    assert "kab-bojonegoro 96,6 % ▲naik sebelumnya 94,7 % 1.214 41 12 4 0 22 Nov 2026 (2 hari lalu)" in indonesian
    assert "kab-tuban 99,6 % 486 2 2 1 1 19 Nov 2026 (5 hari lalu)" in indonesian, (
        "18.00 UTC is the next day in Jakarta"
    )
    assert "Daftar pilar 98," not in indonesian, "a source sums over its submitters: 1657 of 1700"
    assert "Daftar pilar 97,5 % ▲naik sebelumnya 94,7 % 1.700 43 14 4 1" in indonesian


def test_claims_have_a_verdict(published: Home, night: NightOf) -> None:
    night()
    _, indonesian, english = pages(published)
    assert "BPS fct_poverty Dengan bulan lain" in indonesian
    assert "383.920 383.920 0 Terbukti" in indonesian
    assert "1.657 1.641 -16 Berbeda" in indonesian
    assert "– – – Not verifiable" in english


def test_a_claim_that_fell_says_since_when_and_by_which_file(published: Home, night: NightOf) -> None:
    night()
    _, indonesian, english = pages(published)
    assert (
        "reconciliation Tidak lagi terbukti sejak 21 Nov 2026: sebelumnya 1.657; berubah oleh revisi/b.csv"
        in indonesian
    )
    assert "No longer holds since 21 Nov 2026: it was 1,657; changed by revisi/b.csv" in english


def test_a_claim_that_holds_again_or_differed_ever_has_not_fallen(published: Home, night: NightOf) -> None:
    ledger(
        published,
        "UPDATE marts.mart_claims SET verdict = 'CONFIRMED' WHERE claim_id = 'receivers'; "
        "INSERT INTO marts.mart_claim_history VALUES "
        "('premium', '2026-11-01 18:30', NULL, 5, 'DIFFERS', NULL, 'NOT_VERIFIABLE', 'a.csv'); "
        "UPDATE marts.mart_claims SET verdict = 'DIFFERS' WHERE claim_id = 'premium'",
    )
    build_candidate(published, "n2")
    finish(published, "n2")
    night("n2")
    assert "Tidak lagi terbukti" not in pages(published, "n2")[1]


def test_other_months_fold_under_their_claim(published: Home, night: NightOf) -> None:
    night()
    html, indonesian, english = pages(published)
    assert "Dengan bulan lain 1 Mar 2022 → Mar 2023: -7.520 Berbeda" in indonesian
    assert "With other months 1 2022: 1,500 Differs" in english
    assert "336.220" not in indonesian, "March is not set against September"
    assert '<details class="others">' in html


def test_a_held_night_shows_the_candidate_and_why(published: Home, night: NightOf) -> None:
    held = "20261125T131500Z"
    ledger(published, "UPDATE marts.file_ledger SET rows_accepted = 1, rows_quarantined = 5 WHERE feed = 'events'")
    build_candidate(published, held)
    violation = {"table": "marts.file_ledger", "column": "file_name", "kind": "known_name", "count": 2}
    gate = {"status": "held", "held": True, "results": [PASSED, CRITICAL], "violations": [violation], "seconds": 1}
    night(held, gate_candidate=gate, publish=None)
    html, indonesian, english = pages(published, held)
    assert "Ditahan Pemeriksaan menahan data malam ini." in indonesian
    assert f"Rilis yang berlaku {NIGHT}" in indonesian
    assert "calon rilis, belum terbit" in indonesian
    assert "Kegiatan 1 0 6 1 5 0" in indonesian
    assert "Jumlah dibayar, gagal, kembali, dan tertunda sama dengan jumlah perintah." in indonesian
    assert "Paid, failed, returned and pending add up" in english
    assert "marts.file_ledger.file_name" in indonesian
    assert "SITI CONTOH" not in html, "an observed value that is no number might be somebody's"
    # The column in which somebody's name was found is not shown.
    assert "daftar_final_FIX2" not in html
    assert "(disembunyikan / hidden)" in html


def test_failed_and_first_nights_have_a_page_too(home: Home, night: NightOf) -> None:
    night(build=None, gate_candidate=None, publish=None)
    _, indonesian, _ = pages(home)
    assert "Gagal" in indonesian
    assert "Berhenti pada langkah Bangun" in indonesian
    assert "Rilis yang berlaku belum ada" in indonesian


def test_text_from_files_is_escaped_and_masked(published: Home, night: NightOf) -> None:
    ledger(
        published,
        "UPDATE marts.file_ledger SET file_name = '<script>alert(1)</script> 0812-3456-7890.csv', "
        "reason_id = '<img src=http://example.org/x>' WHERE feed = 'poverty'",
    )
    build_candidate(published, "20261125T131500Z")
    finish(published, "20261125T131500Z")
    night("20261125T131500Z")
    html, indonesian, _ = pages(published, "20261125T131500Z")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; •••.csv" in html
    assert "TKSK & Tagana <revisi>.ods" in indonesian


def test_a_rule_lists_its_files_and_counts_the_rest(published: Home, night: NightOf) -> None:
    ledger(
        published,
        "INSERT INTO marts.quality_findings SELECT 'n' || i, 'NAME_MISSING', 'error', 'rosters', '-', "
        f"'f-' || i || '.csv', NULL, 1, 'name', 'open', NULL, NULL FROM range({FILES_SHOWN + 7}) AS r(i)",
    )
    build_candidate(published, "n2")
    finish(published, "n2")
    night("n2")
    _, indonesian, _ = pages(published, "n2")
    assert indonesian.count(".csv") >= FILES_SHOWN
    assert "dan 7 berkas lain" in indonesian


def test_nothing_points_outside(published: Home, night: NightOf) -> None:
    night()
    html, *_ = pages(published)
    for tag, attributes in Reader(html, "en").tags:
        assert tag not in {"script", "iframe", "object", "embed", "img", "form"}
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            target = attributes.get(name)
            assert target is None or target.startswith(("data:", "data_docs/", "#")), (tag, name)
        assert not [name for name in attributes if name.startswith("on")]
    assert "@import" not in html
    assert not re.search(r"url\(", html)


def test_tables_are_tables_for_everybody(published: Home, night: NightOf) -> None:
    night()
    html, *_ = pages(published)
    tags = Reader(html, "en").tags
    assert ("html", {"lang": "id"}) in tags
    assert html.count("<table") == html.count("<caption") > 4
    assert all(attributes.get("scope") in {"col", "row"} for tag, attributes in tags if tag == "th")
    ids = {attributes["id"] for _, attributes in tags if "id" in attributes}
    assert {attributes["aria-labelledby"] for _, attributes in tags if "aria-labelledby" in attributes} <= ids


def test_data_docs_are_linked_when_they_are_there(published: Home, night: NightOf) -> None:
    night()
    assert 'href="data_docs/index.html"' not in pages(published)[0]
    published.data_docs.mkdir(parents=True)
    (published.data_docs / "index.html").write_text("x")
    assert 'href="data_docs/index.html"' in pages(published)[0]


def test_the_page_is_replaced_whole(published: Home, night: NightOf) -> None:
    night()
    first = write(published, NIGHT)
    with first.open() as reader:
        write(published, NIGHT)
        assert reader.read().endswith("</html>")
    assert [path.name for path in published.reports.iterdir() if path.is_file()] == ["index.html"]


def test_numbers_and_times_in_two_languages() -> None:
    assert number(1_657_000) == '<span lang="id">1.657.000</span><span lang="en">1,657,000</span>'
    assert number(Decimal("4188.8100")) == '<span lang="id">4.188,81</span><span lang="en">4,188.81</span>'
    assert number(7) == "7"
    assert number(100) == "100"
    assert number(None) == "–"
    assert number("<b>") == "&lt;b&gt;"
    assert percent(None) == "–"
    assert share(1, 3) == Decimal("33.3")
    assert share(5, 0) == 0
    assert "1 Jan 2024, 00.30 WIB" in moment(datetime(2023, 12, 31, 17, 30))  # noqa: DTZ001 (as DuckDB stores UTC)
    assert "17 Agu 2023" in moment(date(2023, 8, 17))
    assert "1 Jan 2024" in day(datetime(2023, 12, 31, 17, 30))  # noqa: DTZ001
    assert both("a<b", "c") == '<span lang="id">a&lt;b</span><span lang="en">c</span>'


def test_two_languages_in_one_text_are_parted() -> None:
    assert halves("Kosong / empty") == ("Kosong", "empty")
    assert halves("NIK / KTP kosong / NIK / card empty") == ("NIK / KTP kosong", "NIK / card empty")
    assert halves("tanpa terjemahan") == ("tanpa terjemahan", "tanpa terjemahan")
    assert halves("a / b / c") == ("a / b / c", "a / b / c")


def test_a_night_without_a_delivery_keeps_the_last_rate_but_counts_todays_findings(
    published: Home, night: NightOf
) -> None:
    ledger(
        published,
        "INSERT INTO marts.mart_quality_scorecard VALUES "
        "('rosters', 'kab-tuban', '2026-11-25', 0, 0, 0, 0, NULL, 9, 1, 2)",
    )
    build_candidate(published, "n2")
    finish(published, "n2")
    night("n2")
    _, indonesian, _ = pages(published, "n2")
    assert "kab-tuban 99,6 % 486 2 9 2 1" in indonesian


def test_reasons_and_bases_written_in_one_text_are_shown_by_language(published: Home, night: NightOf) -> None:
    ledger(
        published,
        "UPDATE marts.file_ledger SET reason_id = NULL, reason_en = NULL, reason = 'Rusak / damaged' "
        "WHERE feed = 'poverty'; UPDATE marts.mart_claims SET basis = 'Dari daftar / from rosters'",
    )
    build_candidate(published, "n2")
    finish(published, "n2")
    night("n2")
    _, indonesian, english = pages(published, "n2")
    assert "Rusak kemiskinan 2023.csv" in indonesian
    assert "damaged kemiskinan 2023.csv" in english
    assert "Pemprov Jatim Dari daftar" in indonesian
    assert "Pemprov Jatim from rosters" in english


def test_every_rule_can_be_shown_and_an_unknown_one_is_not_lost() -> None:
    assert len(catalogue()) > 80
    assert rule("NEW_RULE").message_id == "NEW_RULE"
    for known in catalogue().values():
        assert known.message_id
        assert known.fix_en


@pytest.mark.parametrize(
    "name", ["report/templates/index.html.j2", "html/templates/base.html.j2", "html/templates/page.css"]
)
def test_templates_ship_with_the_package(name: str) -> None:
    assert (PROJECT / "pilar" / name).is_file()


def test_a_first_release_says_that_nothing_is_before_it(published: Home, night: NightOf) -> None:
    night()
    _, indonesian, english = pages(published)
    assert "Apa yang berubah Rilis pertama Ini rilis pertama; belum ada rilis sebelumnya." in indonesian
    assert "What changed First release The first release: nothing is before it." in english


def test_what_changed_is_told_with_late_corrections_first(published: Home, night: NightOf) -> None:
    later = "20261125T131500Z"
    ledger(
        published,
        "UPDATE marts.mart_claims SET verdict = 'CONFIRMED', recomputed_value = 1657 WHERE claim_id = 'receivers'; "
        "ALTER TABLE marts.file_ledger ADD COLUMN superseded_by VARCHAR[]; "
        "UPDATE marts.quality_findings SET state = 'corrected' WHERE rule_code = 'NIK_NUMERIC_CELL'",
    )
    build_candidate(published, later)
    finish(published, later)
    notes = published.releases / later / "notes.json"
    notes.chmod(0o644)
    told = json.loads(notes.read_text("utf-8"))
    told["notes"].append({"topic": "late", "id": "b.csv menggantikan 3 baris.", "en": "b.csv took 3 rows."})
    notes.write_text(json.dumps(told), "utf-8")
    night(later)
    html, indonesian, english = pages(published, later)
    assert f"Apa yang berubah dibandingkan dengan rilis {NIGHT}" in indonesian
    assert "Perbaikan yang datang terlambat b.csv menggantikan 3 baris." in indonesian
    assert "12 temuan diperbaiki: 12 × NIK tersimpan sebagai angka, sehingga angka ke-16 rusak." in indonesian
    assert "12 findings corrected: 12 × The NIK is a numeric cell, so its 16th digit is" in english
    assert "differs → confirmed, recomputed 1,657." in english
    assert html.index('<li class="late">') < html.index('<li class="claims">') < html.index('<li class="findings">')


def test_a_held_night_tells_no_change_because_nothing_has_changed(published: Home, night: NightOf) -> None:
    held = "20261125T131500Z"
    build_candidate(published, held)
    gate = {"status": "held", "held": True, "results": [PASSED, CRITICAL], "violations": [], "seconds": 1}
    night(held, gate_candidate=gate, publish=None)
    assert "Apa yang berubah" not in pages(published, held)[1]


def test_a_night_published_although_held_says_who_overruled_what_and_why(published: Home, night: NightOf) -> None:
    manifest = published.releases / NIGHT / "manifest.json"
    manifest.chmod(0o644)
    told = json.loads(manifest.read_text("utf-8"))
    told["override"] = {
        "by": "steward.provinsi", "at": "2026-11-24T14:00:00+00:00", "reason": "Bank sudah menjelaskan selisihnya.",
        "failed": [{"description_id": CRITICAL["description_id"], "description_en": CRITICAL["description_en"]}],
    }  # fmt: skip
    manifest.write_text(json.dumps(told), "utf-8")
    gate = {"status": "held", "held": True, "results": [PASSED, CRITICAL], "violations": [], "seconds": 1}
    night(gate_candidate=gate)
    _, indonesian, english = pages(published)
    assert "Terbit Rilis baru" in indonesian
    assert "Diterbitkan walau ditahan pemeriksaan: oleh steward.provinsi, 24 Nov 2026, 21.00 WIB." in indonesian
    assert "Bank sudah menjelaskan selisihnya." in indonesian
    assert "Jumlah dibayar, gagal, kembali, dan tertunda sama dengan jumlah perintah." in indonesian
    assert "Published although a gate held it: by steward.provinsi, 24 Nov 2026, 21:00 WIB." in english
    assert "Mengapa ditahan" not in indonesian


def test_the_money_that_is_lacking_has_its_causes(published: Home, night: NightOf) -> None:
    night()
    _, indonesian, _ = pages(published)
    assert "Belum dibayarkan Rp 1.400.000 2 penerima" in indonesian
    assert "1.000.000 Sebab" not in indonesian
    assert "dikembalikan bank Rp 1.000.000dibayar sebagian Rp 400.000" in indonesian


def test_what_is_innocently_empty_is_not_red(published: Home, night: NightOf) -> None:
    night()
    html, *_ = pages(published)
    assert re.findall(r'class="[^"]*bad[^"]*"><data value="(?:0|)"', html) == []
    assert 'v-not-verifiable">' in html


def test_beyond_a_few_submitters_each_opens_its_own_part(published: Home, night: NightOf) -> None:
    ledger(
        published,
        "INSERT INTO marts.file_ledger (feed, submitter, file_name, state, rule_code) SELECT 'rosters', 'kab-' || i, "
        "'kab-' || i || '/x.csv', 'rejected', 'FILE_EMPTY' FROM range(20) AS r(i)",
    )
    build_candidate(published, "n2")
    finish(published, "n2")
    night("n2")
    html, indonesian, _ = pages(published, "n2")
    assert indonesian.count("Buka: nilai dan hal yang perlu dilakukan") == 20 + 4
    assert 'href="#dari-kab-7"' in html
    assert 'id="dari-kab-7"' in html
