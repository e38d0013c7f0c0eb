"""Inputs that nobody foresaw: real and sample files, mutated in their bytes and in their structure, and what must hold.

A file is read in the sandbox, as any landed one. It gives rows whose number adds up, or it is refused by a rule of the
catalogue with a reason that names nobody. An error that no reader expected is a failure, and so is a missing row. A
text file is read again each way that there is through one, and must say the same.
"""

from __future__ import annotations

import copy
import gzip
import hashlib
import io
import json
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq

from pilar.config import PROJECT, Limits
from pilar.contracts import contract
from pilar.reading import formats, sandbox
from pilar.reading.cells import visible
from pilar.reading.model import Reading, Rejected
from pilar.rules import rule
from tests.hostile import makers
from tests.reading import ways

TIGHT = Limits(
    max_unpacked_bytes=64 * 1024**2,
    max_reading_memory_bytes=2 * 1024**3,
    max_reading_seconds=60,
    max_rows=200_000,
    max_sheet_cells=2_000_000,
)
_LARGEST_SEED = 150_000

_VALUES = (
    *(
        "",
        " ",
        "0",
        "-0",
        "1e309",
        "-1E400",
        "NaN",
        "Infinity",
        "1/0",
        "9" * 400,
        "0,0,0",
        "1.000,00.0",
        "Rp",
        "٣٤",
        "½",
    ),
    *("31/02/2023", "0000-00-00", "99999-12-31", "29-02-1900", "2023-13", "12/2023", "60", "2958466", "1899-12-31"),
    *("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x.example")', "\t=1", "\r=1"),
    *(
        "'; drop table marts; --",
        '"; --',
        "{{ 7 * 7 }}",
        "{% raw %}",
        "${7*7}",
        "<script>alert(1)</script>",
        "&lt;b&gt;",
    ),
    *(
        "\0",
        "\x1b[2J",
        "\u202eTAN",
        "\u200f",
        "\ud7ff",
        "\ufffe",
        "é" * 50,
        "e\u0301",
        "😀",
        "A" * 5000,
        "\x1f",
        '"',
        '""',
    ),
    *("NIK", "TOTAL", "JUMLAH", "Kepala Dinas", "TOTAL NOMINAL: 9", "KAB. TUBAN", "3522", "PKH", "true", "null"),
)
_BYTES = (
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\r",
    b"\n",
    b";",
    b'"',
    b"\xc3",
    b"PK\3\4",
    b"]]>",
    b"&a;",
    b"<",
    b"{",
)
_ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")


@dataclass(frozen=True)
class Seed:
    """A file to begin with: ``name`` below the feed's folder, and its bytes."""

    feed: str
    name: str
    content: bytes


@dataclass
class Tally:
    """What became of the inputs: tried, read, refused by rule, rows; texts that went all ways."""

    tried: int = 0
    read: int = 0
    rows: int = 0
    texts: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    seen: set[bytes] = field(default_factory=set)

    def __str__(self) -> str:
        rules = ", ".join(f"{code} {times}" for code, times in self.refused.most_common())
        return (
            f"{self.tried:,} inputs ({len(self.seen):,} different): {self.read:,} read with {self.rows:,} rows, "
            f"{self.refused.total():,} refused ({rules}); {self.texts:,} texts went all ways"
        )


def seeds(*folders: Path) -> list[Seed]:
    """The samples, small files of every format, and whatever lies in ``folders`` (as both feeds that it may be)."""
    found = [
        Seed(path.relative_to(PROJECT / "samples").parts[0], path.name, path.read_bytes())
        for path in sorted((PROJECT / "samples").glob("*/**/*"))
        if path.is_file() and path.stat().st_size <= _LARGEST_SEED
    ]
    found = [seed for seed in found if seed.feed in _FEEDS]
    found += _small()
    for folder in folders:
        for path in sorted(folder.glob("**/*")):
            if path.is_file() and path.suffix in formats.ENDINGS and path.stat().st_size <= _LARGEST_SEED:
                feed = "rosters" if "roster" in path.parts else "poverty"
                found.append(Seed(feed, path.name, path.read_bytes()))
    return found


_FEEDS = ("events", "rosters", "disbursements", "premiums", "poverty", "decisions")


def _small() -> Iterator[Seed]:
    people = makers.ROSTER.encode()
    header, person = makers.HEADER, makers.PERSON
    yield Seed("rosters", "a.csv", people)
    yield Seed("rosters", "a.xlsx", makers.xlsx(makers.row(*header), makers.row(*person)))
    yield Seed("rosters", "a.ods", makers.ods(makers.ods_row(*header), makers.ods_row(*person, repeated=2)))
    yield Seed("rosters", "a.json", json.dumps([dict(zip(header, person, strict=True))] * 3).encode())
    yield Seed("rosters", "a.zip", makers.zipped({"satu/b.csv": people, "dua.csv": people}))
    yield Seed("rosters", "a.csv.gz", makers.gzipped(people))


def mutated(seed: Seed, others: Sequence[Seed], random: Random) -> Seed:
    """The seed after one to four changes, each in its bytes or in its structure."""
    content, name = seed.content, seed.name
    for _ in range(random.randint(1, 4)):
        change = random.choice((_bytes, _structure, _structure, _structure))
        content = change(content, others, random)
    if random.random() < 0.05:
        name = f"{Path(name).stem}{random.choice([*formats.ENDINGS, '.xlsm', ''])}"
    return Seed(seed.feed, name, content[: 4 * _LARGEST_SEED])


def _bytes(content: bytes, others: Sequence[Seed], random: Random) -> bytes:  # noqa: PLR0911 (one way to break it each)
    at = random.randint(0, len(content))
    length = min(random.choice((1, 1, 2, 4, 16, 200, 5000)), len(content) - at)
    end = at + length
    match random.randint(0, 6):
        case 0:  # other bytes
            return content[:at] + random.randbytes(length) + content[end:]
        case 1:  # taken out
            return content[:at] + content[end:]
        case 2:  # twice
            return content[:end] + content[at:end] * random.choice((1, 1, 2, 50)) + content[end:]
        case 3:  # something telling
            return content[:at] + random.choice(_BYTES) + content[at:]
        case 4:  # cut off
            return content[:at]
        case 5:  # a part of another file
            other = random.choice(others).content
            start = random.randint(0, len(other))
            return content[:at] + other[start : start + 500] + content[end:]
        case _:  # one bit
            flipped = bytearray(content)
            if flipped:
                flipped[at % len(flipped)] ^= 1 << random.randint(0, 7)
            return bytes(flipped)


def _structure(content: bytes, others: Sequence[Seed], random: Random) -> bytes:
    """A change that leaves the container whole, so that what lies inside is reached."""
    if content.startswith(b"PK\3\4"):
        return _in_zip(content, others, random)
    if content.startswith(b"\x1f\x8b"):
        try:
            return makers.gzipped(_structure(gzip.decompress(content), others, random))
        except Exception:  # damaged by an earlier change
            return _bytes(content, others, random)
    if content.lstrip()[:1] in (b"{", b"["):
        try:
            return json.dumps(tree_changed(json.loads(content), random)).encode("utf-8", "surrogatepass")
        except (ValueError, RecursionError):
            return _bytes(content, others, random)
    return _in_lines(content, random)


def _in_zip(content: bytes, others: Sequence[Seed], random: Random) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist() if info.file_size < 1 << 22}
    except Exception:  # damaged by an earlier change
        return _bytes(content, others, random)
    if not members:
        return content
    name = random.choice(sorted(members))
    match random.randint(0, 9):
        case 0:
            del members[name]
        case 1:
            members[random.choice(_NAMES)] = members[name]
        case 2:
            members[name] = random.choice(others).content
        case 3 | 4:
            members[name] = _bytes(members[name], others, random)
        case _:
            inside = members[name]
            members[name] = _in_markup(inside, random) if inside[:1] == b"<" else _structure(inside, others, random)
    return makers.zipped(members, random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))


_NAMES = (
    "../../x.csv",
    "/etc/passwd",
    "a\nb.csv",
    "mimetype",
    "xl/workbook.xml",
    "x" * 300 + ".csv",
    "a.zip",
    "é.csv",
    ".x",
)
_MARK = re.compile(rb">([^<>]*)<")
_GIVEN = re.compile(rb'="([^"]*)"')


def _in_markup(content: bytes, random: Random) -> bytes:
    """Another value between two marks, or of an attribute."""
    places = list((_MARK if random.random() < 0.6 else _GIVEN).finditer(content))
    if not places:
        return content
    place = random.choice(places)
    value = random.choice((*_VALUES, "A1", "XFD1048576", "A0", "-1", "s", "str", "d", "e", "999999", "2023-99-99"))
    told = (
        value.encode("utf-8", "replace").replace(b"<", b"&lt;")
        if random.random() < 0.9
        else value.encode("utf-8", "replace")
    )
    return content[: place.start(1)] + told + content[place.end(1) :]


def tree_changed(tree: Any, random: Random) -> Any:
    """A JSON document with one node changed."""
    tree = copy.deepcopy(tree)
    nodes = [
        (parent, key)
        for parent in _parents(tree)
        for key in (parent if isinstance(parent, dict) else range(len(parent)))
    ]
    if not nodes:
        return random.choice(_VALUES)
    parent, key = random.choice(nodes)
    match random.randint(0, 5):
        case 0:
            del parent[key]
        case 1:
            parent[key] = random.choice(
                ([], {}, [[]], {"a": {}}, None, True, False, 0, -1, 1e300, 10**40, [1, "a", None])
            )
        case 2 if isinstance(parent, dict):
            parent[random.choice(_VALUES)] = parent.pop(key)
        case 3:
            parent[key] = str(parent[key])
        case 4 if isinstance(parent, list):
            parent.extend([copy.deepcopy(parent[key])] * random.choice((1, 2, 30)))
        case _:
            parent[key] = random.choice((*_VALUES, "\ud800"))
    return tree


def _parents(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict | list):
        yield tree
        for child in tree.values() if isinstance(tree, dict) else tree:
            yield from _parents(child)


def _in_lines(content: bytes, random: Random) -> bytes:
    """A text with a line or cell changed, or in another encoding."""
    text = content.decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    delimiter = max(";,\t|", key=lines[0].count)
    match random.randint(0, 8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines = [line.replace(delimiter, random.choice(";,\t|")) for line in lines]
        case 4:
            return text.encode("utf-8", "replace").decode().encode(random.choice(_ENCODINGS), "replace")
        case 5:
            lines.insert(at, random.choice(_VALUES))
        case _:
            cells = lines[at].split(delimiter)
            cells[random.randrange(len(cells))] = random.choice(_VALUES)
            lines[at] = delimiter.join(cells)
    return "\n".join(lines).encode("utf-8", "surrogateescape" if "\ud7ff" not in text else "replace")


def read(seed: Seed, tally: Tally, limits: Limits = TIGHT) -> Reading | Rejected:
    """Read an input as a landed file is read. :raises AssertionError: what must hold does not"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"original{Path(seed.name).suffix}"
        path.write_bytes(seed.content)
        rows = Path(folder) / "rows.parquet"
        digest = hashlib.sha256(seed.content)
        tally.tried += 1
        tally.seen.add(digest.digest())
        try:
            reading = sandbox.read(
                path,
                contract(seed.feed),
                file_name=seed.name,
                sha256=digest.hexdigest(),
                limits=limits,
                rows_to=rows,
                work=Path(folder) / "work",
            )
        except Rejected as refusal:
            tally.refused[refusal.rule_code] += 1
            _check_refusal(refusal)
            _check_ways(seed, limits, tally)
            return refusal
        tally.read += 1
        tally.rows += reading.rows
        _check_rows(reading, rows)
        _check_ways(seed, limits, tally)
        return reading


def _check_ways(seed: Seed, limits: Limits, tally: Tally) -> None:
    if ways.is_text(seed.content, seed.name, seed.feed, limits):
        tally.texts += 1
        size = (300, 5_000, None)[seed.content[-1] % 3] if seed.content else None
        ways.check_agree(seed.content, seed.name, seed.feed, limits, chunk=size)


def _check_refusal(refusal: Rejected) -> None:
    assert not isinstance(refusal, sandbox.Unforeseen), f"unforeseen: {refusal.detail_en}"
    assert rule(refusal.rule_code).severity == "error"
    told = f"{refusal.detail_id} {refusal.detail_en}"
    assert not re.search(r"\d{16}", told), "a reason with a long number in it"
    assert told == visible(told), "a reason that is no plain line"
    assert len(told) < 10_000, "a reason that nobody reads"


def _check_rows(reading: Reading, rows: Path) -> None:
    written = pq.read_table(rows, columns=["sheet", "source_row"])
    assert 0 < written.num_rows == reading.rows == sum(sheet.rows for sheet in reading.sheets)
    by_sheet = Counter(written["sheet"].to_pylist())
    for sheet in reading.sheets:
        assert all(count >= 0 for count in sheet.skipped.values())
        assert by_sheet[sheet.name] >= sheet.rows
