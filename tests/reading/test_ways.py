"""Whichever way a text file is read, its rows, what is skipped, control lines and refusals are the same."""

from __future__ import annotations

import re
import sys
from random import Random

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilar.config import Limits
from pilar.contracts import Contract, contract
from pilar.reading import stream
from pilar.reading.cells import BLANKS
from pilar.reading.text import DELIMITERS
from tests.reading import ways

FEEDS = ("events", "rosters", "disbursements", "premiums", "decisions")
CELLS = (
    *("", "", "", " ", "\t", "0", "1", "7", "1.000", "1,5", "-", "R1", "SUKSES", "TALI_ASIH", "2023-01", "20/11/2023"),
    *("3522010101900001", "196701011990031001", "Kab. Tuban", "Kepala Dinas", "Tuban, 20 November 2023", "Ket."),
    *(
        "TOTAL",
        "Jumlah",
        "sub total",
        "JUMLAH TRANSAKSI",
        "TOTAL NOMINAL : Rp 3.000",
        "T_o-t a.l",
        "1 total",
        "jumlahan",
    ),
    *('"', '""', '"a"', 'B "C" D', '"A; B"', '"A, B"', "'", "\x1f", "\x0b", "\x1c", "\x85", "\u2028", "\r", "a\rb"),
    *(
        "\ufeff",
        "\ufeffx",
        "\u00a0x\u200b",
        "\u202ex",
        "\ufffd",
        "\0",
        "É",
        "😀",
        "ı",
        "ſ",
        "ß",
        "ﬁ",
        "\u212a",
        "ＴＯＴＡＬ",
    ),
    *("ſub total", "JUMLAH TRANSAKSı", "Jumlah Tranſakſİ : 3", "x" * 500, BLANKS),
)
LETTER = re.compile("[a-z]", re.IGNORECASE)
ENDS = ("\n", "\n", "\n", "\r\n", "\r\n", "\r", "\r\r\n", "\n\r")
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")


def file_of(feed: Contract, random: Random) -> bytes:
    """A file that is a table of the feed, more or less: a header under some names, plain rows, odd ones between."""
    columns = [column for column in feed.columns if column.required or random.random() < 0.7]
    random.shuffle(columns)
    header = [random.choice(column.headers or [column.name]) for column in columns]
    for _ in range(random.choice((0, 0, 1, 2))):  # of no column, or of one that is there already
        header.insert(random.randint(0, len(header)), random.choice(("NO", "Ket", "", *header)))
    plain = [random.choice(("A1", "3522", "BUDI", "É", "")) for _ in header]
    extra = random.choice((0, 0, 0, 1, 2))
    quote = random.choice((False, False, True))
    delimiter = random.choice(DELIMITERS)
    odd = random.choice((0.0, 0.02, 0.3))

    def again(cell: str) -> str:
        """A word of the header as it may stand a second time."""
        return random.choice((cell, cell.lower(), cell.replace("I", "ı"), f" {cell}."))

    def line(cells: list[str]) -> str:
        return delimiter.join(f'"{cell}"' if quote else cell for cell in cells)

    def row(number: int) -> str:  # noqa: PLR0911 (one way to be odd each)
        cells = [cell or f"{number}" for cell in plain] + [""] * extra
        if random.random() >= odd:
            return line(cells)
        match random.randint(0, 7):
            case 0:
                return random.choice(CELLS)
            case 1:
                return line([again(cell) for cell in header])
            case 2:
                return line([*cells, random.choice(CELLS)])
            case 3:
                return line(cells[:-1])
            case 4:
                return delimiter.join(random.choice(CELLS) for _ in cells)
            case 5:
                return line([random.choice(CELLS) if random.random() < 0.2 else "" for _ in cells])
            case 6:
                return delimiter.join([f'"{cells[0]}"', *cells[1:]])
            case _:
                cells[random.randrange(len(cells))] = random.choice((*CELLS, *map(again, header)))
                return line(cells)

    lines = [line(header), *(row(number) for number in range(random.choice((1, 5, 60))))]
    end = random.choice(ENDS)
    written = end.join(lines) + random.choice(("", end, end + end))
    return written.encode(random.choice(ENCODINGS), "replace")


@settings(max_examples=200, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(feed=st.sampled_from(FEEDS), seed=st.integers(0, 2**32), chunk=st.sampled_from((64, 300, 1000, 5000, None)))
def test_all_ways_say_the_same(feed: str, seed: int, chunk: int | None) -> None:
    ways.check_agree(file_of(contract(feed), Random(seed)), "a.csv", feed, Limits(), chunk=chunk)


def test_invented_files_go_all_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """The property would hold of files that are all refused, or whose rows are all odd."""
    taken: dict[str, int] = {"_whole": 0, "_fast": 0}
    for name in taken:
        real = getattr(stream._Reading, name)

        def counted(self: stream._Reading, *given: object, name: str = name, real: object = real) -> object:
            result = real(self, *given)  # type: ignore[operator]  # a method, whichever it is
            taken[name] += bool(result is not None and (name == "_whole" or result[0].true_count))
            return result

        monkeypatch.setattr(stream._Reading, name, counted)
    rows = [
        ways.check_agree(file_of(contract(feed), Random(seed)), "a.csv", feed, Limits(), chunk=1000)
        for feed in FEEDS
        for seed in range(12)
    ]
    assert sum(count > 0 for count in rows) > len(rows) // 2
    assert min(taken.values()) > 10


def test_letters_that_python_and_arrow_do_not_compare_alike() -> None:
    beyond = map(chr, range(128, sys.maxunicode + 1))
    taken = (one for one in beyond if re.search("[a-z]", one.upper(), re.IGNORECASE | re.ASCII) or LETTER.match(one))
    assert "".join(taken) == stream.ALSO_ASCII


@pytest.mark.parametrize("method", ["_whole", "_fast"])
def test_a_way_that_loses_a_row_is_seen(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = stream._Reading._judged

    def careless(self: stream._Reading, by_index: dict[int, pa.Array], count: int) -> object:
        columns, sure = real(self, by_index, count)
        return {name: pa.concat_arrays([values[:1]] * count) for name, values in columns.items()}, sure

    monkeypatch.setattr(stream._Reading, "_judged", careless)
    if method == "_fast":
        monkeypatch.setattr(stream._Reading, "_whole", lambda *_: None)
    content = "NIK;NAMA;PILAR;KAB/KOTA\n" + "".join(f"35220101{n:08d};BUDI;PKH;3523\n" for n in range(9))
    with pytest.raises(AssertionError, match="differ"):
        ways.check_agree(content.encode(), "a.csv", "rosters", Limits())
