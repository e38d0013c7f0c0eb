"""Words → indicator, area, period, unit. A new indicator needs a row here."""

from __future__ import annotations

import pytest

from pilar.figures.indicators import indicators
from pilar.figures.vocabulary import facets, first_area, indicator_of, normal, period, unit_of


@pytest.mark.parametrize(
    ("text", "indicator", "unit"),
    [
        ("Jumlah Penduduk Miskin (Ribu Jiwa) Menurut Provinsi dan Daerah", "poor_people_thousand", "ribu jiwa"),
        ("Jumlah Penduduk Miskin - Maret (ribu) (Ribu)", "poor_people_thousand", "ribu jiwa"),
        ("Number of Poor People (000)", "poor_people_thousand", "ribu jiwa"),
        ("Persentase Penduduk Miskin (P0) Menurut Kabupaten/Kota (Persen)", "poverty_rate_pct", "persen"),
        ("Persentase Penduduk Miskin %", "poverty_rate_pct", "persen"),
        ("P0", "poverty_rate_pct", None),
        ("Tingkat Kemiskinan", "poverty_rate_pct", None),
        ("Garis Kemiskinan (Rupiah/Bulan/Kapita)", "poverty_line_idr", "rupiah/kapita/bulan"),
        ("Garis Kemiskinan - Maret (Rp)", "poverty_line_idr", "rupiah/kapita/bulan"),
        ("Garis Kemiskinan Makanan + Non Makanan", "poverty_line_idr", None),
        ("Indeks Kedalaman Kemiskinan (P1)", "depth_index_p1", None),
        ("Indeks Keparahan Kemiskinan (P2) (Persen)", "severity_index_p2", "persen"),
        ("Garis Kemiskinan Non-Makanan", None, None),
        ("Rasio UMK & GK", None, None),
        ("Klasifikasi Tingkat Kemiskinan", None, None),
        ("Garis Kemiskinan (Ribu Rupiah)", "poverty_line_idr", "ribu rupiah/kapita/bulan"),
        ("Number of Population Below the Poverty Line (thousand people)", "poor_people_thousand", "ribu jiwa"),
        ("Jumlah Orang Miskin", "poor_people_thousand", None),
        ("Jumlah Penduduk (Ribu Jiwa) Menurut Kabupaten/Kota dan Jenis Kelamin", "population_thousand", "ribu jiwa"),
        ("Jumlah Penduduk Pertengahan Tahun (Ribu)", "population_thousand", "ribu jiwa"),
        ("Jumlah Penduduk Jawa Timur 2024", "population_thousand", None),
        ("Population (Million)", "population_thousand", "juta jiwa"),
        ("Penduduk Usia Kerja (Ribu Jiwa)", None, None),
        ("Jumlah Penduduk Tidak Miskin", None, None),
        ("Kepadatan Penduduk (Jiwa/Km2)", None, None),
        ("Jumlah Penduduk Miskin dan Jumlah Penduduk", None, None),
        (
            "[Seri 2010] Produk Domestik Regional Bruto Atas Dasar Harga Berlaku Menurut Provinsi (Miliar Rupiah)",
            "grdp_billion_idr",
            "miliar rupiah",
        ),
        ("PDRB ADHB (Rp Triliun)", "grdp_billion_idr", "triliun rupiah"),
        ("PDRB Atas Dasar Harga Berlaku per Kapita (Juta Rupiah)", None, None),
        ("PDRB Atas Dasar Harga Konstan 2010 (Miliar Rupiah)", None, None),
        ("Laju Pertumbuhan PDRB Atas Dasar Harga Berlaku (Persen)", None, None),
        ("Persentase Penduduk", None, None),
        ("Penduduk Miskin", None, None),
    ],
)
def test_a_title_names_an_indicator_and_its_unit(text: str, indicator: str | None, unit: str | None) -> None:
    assert indicator_of([facets(text)]) == indicator
    if indicator:
        assert unit_of([facets(text)], indicator) == unit


def test_every_indicator_is_named_by_a_row_above() -> None:
    (mark,) = test_a_title_names_an_indicator_and_its_unit.pytestmark  # type: ignore[attr-defined]
    assert {row[1] for row in mark.args[1]} - {None} == set(indicators())


def test_the_nearest_text_wins_and_another_matter_stops_the_search() -> None:
    title = facets("Jumlah dan Persentase Penduduk Miskin")
    assert indicator_of([title]) is None, "a title of two indicators names neither"
    assert indicator_of([facets("Ribu jiwa"), title]) == "poor_people_thousand"
    assert indicator_of([facets("%"), title]) == "poverty_rate_pct"
    assert indicator_of([facets("UMK"), facets("Garis Kemiskinan")]) is None
    assert indicator_of([facets("2023"), facets("Maret"), facets("Garis Kemiskinan")]) == "poverty_line_idr"


@pytest.mark.parametrize(
    ("text", "year", "month", "area"),
    [
        ("Semester 1 (Maret) 2021", 2021, "03", None),
        ("Semester II 2020", 2020, "09", None),
        ("Sept 2019", 2019, "09", None),
        ("2022 Perkotaan", 2022, None, "urban"),
        ("Pedesaan", None, None, "rural"),
        ("Perkotaan+Perdesaan", None, None, "total"),
        ("Kota", None, None, "urban"),
        ("Kabupaten/Kota", None, None, None),
        ("Jumlah", None, None, "total"),
        ("Tahunan", None, "year", None),
        ("Maret dan September 2021", 2021, None, None),
        ("Tahun 2018-2022", None, None, None),
        ("data_2004_2025", None, None, None),
        ("unduhan 20231124", None, None, None),
        ("134/2016", 2016, None, None),
        ("[Seri 2010]", None, None, None),
    ],
)
def test_period_and_area(text: str, year: int | None, month: str | None, area: str | None) -> None:
    said = facets(text)
    assert (said.year, said.month, said.area) == (year, month, area)


def test_area_defaults_to_the_whole() -> None:
    assert first_area([facets("2021"), facets("UMK")]) == "total"


def test_the_month_of_a_yearly_figure_is_known_by_the_indicator_and_only_since_2015() -> None:
    assert period(2023, None, "poverty_rate_pct", yearly=True) == "2023-03"
    assert period(2014, None, "poverty_rate_pct", yearly=True) == "2014"
    assert period(2023, None, "population_thousand", yearly=True) == "2023"
    assert period(2023, "06", "population_thousand", yearly=True) == "2023-06"
    assert period(2023, None, "poverty_rate_pct", yearly=False) == "2023"
    assert period(2023, "year", "poverty_rate_pct", yearly=False) == "2023"
    assert period(2010, "03", "poverty_rate_pct", yearly=False) == "2010-03"


def test_normal_text_has_no_markup() -> None:
    assert normal("<b>Garis Kemiskinan</b>&nbsp;(Rp) 5%") == "garis kemiskinan rp 5 persen"
