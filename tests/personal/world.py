"""Invented people, and files that tempt their numbers and names into messages: wrong columns, headers, titles, names of
files and sheets, damaged bytes, text that means something to SQL, Jinja and JSON. Every format and encoding is used.

A world is made of its number alone. Names are of words that nothing else says, so that one found is one leaked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from pilar.samples import workbooks
from pilar.samples.formats import Cell, gzipped, zipped

START = datetime(2023, 11, 20, 3, 0, tzinfo=UTC)
REGIONS = {"3522": "KAB. BOJONEGORO", "3523": "KAB. TUBAN", "3524": "KAB. LAMONGAN"}
PILLARS = ("PKH", "TAGANA", "TKSK")
_BEGINNINGS = ("Ksa", "Vru", "Dzi", "Ngo", "Tja", "Wri", "Mbe", "Pju", "Xan", "Qul")
_MIDDLES = ("rav", "njik", "loz", "mux", "dhev", "gwok", "fyat")
_ENDS = ("ini", "ona", "aji", "utri", "awan", "esta")


@dataclass(frozen=True)
class Person:
    """Somebody who is nobody."""

    nik: str
    name: str
    sex: str
    born: date
    region: str
    pillar: str
    account: str
    phone: str
    bpjs: str

    @property
    def values(self) -> set[str]:
        """Whatever of a person may stand nowhere outside, in the ways that it may be written."""
        parted = (
            f"{self.nik[:6]}-{self.nik[6:12]}-{self.nik[12:]}",
            f"{self.nik[:4]} {self.nik[4:8]} {self.nik[8:12]} {self.nik[12:]}",
        )
        numbers = {
            self.nik,
            *parted,
            self.account,
            self.bpjs,
            self.phone,
            f"62{self.phone[1:]}",
            f"+62{self.phone[1:]}",
        }
        days = {self.born.isoformat(), f"{self.born:%d/%m/%Y}", f"{self.born:%d-%m-%Y}"}
        return numbers | days | {self.name, self.name.title(), self.name.lower()}


@dataclass
class World:
    """Files by their names below ``landing/``, the people in them, and the verdict's author."""

    people: list[Person]
    files: dict[str, bytes] = field(default_factory=dict)
    mail: str = ""

    @property
    def values(self) -> set[str]:
        """All that must not leave: numbers, names and birth dates of the people, and who decided."""
        return {self.mail}.union(*(person.values for person in self.people))

    def lay(self, landing: Path) -> None:
        """Write the files, a minute apart."""
        for number, (name, content) in enumerate(self.files.items()):
            path = landing / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            at = (START + timedelta(minutes=number)).timestamp()
            os.utime(path, (at, at))


def people(random: Random, count: int) -> list[Person]:
    """So many people, each with numbers and a name of their own."""
    words = [f"{a}{b}{c}".upper() for a in _BEGINNINGS for b in _MIDDLES for c in _ENDS]
    random.shuffle(words)
    found = []
    for number in range(count):
        region, sex = random.choice(list(REGIONS)), random.choice("LP")
        born = date(random.randint(1961, 1996), random.randint(1, 12), random.randint(2, 28))
        day = born.day + (40 if sex == "P" else 0)
        nik = f"{region}{random.randint(1, 20):02d}{day:02d}{born:%m%y}{7001 + number:04d}"
        name = " ".join(words[2 * number : 2 * number + 2])
        account = f"{random.randint(10**8, 10**9 - 1)}{number % 10}"
        phone = f"08{random.randint(10**9, 10**10 - 1)}"
        bpjs = f"{random.randint(20, 29)}{random.randint(10**8, 10**9 - 1)}"
        pillar = PILLARS[number % 3]
        found.append(Person(nik, name, sex, born, region, pillar, account, phone, bpjs))
    return found


_HEAD = (
    "NIK",
    "NAMA",
    "L/P",
    "TANGGAL LAHIR",
    "PILAR",
    "KAB/KOTA",
    "NO REKENING",
    "NAMA REKENING",
    "NO HP",
    "KPJ",
    "KEGIATAN",
)
_BANK = (
    "NO REFERENSI",
    "NO SP2D",
    "KEGIATAN",
    "PROGRAM",
    "TANGGAL INSTRUKSI",
    "NO REKENING",
    "NAMA REKENING",
    "NOMINAL",
    "STATUS",
    "KODE RETUR",
)
_PREMIUM = ("KPJ", "NIK", "NAMA", "BULAN", "PROGRAM", "IURAN", "STATUS", "TANGGAL BAYAR")
_EVENT = ("KEGIATAN", "NAMA KEGIATAN", "TANGGAL KEGIATAN", "KAB/KOTA", "PILAR", "PROGRAM", "NOMINAL")
_DECISION = ("KUNCI TEMUAN", "KEPUTUSAN", "ALASAN", "PETUGAS", "BERLAKU SAMPAI")


def _line(person: Person, event: str = "TLA-1", **instead: str) -> dict[str, str]:
    cells = dict(
        zip(
            _HEAD,
            (person.nik, person.name, person.sex, f"{person.born:%d/%m/%Y}", person.pillar, REGIONS[person.region],
             person.account, person.name, person.phone, person.bpjs, event),
            strict=True,
        )
    )  # fmt: skip
    return cells | instead


Rows = Sequence[Sequence[str]]


def _grid(head: Sequence[str], lines: Sequence[dict[str, str]]) -> list[list[str]]:
    return [list(head), *([line.get(name, "") for name in head] for line in lines)]


def _csv(rows: Rows, encoding: str = "utf-8", delimiter: str = ";") -> bytes:
    return "".join(delimiter.join(row) + "\r\n" for row in rows).encode(encoding)


def _book(rows: Rows, kind: str = "xlsx", sheet: str = "Data") -> bytes:
    cells: list[Sequence[Cell]] = [list(row) for row in rows]
    make: dict[str, Callable[[Sequence[workbooks.Grid]], bytes]] = {
        "xlsx": workbooks.xlsx,
        "xls": workbooks.xls,
        "ods": workbooks.ods,
    }
    return make[kind]([workbooks.Grid(sheet, cells)])


def _json(rows: Rows) -> bytes:
    head, *others = rows
    return json.dumps([dict(zip(head, row, strict=True)) for row in others]).encode()


def _written(random: Random, rows: Rows, stem: str) -> tuple[str, bytes]:
    """The rows in some format, and the name with its ending."""
    kind = random.choice(["xlsx", "xls", "ods", "csv", "bom", "utf16", "cp1252", "json", "zip", "gz"])
    if kind in ("xlsx", "xls", "ods"):
        return f"{stem}.{kind}", _book(rows, kind)
    if kind == "json":
        return f"{stem}.json", _json(rows)
    if kind == "zip":
        return f"{stem}.zip", zipped({"isi.csv": _csv(rows)})
    if kind == "gz":
        return f"{stem}.csv.gz", gzipped(_csv(rows))
    encoding = {"csv": "utf-8", "bom": "utf-8-sig", "utf16": "utf-16", "cp1252": "cp1252"}[kind]
    return f"{stem}.csv", _csv(rows, encoding, random.choice(";\t|"))


def world(number: int, *, holding: bool = False) -> World:
    """The world of that number. ``holding``: with values, too, where a release would print them, so that it is held."""
    random = Random(number)
    made = World(people(random, 30), mail=f"petugas{number}.ksaravini@kantor-{number}.example")
    who = made.people
    files = made.files

    def add(feed: str, stem: str, rows: Rows) -> None:
        name, content = _written(random, rows, stem)
        files[f"{feed}/{name}"] = content

    lines = [_line(person) for person in who]
    events = [
        (
            "TLA-1",
            "Tali Asih November",
            "20/11/2023",
            "KAB. BOJONEGORO;KAB. TUBAN;KAB. LAMONGAN",
            "PKH;TAGANA;TKSK",
            "TALI_ASIH",
            "1000000",
        )
    ]
    files["events/acara.xlsx"] = _book([_EVENT, *events])
    add("rosters", "Kab A/november", _grid(_HEAD, lines[:12]))
    add("rosters", "Kab B/november", _grid(_HEAD, lines[12:24]))
    _tempting_rosters(random, made, lines)
    _tempting_payments(random, made, add)
    _broken(made, lines)
    files["decisions/petugas/keputusan.csv"] = _csv(
        [_DECISION, ["f-abcdefghijklmnop", "waive", f"kata {who[0].name} {who[0].nik} benar", made.mail, "31/12/2030"],
         ["f-abcdefghijklmnoq", who[1].name, who[1].nik, who[1].name, who[1].phone]]
    )  # fmt: skip
    if holding:
        bank = _transfer(who[3], 900) | {"NO REFERENSI": who[4].phone, "NO SP2D": f"SP2D {who[5].name}"}
        files["disbursements/Bank/tahan.csv"] = _csv(_grid(_BANK, [bank]))
        files["rosters/Kab C/tahan.csv"] = _csv(_grid(_HEAD, [_line(who[6], event=f"ACARA {who[7].nik}")]))
        files["events/tahan.csv"] = _csv(
            [
                _EVENT,
                [f"X-{who[8].nik}", f"Acara {who[9].name}", "20/11/2023", "KAB. TUBAN", "PKH", "TALI_ASIH", "1000000"],
            ]
        )
    return made


def _tempting_rosters(random: Random, made: World, lines: list[dict[str, str]]) -> None:
    who, files = made.people, made.files
    moved = [
        _line(who[24], NIK=who[24].name, NAMA=who[24].nik),
        _line(who[25], PILAR=who[25].name),
        _line(who[26], **{"KAB/KOTA": who[26].nik}),
        _line(who[27], **{"TANGGAL LAHIR": who[27].account, "NO REKENING": f"{who[27].born:%d/%m/%Y}"}),
        _line(who[28], NAMA=f"{{{{ '{who[28].name}' }}}}", **{"L/P": who[28].phone}),
        _line(who[29], NAMA=f"'; drop table stg_rosters; -- {who[29].name}", PILAR=f"{{% raw %}}{who[29].nik}"),
        _line(who[0], NIK=who[0].nik[:15], PILAR=who[0].bpjs),
        _line(who[1], **{"NO REKENING": who[1].nik, "NO HP": who[1].nik}),
        _line(who[2], KEGIATAN=""),
    ]
    name, content = _written(random, _grid(_HEAD, moved), "Kab C/pindah kolom")
    files[f"rosters/{name}"] = content
    one, two, three = who[3], who[4], who[5]
    rows = _grid(_HEAD, lines[3:6])
    titled = [[f"DAFTAR {one.name} NIK {one.nik}"], *rows, [f"Mengetahui, {two.name}", two.nik]]
    files["rosters/Kab D/judul.xlsx"] = _book(titled)
    files["rosters/Kab D/kepala.csv"] = _csv([[*_HEAD, one.nik, two.name], *([*row, "", ""] for row in rows[1:])])
    files["rosters/Kab D/tanpa nama.csv"] = _csv(
        [["NIK", "PILAR", one.name, one.nik, two.account], *([row[0], row[4], "", "", ""] for row in rows[1:])]
    )
    files["rosters/Kab D/lembar.xlsx"] = _book(rows, sheet=f"{one.nik} X")
    files["rosters/Kab D/lembar nama.ods"] = _book([["tidak ada judul"]], "ods", sheet=two.name)
    files["rosters/Kab D/lembar rekening.xls"] = _book(rows, "xls", sheet=f"rek {three.account}")
    files[f"rosters/Kab D/{one.nik}.csv"] = _csv(_grid(_HEAD, lines[6:8]))
    files[f"rosters/{two.nik}/data {two.account}.csv"] = _csv(_grid(_HEAD, lines[8:10]))
    parted = f"{three.nik[:6]}-{three.nik[6:12]}-{three.nik[12:]}"
    files[f"rosters/Kab E/nik {parted} hp {three.phone}.pdf"] = b"%PDF-1.4 tidak dibaca"
    files[f"rosters/Kab E/kosong {one.nik}.csv"] = b""
    files[f"bukan umpan {two.nik}/{two.account}.csv"] = _csv(rows)
    files["rosters/Kab E/arsip.zip"] = zipped(
        {f"{one.nik} {two.account}.csv": _csv(rows), f"{three.account}.doc": b"x"}
    )
    files["rosters/Kab E/isi arsip.zip"] = zipped({f"{three.nik}.csv": _csv(_grid(_HEAD, lines[10:12]))})


def _transfer(person: Person, number: int) -> dict[str, str]:
    cells = (
        f"R-{number}",
        "B-1",
        "TLA-1",
        "TALI_ASIH",
        "21/11/2023",
        person.account,
        person.name,
        "1.000.000",
        "SUKSES",
        "",
    )
    return dict(zip(_BANK, cells, strict=True))


def _tempting_payments(random: Random, made: World, add: Callable[[str, str, Rows], None]) -> None:
    who, files = made.people, made.files
    add("disbursements", "Bank/november", _grid(_BANK, [_transfer(person, n) for n, person in enumerate(who[:20])]))
    wrong = [
        _transfer(who[20], 100) | {"NOMINAL": who[20].name},
        _transfer(who[21], 101) | {"TANGGAL INSTRUKSI": who[21].account},
        _transfer(who[22], 102) | {"STATUS": who[22].name},
        _transfer(who[23], 103) | {"NO REKENING": who[23].name, "NAMA REKENING": who[23].account},
        _transfer(who[24], 104) | {"NOMINAL": who[24].nik, "PROGRAM": who[24].name},
        _transfer(who[25], 105) | {"NAMA REKENING": f"{{{{ {who[25].name} }}}}"},
    ]
    for line in wrong:
        line["NO SP2D"] = "B-2"  # a batch of its own: it takes the place of none
    files["disbursements/Bank/salah.csv"] = _csv(
        [*_grid(_BANK, wrong), [f"TOTAL NOMINAL: {who[0].nik}"], [f"JUMLAH TRANSAKSI {who[1].name}", who[1].nik]]
    )
    ragged = "\r\n".join(
        [
            ";".join(_BANK),
            *(f"R-{n};{person.nik};{person.name};{person.phone};" * 5 for n, person in enumerate(who[:4])),
        ]
    )
    files["disbursements/Bank/bergerigi.csv"] = ragged.encode()
    premiums = [
        dict(
            zip(
                _PREMIUM,
                (person.bpjs, person.nik, person.name, "2023-11", "JKK+JKM", "16.800", "LUNAS", "05/11/2023"),
                strict=True,
            )
        )
        for person in who[:15]
    ]
    premiums[0]["IURAN"], premiums[1]["TANGGAL BAYAR"], premiums[2]["STATUS"] = who[0].name, who[1].bpjs, who[2].nik
    premiums[3]["PROGRAM"], premiums[4]["KPJ"] = who[3].name, who[4].name
    add("premiums", "iuran", _grid(_PREMIUM, premiums))


def _broken(made: World, lines: list[dict[str, str]]) -> None:
    """Files whose parsers would like to quote what they stumble over."""
    who, files = made.people, made.files
    rows = _grid(_HEAD, lines[:6])
    whole = _book(rows)
    files["rosters/Kab F/terpotong.xlsx"] = whole[: len(whole) // 2]
    files["rosters/Kab F/rusak.json"] = (
        b"[" + json.dumps(lines[0]).encode() + b', {"NIK": ' + who[1].nik.encode() + who[1].name.encode() + b"}]"
    )
    files["rosters/Kab F/dua kali.json"] = (
        f'[{{"NIK": "{who[2].nik}", "NIK": "{who[3].nik}", "NAMA": "{who[2].name}"}}]'.encode()
    )
    files["rosters/Kab F/kunci.json"] = json.dumps(
        [{who[4].nik: who[4].name, "NIK": who[4].nik, "PILAR": "PKH"}]
    ).encode()
    files["rosters/Kab F/sampah.csv"] = b"\0\xff" + _csv(rows)[:80] + bytes(range(256)) + who[5].nik.encode()
    files["rosters/Kab F/terpotong.csv.gz"] = gzipped(_csv(rows))[:-20]
    files["rosters/Kab F/judul dua.csv"] = _csv(
        [["NIK", "NAMA", "NAMA", "PILAR", "KAB/KOTA"], [who[6].nik, who[6].name, who[7].name, "PKH", "3522"]]
    )
    files["poverty/jawaban.json"] = json.dumps(
        {"status": "Error", "message": f"gagal untuk {who[8].name} {who[8].nik}"}
    ).encode()
    files["poverty/tabel.csv"] = _csv([["Kabupaten", "2023"], [who[9].name, who[9].nik]])
