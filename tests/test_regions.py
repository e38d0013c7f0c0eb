"""The resolver: one spelling, one meaning, and no guess."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from pathlib import Path
from random import Random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from pilar.regions import Alias, Resolution, aliases, clean, find_in_text, key, regions, resolve

TWINS = {
    "Kediri": ("3506", "3571"),
    "Blitar": ("3505", "3572"),
    "Malang": ("3507", "3573"),
    "Probolinggo": ("3513", "3574"),
    "Pasuruan": ("3514", "3575"),
    "Mojokerto": ("3516", "3576"),
    "Madiun": ("3519", "3577"),
}
AMBIGUOUS = Resolution(None, ambiguous=True)
UNKNOWN = Resolution(None, ambiguous=False)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("3522", "3522"),
        ("35.22", "3522"),
        ("Bojonegoro", "3522"),
        ("Kab. Bojonegoro", "3522"),
        ("KAB BOJONEGORO", "3522"),
        ("kabupaten  bojonegoro", "3522"),
        ("Kab/Kota Bojonegoro", "3522"),
        ("Kediri, Kab.", "3506"),
        ("Kediri (Kota)", "3571"),
        ("KOTAMADYA MADIUN", "3577"),
        ("Kodya Madiun", "3577"),
        ("Kota Surabaya", "3578"),
        ("Surabaya", "3578"),
        ("Kota Batu", "3579"),
        ("Kabupaten Batu Bara", "1219"),
        ("Kotabaru", "6302"),
        ("Kab. Kep. Seribu", "3101"),
        ("<b>JAWA TIMUR</b>", "3500"),
        ("Prov. Jawa Timur", "3500"),
        ("Jatim", "3500"),
        ("35", "3500"),
        ("KEP. BANGKA BELITUNG", "1900"),
        ("D I YOGYAKARTA", "3400"),
        ("D.I. Yogyakarta", "3400"),
        ("Papua Barat Daya*", "9200"),
        ("Papua Tengah 1)", "9600"),
        (" INDONESIA ", "0000"),
        ("Jambi", "1500"),
        ("Kota Jambi", "1571"),
        ("Kediri Regency", "3506"),
        ("KEDIRI CITY", "3571"),
        ("Batu Municipality", "3579"),
        ("East Java Province", "3500"),
        ("D.I.Y.", "3400"),
        ("Sulsel", "7300"),
        ("Ujung Pandang", "7371"),
        ("Kab. Mempawah", "6104"),
        ("Kab. Pasangkayu", "7605"),
        ("Southwest Papua", "9200"),
    ],
)
def test_a_label_names_one_region(label: str, code: str) -> None:
    assert resolve(label) == Resolution(code, ambiguous=False)


@pytest.mark.parametrize(
    "label",
    [
        "",
        "-",
        "Kabupaten Surabaya",
        "Surabaya Regency",
        "Bojonegoro City",
        "Kota Bojonegoro",
        "Atlantis",
        "3599",
        "Keterangan",
    ],
)
def test_an_unknown_label_or_a_contradicting_prefix_is_not_guessed(label: str) -> None:
    assert resolve(label) == UNKNOWN


@pytest.mark.parametrize(("name", "codes"), TWINS.items())
def test_a_name_of_a_regency_and_a_city_is_ambiguous_until_the_reader_says_what_bare_means(
    name: str, codes: tuple[str, str]
) -> None:
    assert resolve(name) == AMBIGUOUS
    assert resolve(name.upper(), bare_is="kabupaten").region_code == codes[0]
    assert resolve(f"Kab. {name}").region_code == codes[0]
    assert resolve(f"Kota {name}").region_code == codes[1]


def test_level_and_province_choose_among_regions_of_one_name() -> None:
    assert resolve("Gorontalo").region_code == "7500"
    assert resolve("Gorontalo", level="kabkota") == AMBIGUOUS
    assert resolve("Gorontalo", level="kabkota", bare_is="kabupaten").region_code == "7502"
    assert resolve("Banjar") == AMBIGUOUS
    assert resolve("Banjar", within="6300").region_code == "6303"
    assert resolve("Banjar", within="3200").region_code == "3279"
    assert resolve("Kota Bandung").region_code == "3273", "a region elsewhere is known, not unknown"


def test_no_alias_has_two_meanings_and_each_region_has_its_own() -> None:
    listed = aliases()
    assert len({alias.alias_key for alias in listed}) == len(listed)
    assert all((alias.region_code is None) == alias.ambiguous for alias in listed)
    by_key = {alias.alias_key: alias for alias in listed}
    assert by_key["KEDIRI"] == Alias("KEDIRI", None, ambiguous=True)
    for region in regions().values():
        assert by_key[region.code].region_code == region.code
        assert by_key[key(region.name)].region_code == region.code


def test_sql_makes_the_same_key() -> None:
    for text in ("Kab. Tuban", "kota  kediri*", "D.I. Yogyakarta¹", "35.22", "Kab.\tPacitan"):
        (in_sql,) = duckdb.sql(
            "select upper(regexp_replace($x, '[^A-Za-z0-9]', '', 'g'))", params={"x": text}
        ).fetchall()[0]
        assert in_sql == key(text)


def test_clean_takes_markup_and_footnote_marks_away() -> None:
    assert clean("&lt;b&gt;Kab. Tuban&lt;/b&gt; *") == "Kab. Tuban"
    assert clean("Papua<br />Barat 12)") == "Papua Barat"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kab-bojonegoro", "3522"),
        ("Roster PKH Kota Kediri.xlsx", "3571"),
        ("kota_blitar/tksk.csv", "3572"),
        ("RosterKabTuban2023", "3523"),
        ("Kab. Tuban, Provinsi Jawa Timur", "3523"),
        ("DAFTAR TAGANA KAB. MADIUN", "3519"),
        ("Roster Lamongan", "3524"),
        ("roster_3522_2023", "3522"),
        ("Garis Kemiskinan Menurut Kabupaten/Kota di Jawa Timur", "3500"),
        ("Kab. Madiun Kec. Kediri", "3519"),
        ("Data Kota Bandung", "3273"),
        # nothing, several, or ambiguous
        ("Roster Kediri", None),
        ("KAB/KOTA: KEDIRI", None),
        ("Kabupaten Kediri dan Kota Kediri", None),
        ("Roster Bakorwil Bojonegoro 20-11-2023", None),
        ("Rekap Bank Jatim 2023", None),
        ("Daftar Batang", None),
        ("PKH 1173 orang", None),
        ("", None),
    ],
)
def test_a_text_names_exactly_one_region_or_none(text: str, code: str | None) -> None:
    assert find_in_text(text) == code


def test_without_a_province_every_name_in_a_text_counts() -> None:
    assert find_in_text("Kemiskinan Aceh Besar 2023", within=None) == "1108"
    assert find_in_text("Kemiskinan Aceh 2023", within=None) == "1100"


def full_names() -> list[tuple[str, str, str]]:
    """(code, level, name) of every region."""
    return [(region.code, region.level, region.name) for region in regions().values()]


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.sampled_from(full_names()), st.integers(min_value=0, max_value=2**32 - 1))
def test_capitals_punctuation_markup_and_marks_never_change_the_answer(region: tuple[str, str, str], seed: int) -> None:
    code, level, name = region
    rng = Random(seed)
    short = rng.choice(["Kabupaten", "Kab.", "KAB", "kab "]) if name.startswith("Kabupaten ") else ""
    written = name.replace("Kabupaten", short, 1) if short else name
    written = rng.choice([str, str.upper, str.lower, str.title])(written)
    written = rng.choice([" ", "  ", "\u00a0", " - ", "."]).join(written.split())
    written = rng.choice(["{}", " {} ", "<b>{}</b>", "&lt;i&gt;{}&lt;/i&gt;", "{}*", "{} 1)", "{} **)", "({})"]).format(
        written
    )
    assert resolve(written, within=code[:2] + "00", level=level).region_code == code  # type: ignore[arg-type]
    assert resolve(written, within=None) in (Resolution(code, ambiguous=False), resolve(name, within=None))


def test_a_bare_name_of_several_regions_is_never_guessed() -> None:
    """Without a province, a level or the word that tells them apart, a shared name is ambiguous."""
    by_name: dict[tuple[str, str], set[str]] = defaultdict(set)
    for region in regions().values():
        for name in (region.bare, *region.aliases):
            by_name[region.level, key(name)].add(region.code)
    shared = {name: codes for (level, name), codes in by_name.items() if level == "kabkota" and len(codes) > 1}
    assert len(shared) > 20
    for name, codes in shared.items():
        assert resolve(name, within=None, level="kabkota") == AMBIGUOUS, (name, codes)
    unshared = [(level, name) for (level, name), codes in by_name.items() if level != "kabkota" and len(codes) > 1]
    assert unshared == [], "no province and no country shares a name with another"


def test_a_word_that_contradicts_the_map_names_nothing() -> None:
    kinds = {(key(region.bare), region.kind) for region in regions().values() if region.level == "kabkota"}
    aliases_of_kind = {(key(alias), region.kind) for region in regions().values() for alias in region.aliases}
    for name, kind in kinds:
        other, words = (
            ("kota", ("Kota {}", "{} City")) if kind == "kabupaten" else ("kabupaten", ("Kab. {}", "{} Regency"))
        )
        if (name, other) not in kinds | aliases_of_kind:
            for word in words:
                found = resolve(word.format(name), within=None).region_code
                assert found is None or key(regions()[found].bare) != name, (word, name, found)


@pytest.mark.shared
def test_every_name_of_the_shared_data_resolves_as_its_code_says(shared: Path) -> None:
    def rows(path: str, delimiter: str = ",") -> list[dict[str, str]]:
        with (shared / path).open(encoding="utf-8-sig", newline="") as handle:
            return list(csv.DictReader(handle, delimiter=delimiter))

    wilayah = rows("wilayah/kabkota_jatim.csv")
    assert [resolve(row["nama"]).region_code for row in wilayah] == [row["kode_bps"] for row in wilayah]
    assert [resolve(row["kode_kemendagri"]).region_code for row in wilayah] == [row["kode_bps"] for row in wilayah]
    offices = rows("wilayah/bakorwil_jatim.csv")
    assert [resolve(row["nama"]).region_code for row in offices] == [row["kode_bps"] for row in offices]
    geo = json.loads((shared / "wilayah/kabkota_jatim.geojson").read_text("utf-8"))
    for feature in geo["features"]:
        assert resolve(feature["properties"]["nama"]).region_code == feature["properties"]["kode_bps"]
    districts = rows("wilayah/kecamatan_jatim.csv")
    assert {resolve(row["kode_kemendagri"][:5]).region_code for row in districts} == {
        row["kode_kabkota_bps"] for row in districts
    }
    whole = rows("bps/nasional_kabkota/Klasifikasi Tingkat Kemiskinan di Indonesia.csv", ";")
    found = set()
    for row in whole:
        province = resolve(row["Provinsi"], level="province").region_code
        assert province, row["Provinsi"]
        code = resolve(row["Kab/Kota"], bare_is="kabupaten", within=province, level="kabkota").region_code
        assert code, row["Kab/Kota"]
        found.add(code)
    assert len(whole) == len(found) == 514
    template = CalamineWorkbook.from_path(str(shared / "roster/FORMAT_PENDATAAN_TKSK.xlsx")).get_sheet_by_index(0)
    heads, *people = template.to_python()
    places = [at for at, head in enumerate(heads) if "kab" in str(head).casefold()]
    labels = {str(person[at]) for person in people for at in places if person[at]}
    assert all(resolve(label) != UNKNOWN for label in labels), labels


@pytest.mark.shared
def test_every_label_of_the_api_answer_resolves_to_its_own_code(shared: Path) -> None:
    answer = json.loads((shared / "bps_api" / "data_0000_var624_th125.json").read_text("utf-8"))
    assert len(answer["vervar"]) == 552
    for item in answer["vervar"]:
        code = str(item["val"])
        level = "province" if code.endswith("00") else "kabkota"
        province = code[:2] + "00"
        found = resolve(item["label"], bare_is="kabupaten", level=level, within=province).region_code
        assert found == code, item["label"]


@pytest.mark.shared
def test_seed_agrees_with_the_regions_of_east_java(shared: Path) -> None:
    with (shared / "wilayah" / "kabkota_jatim.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    codes = {re.sub(r"\D", "", row["kode_bps"]) for row in rows}
    assert len(codes) == 38
    assert codes == {region.code for region in regions().values() if region.parent == "3500"}
