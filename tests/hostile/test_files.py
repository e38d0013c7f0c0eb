"""Each hostile file that we know of, landed as any other: rows, or a refusal that says why. The next file is read."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pilar import config, landing, raw
from pilar.config import Home, Limits
from pilar.contracts import contract
from pilar.reading import sandbox
from pilar.reading.model import Rejected
from tests.hostile import makers
from tests.hostile.makers import HEADER, PERSON, ROSTER, ods, ods_row, row, text_cell, xlsx, zipped

AT_ONCE = Limits(settle_seconds=0, max_unpacked_bytes=64 * 1024**2, max_reading_memory_bytes=2 * 1024**3)
NAMED = xlsx(row(*HEADER), row(*PERSON))
BIG = "X" * 10_000_000
PEOPLE = ROSTER.encode()


@dataclass(frozen=True)
class Landed:
    """What became of a file: its outcome, and its rows without provenance."""

    done: landing.Ingested
    rows: list[dict[str, object]]

    @property
    def names(self) -> list[object]:
        return [row["name"] for row in self.rows]


Land = Callable[..., Landed]


@pytest.fixture
def land(home: Home) -> Land:
    def one(name: str, content: bytes, limits: Limits = AT_ONCE) -> Landed:
        path = home.landing / "rosters" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        (item,) = landing.scan(home, AT_ONCE).items
        done = landing.ingest(home, item, limits)
        rows: list[dict[str, object]] = []
        if done.outcome == "read" and done.sha256 and (receipt := raw.receipt(home, done.feed, done.sha256)):
            rows = pq.read_table(raw.rows_path(home, receipt)).to_pylist()
        return Landed(done, rows)

    return one


REFUSED = {
    "a bomb in a zip": ("a.zip", lambda: makers.zip_bomb(96 << 20), "FILE_TOO_LARGE", "MAX_UNPACKED_BYTES"),
    "a bomb in a gz": ("a.csv.gz", lambda: makers.gzip_bomb(96 << 20), "FILE_TOO_LARGE", "MAX_UNPACKED_BYTES"),
    "a bomb in a workbook": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), parts={"xl/styles.xml": b" " * (70 << 20)}),
        "FILE_TOO_LARGE",
        "MAX_UNPACKED_BYTES",
    ),
    "a bomb where the kind is told": (
        "a.ods",
        lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet" + b" " * (70 << 20)}),
        "FILE_TOO_LARGE",
        "MAX_UNPACKED_BYTES",
    ),
    "an archive in an archive": (
        "a.zip",
        lambda: zipped({"b.zip": zipped({"c.csv": PEOPLE})}),
        "FILE_UNKNOWN_FORMAT",
        "b.zip",
    ),
    "an archive in a gz": ("a.zip.gz", lambda: makers.gzipped(zipped({"c.csv": PEOPLE})), "FILE_UNKNOWN_FORMAT", ""),
    "too many members": (
        "a.zip",
        lambda: zipped({f"{number}.csv": PEOPLE for number in range(1001)}),
        "FILE_TOO_LARGE",
        "MAX_ARCHIVE_MEMBERS",
    ),
    "members that share their bytes": (
        "a.zip",
        lambda: makers.overlapping(400),
        "FILE_TOO_LARGE",
        "MAX_UNPACKED_BYTES",
    ),
    "a member's endless name": ("a.zip", lambda: zipped({"a" * 3000 + ".csv": PEOPLE}), "FILE_UNREADABLE", ""),
    "a million columns of text": (
        "a.csv",
        lambda: b"K;" * 1_000_000,
        "FILE_TOO_LARGE",
        "MAX_COLUMNS",
    ),
    "a million columns of a workbook": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), row(*PERSON), row(*["<c><v>1</v></c>"] * 1_000_000)),
        "FILE_TOO_LARGE",
        "MAX_COLUMNS",
    ),
    "a cell in column ZZZZZ": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), row(text_cell("x", "ZZZZZ2"))),
        "FILE_TOO_LARGE",
        "MAX_COLUMNS",
    ),
    "a hundred thousand names in JSON": (
        "a.json",
        lambda: json.dumps([{f"K{number}": 1 for number in range(100_000)}]).encode(),
        "FILE_TOO_LARGE",
        "MAX_COLUMNS",
    ),
    "records that have no name in common": (
        "a.json",
        lambda: json.dumps([{f"K{number}": 1} for number in range(8000)]).encode(),
        "FILE_TOO_LARGE",
        "MAX_SHEET_CELLS",
    ),
    "a wide row above many": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), row(*["<c><v>1</v></c>"] * 16_000), *[row("x")] * 5000),
        "FILE_UNREADABLE",
        "MAX_READING_MEMORY_BYTES",
    ),
    "a line of 10 MB": ("a.csv", lambda: ROSTER.replace("SITI", BIG).encode(), "FILE_UNREADABLE", "8 MiB"),
    "a cell of 5 MB": (
        "a.csv",
        lambda: ROSTER.replace("SITI", BIG[:5_000_000]).encode(),
        "FILE_TOO_LARGE",
        "MAX_CELL_BYTES",
    ),
    "a workbook's cell of 10 MB": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), row(PERSON[0], BIG, *PERSON[2:])),
        "FILE_TOO_LARGE",
        "MAX_CELL_BYTES",
    ),
    "a billion laughs in xlsx": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), row(PERSON[0], "&a9;", *PERSON[2:]), prolog=makers.LAUGHS),
        "FILE_UNREADABLE",
        "",
    ),
    "a file of this machine in xlsx": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), row(PERSON[0], "&file;", *PERSON[2:]), prolog=makers.LAUGHS),
        "FILE_UNREADABLE",
        "",
    ),
    "a billion laughs in ods": (
        "a.ods",
        lambda: ods(ods_row(*HEADER), ods_row(PERSON[0], "&a9;", *PERSON[2:]), prolog=makers.LAUGHS),
        "FILE_UNREADABLE",
        "",
    ),
    "macros": ("a.xlsm", lambda: NAMED, "FILE_UNKNOWN_FORMAT", ".xlsm"),
    "a password": (
        "a.xlsx",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le"),
        "FILE_ENCRYPTED",
        "",
    ),
    "JSON nested a hundred thousand deep": ("a.json", lambda: b"[" * 100_000 + b"]" * 100_000, "FILE_UNREADABLE", ""),
    "a number of five thousand digits": ("a.json", lambda: b'[{"NIK":' + b"9" * 5000 + b"}]", "FILE_UNREADABLE", ""),
    "one name twice in an object": ("a.json", lambda: b'[{"NIK":"1","NIK":"2"}]', "FILE_AMBIGUOUS_HEADER", ""),
    "a row beyond any sheet": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'),
        "FILE_TOO_LARGE",
        "MAX_SHEET_CELLS",
    ),
    "nothing but line ends": ("a.csv", lambda: b"\n" * 5_000_000, "FILE_EMPTY", ""),
    "a sheet's endless name": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), parts={"xl/workbook.xml": makers.workbook_xml("D" * 100_000)}),
        "FILE_UNREADABLE",
        "",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_a_reason(land: Land, what: str) -> None:
    name, make, rule_code, told = REFUSED[what]
    done = land(name, make()).done
    assert (done.outcome, done.rule_code) == ("rejected", rule_code), done.reason_en
    assert told in (done.reason_id or "")
    assert told in (done.reason_en or "")
    assert land("berikutnya.csv", PEOPLE).names == ["SITI CONTOH"]


def test_a_ratio_that_no_table_has(land: Land) -> None:
    wide = replace(AT_ONCE, max_unpacked_bytes=1 << 40)
    done = land("a.zip", makers.zip_bomb(128 << 20), wide).done
    assert done.rule_code == "FILE_TOO_LARGE"
    assert "PILAR_MAX_UNPACKED_RATIO" in (done.reason_id or "")


def person(name: str) -> bytes:
    return ROSTER.replace("SITI CONTOH", name).encode()


def in_json(name: str) -> bytes:
    return f'[{{"NIK":"{PERSON[0]}","NAMA":{name},"PILAR":"PKH","KAB/KOTA":"3523"}}]'.encode()


READ = {
    "NUL in text": ("a.csv", lambda: person("SI\0TI"), ["SI\ufffdTI"]),
    "NUL in a workbook": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), row(PERSON[0], "SI_x0000_TI", *PERSON[2:])),
        ["SI\ufffdTI"],
    ),
    "NUL in JSON": ("a.json", lambda: in_json('"SI\\u0000TI"'), ["SI\ufffdTI"]),
    "half a surrogate pair": ("a.json", lambda: in_json('"SI\\ud800TI"'), ["SI\ufffdTI"]),
    "both halves": ("a.json", lambda: in_json('"SI\\ud83d\\ude00TI"'), ["SI😀TI"]),
    "mixed encodings": (
        "a.csv",
        lambda: person("RÉNÉ É") + "3522010101900002;RÉNÉ;PKH;3523\n".encode("cp1252"),
        ["RÉNÉ É", "R\ufffdN\ufffd"],
    ),
    "1e309": ("a.json", lambda: in_json("1e309"), ["Infinity"]),
    "NaN": ("a.json", lambda: in_json("NaN"), ["NaN"]),
    "1e309 in a workbook": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), row(PERSON[0], "<c><v>1e309</v></c>", *PERSON[2:])),
        ["Infinity"],
    ),
    "marks of direction around a name": ("a.csv", lambda: person("\u202eSITI\u200f"), ["SITI"]),
    "the header again": ("a.csv", lambda: PEOPLE + person("ANI"), ["SITI CONTOH", "ANI"]),
    "SQL": ("a.csv", lambda: person("' OR 1=1 --"), ["' OR 1=1 --"]),
    "Jinja": ("a.csv", lambda: person("{{ 7 * 7 }}{% raw %}"), ["{{ 7 * 7 }}{% raw %}"]),
    "a formula with its value": (
        "a.xlsx",
        lambda: xlsx(
            row(*HEADER), row(PERSON[0], '<c t="str"><f>WEBSERVICE("http://x")</f><v>SITI</v></c>', *PERSON[2:])
        ),
        ["SITI"],
    ),
    "a formula without a value": (
        "a.xlsx",
        lambda: xlsx(row(*HEADER), row(PERSON[0], "<c><f>A1</f></c>", *PERSON[2:])),
        [None],
    ),
    "a macro and a link in an .xlsx": (
        "a.xlsx",
        lambda: xlsx(
            row(*HEADER),
            row(*PERSON),
            parts={"xl/vbaProject.bin": makers.zeros(1 << 20), "xl/externalLinks/externalLink1.xml": "<externalLink/>"},
        ),
        ["SITI CONTOH"],
    ),
    "names that leave the archive": (
        "a.zip",
        lambda: zipped({"../../x.csv": PEOPLE, "/etc/y.csv": person("ANI"), "C:\\z.csv": person("BUDI")}),
        ["SITI CONTOH", "ANI", "BUDI"],
    ),
    "ways to pack that nobody uses": ("a.zip", lambda: zipped({"a.csv": PEOPLE}, zipfile.ZIP_LZMA), ["SITI CONTOH"]),
    "a name of 5 MB": ("a.csv", lambda: PEOPLE.replace(b"KOTA", b"KOTA;" + BIG[:5_000_000].encode()), ["SITI CONTOH"]),
}


@pytest.mark.parametrize("what", READ)
def test_read_as_it_is(land: Land, tmp_path: Path, what: str) -> None:
    name, make, names = READ[what]
    landed = land(name, make())
    assert landed.done.outcome == "read", landed.done.reason_en
    assert landed.names == names
    assert {path.name for path in tmp_path.iterdir()} == {"home"}


def test_dates_that_are_none_stay_what_the_cell_says(land: Land) -> None:
    dated = xlsx(
        row(*HEADER, "TANGGAL LAHIR"),
        *(
            row(f"352201010190000{n}", *PERSON[1:], f'<c s="1"><v>{v}</v></c>')
            for n, v in enumerate(["1e309", "99999999999", "32874"])
        ),
        parts=makers.DATE_STYLE,
    )
    assert [each["birth_date"] for each in land("a.xlsx", dated).rows] == ["Infinity", "99999999999", "1990-01-01"]
    iso = "".join(
        f"<table:table-row>{makers.ods_cells(*PERSON)}"
        f'<table:table-cell office:value-type="date" office:date-value="{day}"/></table:table-row>'
        for day in ("99999-99-99", "1990-01-01")
    )
    rows = land("a.ods", ods(ods_row(*HEADER, "TANGGAL LAHIR"), iso)).rows
    assert [each["birth_date"] for each in rows] == ["99999-99-99", "1990-01-01"]


def test_members_and_sheets_are_told_apart_and_seen(land: Land) -> None:
    rows = land("a.zip", zipped({"a\nb\u202e.csv": PEOPLE, "a\\nb\\u202e.csv": person("ANI")})).rows
    assert [each["sheet"] for each in rows] == ["a\\nb\\u202e.csv", "a\\nb\\u202e (2).csv"]


def test_hidden_sheets_are_named_and_not_read(land: Land, home: Home) -> None:
    both = makers.workbook_xml("Data", hidden="Rahasia")
    landed = land("a.xlsx", xlsx(row(*HEADER), row(*PERSON), parts={"xl/workbook.xml": both}))
    assert landed.names == ["SITI CONTOH"]
    receipt = raw.receipt(home, landed.done.feed, landed.done.sha256 or "")
    assert receipt is not None
    assert {(sheet["name"], sheet["note"], sheet["rows"]) for sheet in receipt.sheets} == {
        ("Data", None, 1),
        ("Rahasia", "hidden", 0),
    }


def test_time_and_memory_are_bounded(land: Land) -> None:
    many = PEOPLE + b"".join(b"352201010190%04d;ANI;PKH;3523\n" % number for number in range(100_000))
    for number, (limit, bound) in enumerate(
        [("max_reading_seconds", 1), ("max_reading_memory_bytes", 1), ("max_rows", 9)]
    ):
        content = many * (20 if limit == "max_reading_seconds" else 1) + b"\n" * number
        done = land(f"{limit}.csv", content, replace(AT_ONCE, **{limit: bound})).done
        assert done.rule_code == "FILE_TOO_LARGE"
        assert f"PILAR_{limit.upper()}" in (done.reason_id or "")
    assert len(land("d.csv", PEOPLE).rows) == 1


def test_a_higher_limit_lets_in_what_was_refused(land: Land, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    low = replace(AT_ONCE, max_columns=3)
    monkeypatch.setenv("PILAR_MAX_COLUMNS", "3")
    assert land("a.csv", PEOPLE, replace(Limits(), max_columns=3)).done.rule_code == "FILE_TOO_LARGE"
    assert raw.outdated(home) == []
    monkeypatch.delenv("PILAR_MAX_COLUMNS")
    (refused,) = raw.outdated(home)
    assert landing.reread(home, refused, low).state == "rejected"
    assert landing.reread(home, refused, Limits()).state == "read"
    assert raw.outdated(home) == []


def test_the_server_may_be_killed_and_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAR_PII_KEY", "a key that nobody may know")
    sandbox._serving.end()
    path = tmp_path / "a.csv"
    path.write_bytes(PEOPLE)

    def read() -> int:
        return sandbox.read(
            path,
            contract("rosters"),
            file_name="a.csv",
            sha256="f" * 64,
            limits=AT_ONCE,
            rows_to=tmp_path / "rows.parquet",
            work=tmp_path / "work",
        ).rows

    assert read() == 1
    server = sandbox._serving._server
    assert server is not None
    assert b"PILAR_PII_KEY" not in Path(f"/proc/{server.pid}/environ").read_bytes()
    server.send_signal(signal.SIGKILL)
    server.wait()
    assert read() == 1
    with monkeypatch.context() as patched:
        patched.setattr(sandbox.sys, "executable", "/bin/false")
        sandbox._serving.end()
        with pytest.raises(OSError, match="cannot run") as caught:
            read()
    assert caught.value.errno == errno.EIO
    assert read() == 1


def test_a_fork_has_a_server_of_its_own_and_none_outlives_its_process(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(PEOPLE)
    code = """
import os, sys
from pathlib import Path
from pilar.config import Limits
from pilar.contracts import contract
from pilar.reading import sandbox
place = Path(sys.argv[1])
def read(name):
    sandbox.read(place / "a.csv", contract("rosters"), file_name="a.csv", sha256="f" * 64, limits=Limits(),
                 rows_to=place / name, work=place / "work")
    return sandbox._serving._server.pid
first = read("one")
child = os.fork()
if not child:
    print(read("two"), flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(first, read("three"), flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True, timeout=60
    )
    of_fork, first, again = done.stdout.split()
    assert of_fork != first == again
    assert not Path(f"/proc/{first}").exists()


def test_a_night_that_is_killed_leaves_no_reader_behind(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(PEOPLE + b"3522010101900002;ANI;PKH;3523\n" * 3_000_000)
    code = """
import sys
from pathlib import Path
from pilar.config import Limits
from pilar.contracts import contract
from pilar.reading import sandbox
place = Path(sys.argv[1])
sandbox._serving._server = sandbox._start()
print(sandbox._serving._server.pid, flush=True)
sandbox.read(place / "a.csv", contract("rosters"), file_name="a.csv", sha256="f" * 64, limits=Limits(),
             rows_to=place / "rows", work=place / "work")
"""
    night = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert night.stdout
    server = int(night.stdout.readline())
    readers = _until(lambda: _children(server))
    night.kill()
    night.wait()
    night.stdout.close()
    assert _until(lambda: not [pid for pid in (server, *readers) if _is_alive(pid)])


def _until(holds: Callable[[], Any]) -> Any:
    """What holds, as soon as it does; whatever it is after a minute."""
    end = time.monotonic() + 60
    while not (found := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]
    except FileNotFoundError:
        return []


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_what_comes_back_can_call_nothing(tmp_path: Path) -> None:
    import io
    import pickle

    forged = pickle.dumps(os.system)
    with pytest.raises(pickle.UnpicklingError, match="no answer of a reader"):
        sandbox._Plain(io.BytesIO(forged)).load()


def test_a_sparse_file_takes_no_room_and_one_beyond_the_disk_waits(home: Home) -> None:
    folder = home.landing / "rosters"
    folder.mkdir()
    for name, size in (("a.csv", 64 << 20), ("b.csv", 1 << 42)):
        with (folder / name).open("wb") as file:
            file.truncate(size)
    found = landing.scan(home, AT_ONCE)
    assert [item.file_name for item in found.items] == ["a.csv"]
    (waiting,) = found.waiting
    assert waiting.file_name == "b.csv"
    assert f"{1 << 42:,}" in waiting.reason
    done = landing.ingest(home, found.items[0], AT_ONCE)
    assert done.rule_code == "FILE_EMPTY"
    (receipt,) = raw.receipts(home)
    kept = raw.original_path(home, receipt).stat()
    assert kept.st_size == 64 << 20
    assert kept.st_blocks * 512 < 1 << 20


def test_a_file_that_grows_as_fast_as_it_is_read_waits(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home.landing / "rosters"
    folder.mkdir()
    path = folder / "a.csv"
    path.write_bytes(PEOPLE * 200_000)
    (item,) = landing.scan(home, AT_ONCE).items
    stop = threading.Event()

    def write_on() -> None:
        with path.open("ab") as file:
            while not stop.is_set() and file.tell() < 1 << 30:
                file.write(PEOPLE * 20_000)

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        assert landing.ingest(home, item, AT_ONCE).outcome == "waiting"
    finally:
        stop.set()
        writer.join()
    assert raw.receipts(home) == []


def test_names_of_files(home: Home) -> None:
    folder = home.landing / "rosters"
    folder.mkdir()
    names = [
        "dua\nbaris.csv",
        "\x1b[2Jlayar.csv",
        "sdrawkcab\u202evsc.csv",
        "p" * 250 + ".csv",
        "'; drop table x; --.csv",
    ]
    for number, name in enumerate(names):
        (folder / name).write_bytes(person(f"NAMA {number}"))
    done = [landing.ingest(home, item, AT_ONCE) for item in landing.scan(home, AT_ONCE).items]
    assert {one.outcome for one in done} == {"read"}
    assert sorted(one.file_name for one in done) == sorted(
        ["dua\\nbaris.csv", "\\x1b[2Jlayar.csv", "sdrawkcab\\u202evsc.csv", *names[3:]]
    )
    assert landing.scan(home, AT_ONCE).items == []


def test_what_is_no_file_waits_with_a_reason(home: Home, tmp_path: Path) -> None:
    folder = home.landing / "rosters"
    folder.mkdir()
    os.mkfifo(folder / "pipa.csv")
    os.mknod(folder / "soket.csv", stat.S_IFSOCK | 0o600)
    (folder / "nol.csv").symlink_to("/dev/zero")
    (folder / "rahasia.csv").symlink_to("/etc/passwd")
    (folder / "putus.csv").symlink_to(tmp_path / "tidak ada")
    os.link(_written(tmp_path / "luar.csv"), folder / "kembar.csv")
    found = landing.scan(home, AT_ONCE)
    waiting = ["nol.csv", "pipa.csv", "putus.csv", "rahasia.csv", "soket.csv"]
    assert sorted(one.file_name for one in found.waiting) == waiting
    assert all(one.reason for one in found.waiting)
    assert [item.file_name for item in found.items] == ["kembar.csv"]


def _written(path: Path) -> Path:
    path.write_bytes(PEOPLE)
    return path


@pytest.mark.parametrize("given", ["banyak", "-5", "1.5"])
def test_a_limit_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PILAR_MAX_COLUMNS", given)
    with pytest.raises(ValueError, match="PILAR_MAX_COLUMNS must"):
        config.limits()


def test_limits_of_a_runtime_folder(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAR_HOME", str(home.root))
    monkeypatch.delenv("PILAR_MAX_COLUMNS", raising=False)
    home.limits_file.write_text("# of this machine\n\nPILAR_MAX_COLUMNS = 40000\nPILAR_MAX_ROWS=5\n", "utf-8")
    assert (config.limits().max_columns, config.limits().max_rows) == (40_000, 5)
    monkeypatch.setenv("PILAR_MAX_COLUMNS", "9")
    assert config.limits().max_columns == 9
    home.limits_file.write_text("PILAR_MAX_ROWS=5\nPILAR_MAX_COLUMN=5\n", "utf-8")
    with pytest.raises(ValueError, match=r"limits\.env, line 2: PILAR_MAX_COLUMN is no limit"):
        config.limits()


def test_the_page_tells_every_limit_and_its_default() -> None:
    page = (config.PROJECT / "docs" / "hostile-input.md").read_text("utf-8")
    for name, value in vars(Limits()).items():
        if name.startswith("max_") and name != "max_workbook_rows":
            assert f"| `PILAR_{name.upper()}` | {value:,} |" in page


def test_a_refusal_inside_the_sandbox_is_the_same_outside(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"NAMA;PILAR\nSITI;PKH\n")
    given = {
        "file_name": "a.csv",
        "sha256": "f" * 64,
        "limits": AT_ONCE,
        "rows_to": tmp_path / "r",
        "work": tmp_path / "w",
    }
    from pilar.reading import reader

    told = []
    for read in (reader.read, sandbox.read):
        with pytest.raises(Rejected) as caught:
            read(tmp_path / "a.csv", contract("rosters"), **given)  # type: ignore[operator]  # two of one kind
        told.append((caught.value.rule_code, caught.value.detail_id, caught.value.detail_en))
    assert told[0] == told[1]
