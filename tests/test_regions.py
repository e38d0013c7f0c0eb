"""The resolver: one spelling, one meaning, and no guess."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import duckdb
import pytest

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
    ],
)
def test_a_label_names_one_region(label: str, code: str) -> None:
    assert resolve(label) == Resolution(code, ambiguous=False)


@pytest.mark.parametrize("label", ["", "-", "Kabupaten Surabaya", "Kota Bojonegoro", "Atlantis", "3599", "Keterangan"])
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
