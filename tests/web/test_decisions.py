"""The decisions page: what it shows, what it takes, what it writes, and that the night reads it."""

from __future__ import annotations

import csv
import html
import logging
import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import duckdb
import httpx
import pytest
from itsdangerous import TimestampSigner
from starlette.testclient import TestClient

from pilar import deciding, landing
from pilar.config import Home
from pilar.web.decisions import MAX_BODY, SUBMITTER
from pilar.web.forgery import MAX_AGE, Tokens
from pilar.web.raw_rows import rows_of
from tests.web.conftest import OWN, SECRET, STEWARD, Asking, User, key_of, pages, repoint

SOON = (date.today() + timedelta(days=30)).isoformat()  # noqa: DTZ011 (any day to come)


def written(home: Home) -> list[Path]:
    return sorted((home.landing / "decisions").rglob("*.csv"))


def token(client: TestClient, address: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', client.get(address).text)
    assert found is not None
    return found[1]


def send(client: TestClient, key: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
    """Open the finding, fill in its form and send it, as a browser does."""
    address = f"/decisions/{key}"
    form = {"token": token(client, address), "verdict": "waive", "reason": "dikonfirmasi ke Dinsos"} | fields
    answer: httpx.Response = client.post(address, data=form, headers=OWN if headers is None else headers)
    return answer


def open_findings(home: Home) -> list[tuple[str, str, str]]:
    with duckdb.connect(str(home.current_marts.resolve()), read_only=True) as release:
        return release.execute(
            "SELECT finding_key, rule_code, submitter FROM quality_findings WHERE state = 'open'"
        ).fetchall()


def keys_on(text: str) -> list[str]:
    return re.findall(r'class="button" href="decisions/(f_[a-p]{20})', text)


# --- looking ----------------------------------------------------------------------------------------------------------


def test_every_open_finding_stands_on_one_of_the_pages(place: Home, asking: Asking) -> None:
    client, shown = asking(STEWARD), []
    for number in range(1, 50):
        text = client.get(f"/decisions?page={number}").text
        shown += keys_on(text)
        if 'rel="next"' not in text:
            break
    shown += keys_on(client.get("/decisions?rule=PERSON_MATCHED").text)
    assert set(shown) == {key for key, _, _ in open_findings(place)}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("rule=NIK_ENDS_IN_ZERO", lambda rule, _: rule == "NIK_ENDS_IN_ZERO"),
        ("submitter=kab-lamongan", lambda _, submitter: submitter == "kab-lamongan"),
        ("submitter=kab-lamongan&rule=PREMIUM_GAP", lambda *both: both == ("PREMIUM_GAP", "kab-lamongan")),
        ("rule=' OR 1=1 --", lambda *_: False),
    ],
)
def test_filters_leave_what_was_asked_for(place: Home, asking: Asking, query: str, wanted: object) -> None:
    text = asking(STEWARD).get(f"/decisions?{query}").text
    keys = {key for key, rule, submitter in open_findings(place) if wanted(rule, submitter)}  # type: ignore[operator]
    assert set(keys_on(text)) == keys


@pytest.mark.parametrize("page", ["0", "-1", "99999", "1e9", "x", "", "²", "9" * 400])
def test_a_page_number_that_is_none_shows_a_page(asking: Asking, page: str) -> None:
    answer = asking(STEWARD).get("/decisions", params={"page": page})
    assert answer.status_code == 200
    assert keys_on(answer.text)


def test_a_pair_stands_side_by_side_with_what_agrees(place: Home, asking: Asking) -> None:
    key = key_of(place, "PERSON_NEAR_MATCH")
    for address in ("/decisions", f"/decisions/{key}"):
        text = asking(STEWARD).get(address).text
        table = text[text.index('class="stack pair"') : text.index("</table>")]
        niks = re.findall(r"\b\d{16}\b", table)
        assert len(niks) == len(set(niks)) == 2
        assert "seperti pada saudara kembar" in table
        assert "as between twins" in table
        for label in ("NAMA", "TANGGAL LAHIR", "NO HP"):
            assert f">{label}</th>" in table
    assert "Orang yang berbeda" in text
    assert 'value="waive"' not in text


def test_two_who_were_joined_are_told_apart_by_their_niks(place: Home, asking: Asking) -> None:
    text = asking(STEWARD).get(f"/decisions/{key_of(place, 'PERSON_MATCHED')}").text
    table = text[text.index('class="stack pair"') : text.index("</table>")]
    assert len(set(re.findall(r"\b\d{16}\b", table))) == 2
    assert "Pilar sudah menggabungkan keduanya" in text


def test_a_row_is_shown_as_its_sender_wrote_it(place: Home, asking: Asking) -> None:
    key = key_of(place, "NIK_LENGTH")
    with duckdb.connect(str(place.current_marts.resolve()), read_only=True) as release:
        cursor = release.execute("SELECT * FROM quality_findings WHERE finding_key = ?", [key])
        finding = dict(zip([name for name, *_ in cursor.description or ()], cursor.fetchone() or (), strict=True))
    (row,) = rows_of(place, [finding]).values()
    text = html.unescape(asking(STEWARD).get(f"/decisions/{key}").text)
    assert all(value in text for value in row.values() if value)
    marked = re.search(r'class="marked"><dt>NIK</dt><dd>(\d+)</dd>', text)
    assert marked is not None
    assert marked[1] == row["nik"]


@pytest.mark.parametrize(
    ("rule", "offered"),
    [
        ("NIK_LENGTH", ["waive", "corrected"]),
        ("REGION_UNKNOWN", ["corrected"]),
        ("PERSON_NEAR_MATCH", ["same_person", "different_person"]),
        ("FILE_UNREADABLE", ["waive", "corrected"]),
    ],
)
def test_only_verdicts_that_have_an_effect_are_offered(
    place: Home, asking: Asking, rule: str, offered: list[str]
) -> None:
    text = asking(STEWARD).get(f"/decisions/{key_of(place, rule)}").text
    assert re.findall(r'type="radio" name="verdict" id="[^"]+" value="(\w+)"', text) == offered
    assert ("expires_on" in text) is ("waive" in offered)


def test_pages_lead_by_relative_addresses_only(place: Home, asking: Asking) -> None:
    key = key_of(place, "NIK_LENGTH")
    client = asking(STEWARD)
    given = send(client, key).headers["location"]
    pages_ = (
        "/decisions",
        f"/decisions/{key}?rule=NIK_LENGTH",
        f"/decisions/{given}",
        "/nothing/here",
        "/decisions/f_x",
    )
    for address in pages_:
        text = client.get(address).text
        found = re.findall(r'(?:href|src|action)="([^"]*)"', text)
        assert found
        assert not [one for one in found if one.startswith("/") or ("://" in one and not one.startswith("data:"))]
        depth = address.partition("?")[0].count("/") - 1
        assert f'href="{"../" * depth}decisions"' in text
        assert "<script" not in text


# --- deciding ---------------------------------------------------------------------------------------------------------


def test_a_verdict_is_written_in_the_logged_in_name_and_read_by_the_night(place: Home, asking: Asking) -> None:
    key = key_of(place, "NIK_LENGTH")
    client = asking(STEWARD)
    answer = send(client, key, expires_on=SOON, decided_by="somebody else", finding_key="f_other")
    assert answer.status_code == 303
    (path,) = written(place)
    assert answer.headers["location"] == f"given/{path.stem.replace(' ', '%20')}"
    with path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert path.parent.name == SUBMITTER
    assert list(row.values())[:5] == [key, "waive", "dikonfirmasi ke Dinsos", STEWARD.name, SOON]

    told = client.get(f"/decisions/{answer.headers['location']}").text
    assert "dibaca malam berikutnya" in told
    assert "dikonfirmasi ke Dinsos" in told
    assert STEWARD.name in told
    for address in ("/decisions", f"/decisions/{key}"):
        assert "Sudah diputuskan, belum dibaca" in client.get(address).text

    (item,) = [one for one in landing.scan(place).items if one.feed == "decisions"]
    taken = landing.ingest(place, item)
    assert (taken.outcome, taken.rows_read) == ("read", 1)
    shutil.rmtree(place.raw / "decisions" / str(taken.sha256))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reason": " "}, "Alasan belum diisi."),
        ({"reason": "telepon 081234567890"}, "nomor panjang"),
        ({"reason": "x" * 501}, "terlalu panjang"),
        ({"verdict": ""}, "harus salah satu dari"),
        ({"verdict": "same_person"}, "tidak berlaku untuk temuan"),
        ({"expires_on": "2020-01-01"}, "sesudah hari ini"),
        ({"expires_on": "besok"}, "tidak dapat dibaca"),
        ({"verdict": "corrected", "expires_on": SOON}, "Hanya keputusan waive"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    place: Home, asking: Asking, fields: dict[str, str], said: str
) -> None:
    answer = send(asking(STEWARD), key_of(place, "NIK_LENGTH"), **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert written(place) == []


def test_all_that_is_wrong_is_said_at_once_and_what_was_typed_stays(place: Home, asking: Asking) -> None:
    fields = {"verdict": "", "reason": "NIK 3523010101909001 <b>", "expires_on": "2020-01-01"}
    answer = send(asking(STEWARD), key_of(place, "NIK_LENGTH"), **fields)
    assert answer.text.count('class="problem" id=') == 3
    assert answer.text.count(' aria-describedby="problem-') == 3
    assert answer.text.count(' aria-invalid="true"') == 2, "the two that are typed"
    assert "NIK 3523010101909001 &lt;b&gt;</textarea>" in answer.text


def test_a_reason_names_nobody_of_the_row(place: Home, asking: Asking) -> None:
    key = key_of(place, "NIK_LENGTH")
    client = asking(STEWARD)
    name = re.search(r"<dt>NAMA REKENING</dt><dd>(\w+)", client.get(f"/decisions/{key}").text)
    assert name is not None
    answer = send(client, key, reason=f"menurut {name[1].lower()} sendiri")
    assert answer.status_code == 422
    assert "Alasan memuat nama" in answer.text


@pytest.mark.parametrize(
    "reason", ["=cmd|' /C calc'!A0", "a\r\nf_x,waive,b,c,", '<script>alert(1)</script> "x" & y', "@SUM(1)\t+1"]
)
def test_a_reason_is_text_wherever_it_goes(place: Home, asking: Asking, reason: str) -> None:
    client = asking(STEWARD)
    answer = send(client, key_of(place, "NIK_LENGTH"), reason=reason)
    assert answer.status_code == 303
    (path,) = written(place)
    assert len(path.read_text("utf-8").splitlines()) == 2
    with path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert not row["ALASAN"].startswith(("=", "+", "-", "@"))
    for address in (f"/decisions/{answer.headers['location']}", "/decisions"):
        text = client.get(address).text
        assert "<script" not in text
        assert html.escape(deciding.one_line(reason)).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in text


# --- forged posts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {},
    ],
)
def test_a_post_from_elsewhere_writes_nothing(place: Home, asking: Asking, headers: dict[str, str]) -> None:
    """Even with a token that holds."""
    answer = send(asking(STEWARD), key_of(place, "NIK_LENGTH"), headers=headers)
    assert answer.status_code == 403
    assert "Formulir tidak berlaku" in answer.text
    assert written(place) == []


def test_a_browser_without_fetch_metadata_is_told_by_its_origin(place: Home, asking: Asking) -> None:
    answer = send(asking(STEWARD), key_of(place, "NIK_LENGTH"), headers={"origin": "http://testserver"})
    assert answer.status_code == 303


def test_a_token_holds_for_its_user_alone_and_for_a_day(
    place: Home, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, mine = key_of(place, "NIK_LENGTH"), Tokens(SECRET).give(STEWARD.name)
    others = Tokens(SECRET).give("budi"), Tokens(b"another secret").give(STEWARD.name), "", mine[:-2] + "xx"
    for forged in others:
        assert send(asking(STEWARD), key, token=forged).status_code == 403
    now = TimestampSigner(SECRET).get_timestamp()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: now + MAX_AGE + 5)
    assert not Tokens(SECRET).holds(mine, STEWARD.name)
    assert written(place) == []


def test_other_kinds_of_bodies_are_refused(place: Home, asking: Asking) -> None:
    key = key_of(place, "NIK_LENGTH")
    client = asking(STEWARD)
    form = {"token": token(client, f"/decisions/{key}"), "verdict": "waive", "reason": "sah"}
    plain = {"content-type": "text/plain"} | OWN
    assert client.post(f"/decisions/{key}", content=urlencode(form), headers=plain).status_code == 403
    assert client.post(f"/decisions/{key}", json=form, headers=OWN).status_code == 403
    assert client.post(f"/decisions/{key}", data=form | {"x": "y" * MAX_BODY}, headers=OWN).status_code == 413
    assert client.get(f"/decisions/{key}", params=form, headers=OWN).status_code == 200
    assert written(place) == []


# --- the release under it ---------------------------------------------------------------------------------------------


def test_a_settled_or_unknown_finding_takes_no_verdict(place: Home, asking: Asking) -> None:
    with duckdb.connect(str(place.current_marts.resolve()), read_only=True) as release:
        found = release.execute("SELECT finding_key FROM quality_findings WHERE state = 'corrected' LIMIT 1").fetchone()
    assert found is not None
    client = asking(STEWARD)
    form = {"token": Tokens(SECRET).give(STEWARD.name), "verdict": "waive", "reason": "sah"}
    assert "sudah tidak terbuka" in client.get(f"/decisions/{found[0]}").text
    for key in (found[0], "f_x", "f_" + "a" * 20):
        answer = client.post(f"/decisions/{key}", data=form, headers=OWN)
        assert answer.status_code == 409
    assert client.get("/decisions/f_x").status_code == 404
    assert written(place) == []


def test_a_flip_is_seen_at_the_next_request(place: Home, asking: Asking) -> None:
    client, key = asking(STEWARD), key_of(place, "NIK_LENGTH")
    assert "Putuskan" in client.get(f"/decisions/{key}").text
    old = place.current_marts.resolve()
    new = place.releases / "20991231T000000Z"
    shutil.copytree(old.parent, new)
    (new / "marts.duckdb").chmod(0o600)
    with duckdb.connect(str(new / "marts.duckdb")) as release:
        release.execute(f"DELETE FROM main.quality_findings WHERE finding_key = '{key}'")
    try:
        repoint(place, new.name)
        assert client.get(f"/decisions/{key}").status_code == 404
        with duckdb.connect(str(old), read_only=True) as reader:  # nothing of ours holds either file
            assert reader.execute("SELECT count(*) FROM release_info").fetchone() == (1,)
        with duckdb.connect(str(new / "marts.duckdb")) as writer:
            assert writer.execute("SELECT count(*) FROM release_info").fetchone() == (1,)
    finally:
        repoint(place, old.parent.name)
        shutil.rmtree(new)
    assert client.get(f"/decisions/{key}").status_code == 200


def test_a_verdict_waits_until_a_release_knows_its_file(place: Home, asking: Asking) -> None:
    client = asking(STEWARD)
    given = send(client, key_of(place, "NIK_LENGTH")).headers["location"]
    (path,) = written(place)
    old = place.current_marts.resolve()
    new = place.releases / "20991231T000001Z"
    shutil.copytree(old.parent, new)
    (new / "marts.duckdb").chmod(0o600)
    with duckdb.connect(str(new / "marts.duckdb")) as release:
        release.execute(
            "INSERT INTO main.file_ledger BY NAME SELECT * REPLACE (? AS file_name) FROM main.file_ledger "
            "WHERE feed = 'decisions' LIMIT 1",
            [f"{SUBMITTER}/{path.name}"],
        )
    try:
        repoint(place, new.name)
        assert "Keputusan ini sudah dibaca." in client.get(f"/decisions/{given}").text
        assert "belum dibaca" not in client.get("/decisions").text
    finally:
        repoint(place, old.parent.name)
        shutil.rmtree(new)


def test_before_the_first_release_there_is_nothing_to_decide(home: Home) -> None:
    client = TestClient(pages(home, STEWARD))
    answer = client.get("/decisions")
    assert answer.status_code == 200
    assert "Belum ada rilis" in answer.text
    assert client.get("/reports/").status_code == 404


def test_a_release_that_cannot_be_read_is_told_and_logs_no_values(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    broken = home.releases / "20240101T000000Z"
    broken.mkdir()
    (broken / "marts.duckdb").write_text("SITI AMINAH 3523010101909001")
    repoint(home, broken.name)
    caplog.set_level(logging.DEBUG)
    answer = TestClient(pages(home, STEWARD)).get("/decisions")
    assert answer.status_code == 503
    assert "Rilis tidak dapat dibaca" in answer.text
    assert "SITI" not in caplog.text + answer.text


def test_rows_that_left_the_archive_are_told(place: Home, asking: Asking, tmp_path: Path) -> None:
    moved = tmp_path / "rosters"
    shutil.move(place.raw / "rosters", moved)
    try:
        assert asking(STEWARD).get("/decisions").status_code == 200
        text = asking(STEWARD).get(f"/decisions/{key_of(place, 'NIK_LENGTH')}").text
        assert "tidak dapat dibaca dari arsip" in text
        assert asking(STEWARD).get(f"/decisions/{key_of(place, 'PERSON_NEAR_MATCH')}").status_code == 200
    finally:
        shutil.move(moved, place.raw / "rosters")


def test_a_full_disk_is_told(place: Home, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(deciding, "write", full)
    answer = send(asking(STEWARD), key_of(place, "NIK_LENGTH"))
    assert answer.status_code == 503
    assert "Keputusan tidak dapat disimpan" in answer.text


def test_a_user_whose_name_is_a_long_number_cannot_sign(place: Home) -> None:
    answer = send(TestClient(pages(place, User("081234567890", True))), key_of(place, "NIK_LENGTH"))
    assert answer.status_code == 422
    assert "Nama akun petugas" in answer.text
    assert written(place) == []
