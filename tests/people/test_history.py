"""One night over rosters that move people about, come late and correct each other; asked as of days, then and now."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from pilar import night
from pilar.config import Home
from tests.conftest import Night
from tests.people.asking import documented

# Everybody is known by their year of birth, the only thing about them that a release tells.
NAMES = ("SARI", "BUDIMAN", "WULANDARI", "TEGUH", "ENDANG", "PRAYITNO", "LESTARI", "GUNAWAN", "KUSUMA", "RATIH")
HEAD = "NIK;NAMA;L/P;TANGGAL LAHIR;PILAR;KAB/KOTA;NO REKENING;KPJ;KEGIATAN;BULAN\n"
EVENTS = "KEGIATAN;NAMA KEGIATAN;TANGGAL KEGIATAN;BAKORWIL;PILAR;PROGRAM;NOMINAL;JUMLAH BULAN;MULAI\n"
PREMIUMS = "KPJ;NIK;NAMA;BULAN;PROGRAM;IURAN;STATUS\n"
BORN = "SELECT participant_id, any_value(birth_year) AS born FROM dim_participant GROUP BY 1"
SHARED_KPJ = "23000009000"
"""A member number that two people have on the rosters."""


def person(born: int, pillar: str, region: str, *, kpj: str = "", event: str = "", month: str = "") -> str:
    """A roster row of somebody born on 1 January of that year."""
    nik = f"3523010101{born % 100:02d}9001"
    cells = (nik, NAMES[born - 1981], "L", f"01/01/{born}", pillar, region, f"00{born}9001", kpj, event, month)
    return ";".join(cells) + "\n"


FILES: dict[str, tuple[str, str]] = {
    "events/kegiatan.csv": (
        "2023-07-01",
        EVENTS
        + "BJN-20231120;Bojonegoro;20/11/2023;Bojonegoro;TAGANA;TALI_ASIH;1000000;;\n"
        + "BJN-20231120;Bojonegoro;20/11/2023;Bojonegoro;TAGANA;BPJS_TK;16800;12;2023-01\n",
    ),
    # Standing rosters: three of Tuban; one leaves, one moves to Lamongan before the second, one is back in the third.
    "rosters/tuban-1.csv": (
        "2023-08-01",
        HEAD + "".join(person(born, "PKH", "Kab. Tuban", kpj=SHARED_KPJ) for born in (1981, 1982))
        + person(1983, "PKH", "Kab. Tuban") + person(1984, "PKH", "Kab. Tuban"),
    ),
    "rosters/lamongan.csv": ("2023-08-20", HEAD + person(1983, "PKH", "Kab. Lamongan")),
    "rosters/tuban-2.csv": ("2023-09-01", HEAD + person(1981, "PKH", "Kab. Tuban", kpj=SHARED_KPJ)),
    "rosters/tuban-3.csv": (
        "2023-10-01",
        HEAD + person(1981, "PKH", "Kab. Tuban", kpj=SHARED_KPJ) + person(1984, "PKH", "Kab. Tuban"),
    ),
    # Monthly rosters of Gresik: November comes last and leaves out whom December had left out already.
    "rosters/gresik-10.csv": (
        "2023-10-05",
        HEAD
        + person(1985, "TKSK", "Kab. Gresik", month="2023-10")
        + person(1986, "TKSK", "Kab. Gresik", month="2023-10"),
    ),
    "rosters/gresik-12.csv": ("2023-12-05", HEAD + person(1985, "TKSK", "Kab. Gresik", month="2023-12")),
    "rosters/gresik-11.csv": ("2024-01-10", HEAD + person(1985, "TKSK", "Kab. Gresik", month="2023-11")),
    # An event's roster, and its correction: one struck off, one added. One changes from TKSK to Tagana.
    "rosters/bojonegoro-10.csv": ("2023-10-05", HEAD + person(1990, "TKSK", "Kab. Bojonegoro", month="2023-10")),
    "rosters/acara.csv": (
        "2023-11-10",
        HEAD + person(1987, "TAGANA", "Kab. Bojonegoro", kpj="23000009087", event="BJN-20231120")
        + person(1988, "TAGANA", "Kab. Bojonegoro", event="BJN-20231120")
        + person(1990, "TAGANA", "Kab. Bojonegoro", event="BJN-20231120"),
    ),
    "rosters/acara perbaikan.csv": (
        "2023-11-25",
        HEAD + person(1987, "TAGANA", "Kab. Bojonegoro", kpj="23000009087", event="BJN-20231120")
        + person(1989, "TAGANA", "Kab. Bojonegoro", kpj="23000009089", event="BJN-20231120")
        + person(1990, "TAGANA", "Kab. Bojonegoro", event="BJN-20231120"),
    ),
    "premiums/iuran.csv": (
        "2023-12-01",
        PREMIUMS
        + "23000009087;;;2023-05;jkm & jkk;16800;LUNAS\n"
        + "23000009087;;;2023-06;JKK,JKM;16800;LUNAS\n"
        + "23000009087;;;2023-07;JKK;10000;LUNAS\n"
        + "23000009087;;;2023-07;JKM;6800;LUNAS\n"
        + "23000009087;;;2023-08;JKK+JKM;10000;LUNAS\n"
        + "23000009087;;;2023-09;PENSIUN;16800;LUNAS\n"
        + "2300000908700;3523010101879001;;2023-10;JKK+JKM;16800;LUNAS\n"
        + "230000090;3523010101879001;;2023-11;JKK+JKM;16800;LUNAS\n"
        + f"{SHARED_KPJ};;;2023-05;JKK+JKM;16800;LUNAS\n",
    ),
}  # fmt: skip


def lay(home: Home, files: dict[str, tuple[str, str]] = FILES) -> None:
    for name, (day, content) in files.items():
        path = home.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
        moment = datetime.fromisoformat(f"{day}T03:00:00+00:00").astimezone(UTC).timestamp()
        os.utime(path, (moment, moment))


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    home = Home(tmp_path_factory.mktemp("history") / "home").make()
    lay(home)
    ended = night.run(home)
    assert ended["outcome"] == "published", ended["text"]
    yield Night(home, ended)


def roster(of: Night, day: str, known_at: str | None = None) -> dict[int, tuple[str, str, str]]:
    """Pillar, region and status by year of birth, through the documented query."""
    asked = {"day": f"date '{day}'"} | ({"known_at": f"timestamp '{known_at}'"} if known_at else {})
    answer = documented("roster_as_of_a_day", **asked)
    rows = of.ask(f"SELECT born, pillar_code, region_code, status FROM ({answer}) JOIN ({BORN}) USING (participant_id)")
    return {born: (pillar, region, status) for born, pillar, region, status in rows}


def test_versions_of_each_person(moved: Night) -> None:
    rows = moved.ask(
        "SELECT birth_year, pillar_code, region_code, status, valid_from, valid_to FROM dim_participant ORDER BY ALL"
    )
    said: dict[int, list[tuple[Any, ...]]] = {}
    for born, *version in rows:
        said.setdefault(born, []).append(tuple(version))
    for versions in said.values():
        versions.sort(key=lambda version: version[3])
    august, september, october = date(2023, 8, 1), date(2023, 9, 1), date(2023, 10, 1)
    november, event = date(2023, 11, 1), date(2023, 11, 20)
    assert said == {
        1981: [("PKH", "3523", "AKTIF", august, None)],
        1982: [("PKH", "3523", "AKTIF", august, september), ("PKH", "3523", "KELUAR", september, None)],
        1983: [("PKH", "3523", "AKTIF", august, date(2023, 8, 20)), ("PKH", "3524", "AKTIF", date(2023, 8, 20), None)],
        1984: [
            ("PKH", "3523", "AKTIF", august, september),
            ("PKH", "3523", "KELUAR", september, october),
            ("PKH", "3523", "AKTIF", october, None),
        ],
        1985: [("TKSK", "3525", "AKTIF", october, None)],
        1986: [("TKSK", "3525", "AKTIF", october, november), ("TKSK", "3525", "KELUAR", november, None)],
        1987: [("TAGANA", "3522", "AKTIF", event, None)],
        1989: [("TAGANA", "3522", "AKTIF", event, None)],
        1990: [("TKSK", "3522", "AKTIF", october, event), ("TAGANA", "3522", "AKTIF", event, None)],
    }


@pytest.mark.parametrize(
    "day",
    ["2023-07-31", "2023-08-01", "2023-08-25", "2023-09-01", "2023-10-15", "2023-11-19", "2023-11-20", "2024-06-01"],
)
def test_the_query_for_today_says_what_the_versions_say(moved: Night, day: str) -> None:
    versions = moved.ask(
        f"SELECT birth_year, pillar_code, region_code, status FROM dim_participant "
        f"WHERE valid_from <= '{day}' AND (valid_to IS NULL OR valid_to > '{day}')"
    )
    assert roster(moved, day) == {born: tuple(version) for born, *version in versions}


def test_the_roster_as_it_was_known_then(moved: Night) -> None:
    # Before November's roster came, December's was October's next: the person had left in December.
    assert roster(moved, "2023-11-15", "2023-12-20 00:00:00")[1986] == ("TKSK", "3525", "AKTIF")
    assert roster(moved, "2023-12-15", "2023-12-20 00:00:00")[1986] == ("TKSK", "3525", "KELUAR")
    assert roster(moved, "2023-11-15", "2024-02-01 00:00:00")[1986] == ("TKSK", "3525", "KELUAR")
    # Before the event's roster was corrected, one more person stood on it, and one did not.
    then = documented("roster_as_of_a_day", known_at="timestamp '2023-11-21 00:00:00'")
    assert moved.ask(f"SELECT count(*) FROM ({then}) WHERE roster_scope LIKE 'event%'") == [(3,)]
    assert 1989 not in roster(moved, "2023-11-20", "2023-11-21 00:00:00")
    # Nobody knew yet in September that one would come back.
    assert roster(moved, "2023-10-15", "2023-09-15 00:00:00")[1984] == ("PKH", "3523", "KELUAR")
    assert roster(moved, "2023-10-15")[1984] == ("PKH", "3523", "AKTIF")


def test_who_is_missing_is_told_at_the_roster_in_force(moved: Night) -> None:
    found = moved.ask("SELECT file_name, sheet, source_row FROM quality_findings WHERE rule_code = 'PERSON_ABSENT'")
    assert Counter(found) == Counter(
        (name, None, None) for name in ("tuban-3.csv", "gresik-11.csv", "acara perbaikan.csv")
    )


def test_who_was_struck_off_is_still_a_known_person(moved: Night) -> None:
    """Money may have been sent to them, so they stand in the statements, not in force."""
    assert moved.ask(
        "SELECT count(DISTINCT participant_id) FROM fct_roster_membership "
        "WHERE participant_id NOT IN (SELECT participant_id FROM dim_participant) AND NOT is_in_force"
    ) == [(1,)]


def test_a_member_number_of_two_people_covers_neither(moved: Night) -> None:
    assert moved.ask(
        f"SELECT count(*) FROM fct_premium_month JOIN ({BORN}) USING (participant_id) WHERE born IN (1981, 1982)"
    ) == [(0,)]
    assert moved.ask(
        "SELECT coverage_month, paid_idr::INTEGER FROM fct_premium_month WHERE participant_id IS NULL"
    ) == [("2023-05", 16800)]


def test_premiums_by_programme_rate_and_number(moved: Night) -> None:
    found = moved.ask(
        "SELECT rule_code, source_row FROM quality_findings WHERE feed = 'premiums' ORDER BY source_row, rule_code"
    )
    assert found == [
        ("PREMIUM_RATE_DIFFERS", 6),
        ("PREMIUM_PROGRAM_UNKNOWN", 7),
        ("PREMIUM_HEALTH_NUMBER", 8),
        ("PREMIUM_BPJS_NO_INVALID", 9),
        ("PREMIUM_PERSON_UNKNOWN", 10),
    ]
    programs = moved.ask(
        "SELECT coverage_month, program, rate_idr::INTEGER, is_paid_twice FROM fct_premium_month "
        "WHERE participant_id IS NOT NULL ORDER BY 1"
    )
    assert programs == [
        ("2023-05", "JKK+JKM", 16800, False),
        ("2023-06", "JKK+JKM", 16800, False),
        ("2023-07", "JKK+JKM", 16800, False),
        ("2023-08", "JKK+JKM", 16800, False),
        ("2023-09", "PENSIUN", None, False),
        ("2023-10", "JKK+JKM", 16800, False),
        ("2023-11", "JKK+JKM", 16800, False),
    ]


def test_who_was_covered_on_a_day(moved: Night) -> None:
    def answers(day: str) -> dict[int, str]:
        asked = documented("covered_on_a_day", day=f"date '{day}'")
        rows = moved.ask(f"SELECT born, answer FROM ({asked}) JOIN ({BORN}) USING (participant_id)")
        return {born: answer.partition(" / ")[0] for born, answer in rows}

    in_may = answers("2023-05-14")
    assert in_may[1987] == "YA: iuran bulan itu lunas"
    assert in_may[1989] == "TIDAK: belum dibayar"
    assert in_may[1981] == in_may[1982] == "TIDAK: tidak dijanjikan"
    assert answers("2023-12-31")[1987] == "TIDAK: belum dibayar"
    assert answers("2024-01-01")[1987] == "TIDAK: tidak dijanjikan"
