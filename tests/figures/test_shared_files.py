"""Every BPS file and API answer of the shared data folder: what must come out, published errors included.

Published errors are read as printed; the warehouse judges them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pilar.figures import Figure, Reading
from pilar.reading.model import Rejected

pytestmark = pytest.mark.shared

Read = Callable[[str], list[Reading]]

COUNT, RATE, LINE = "poor_people_thousand", "poverty_rate_pct", "poverty_line_idr"
P1, P2 = "depth_index_p1", "severity_index_p2"
PEOPLE = "population_thousand"

PROVINCES = "bps/provinsi/Jumlah dan Persentase Penduduk Miskin Menurut Provinsi, {}.csv"
LONG = "bps/provinsi/Jumlah Penduduk Miskin (Ribu Jiwa) Menurut Provinsi dan Daerah Tahun 2018-2022.csv"
WIDE = "bps/provinsi/jumlah_penduduk_miskin_provinsi_daerah_semester_2007_2026.csv"
BOOK = "bps/provinsi/kemiskinan_provinsi_semester_2016_2021.xlsx"
LINES = "bps/jatim_kabkota/Garis Kemiskinan Menurut Kabupaten_Kota di Jawa Timur, {}.csv"
RATES = "bps/jatim_kabkota/Persentase Penduduk Miskin Menurut Kabupaten_Kota di Jawa Timur, {}.csv"
POPULATION = (
    "bps/jatim_kabkota/Penduduk, Laju Pertumbuhan Penduduk, Distribusi Persentase Penduduk Kepadatan Penduduk, "
    "Rasio Jenis Kelamin Penduduk Menurut Kabupaten_Kota di Provinsi Jawa Timur, 2023.csv"
)
DERIVED = "bps/jatim_kabkota/gk_p1_p2_jatim_2025.csv"
CLASSES = "bps/nasional_kabkota/Klasifikasi Tingkat Kemiskinan di Indonesia.csv"
COUNTS_SERIES = "bps/nasional_kabkota/jatim_jumlah_penduduk_miskin_2004_2025.csv"
RATES_SERIES = "bps/nasional_kabkota/jatim_persentase_penduduk_miskin_p0_2004_2025.csv"
API = "bps_api/data_0000_var624_th125.json"

READ = {
    PROVINCES.format(2015): {COUNT: 70, RATE: 70},
    PROVINCES.format(2017): {LINE: 35, COUNT: 70, RATE: 70},
    PROVINCES.format(2019): {LINE: 35, COUNT: 35, RATE: 35},
    PROVINCES.format(2020): {LINE: 35, COUNT: 35, RATE: 35},
    PROVINCES.format(2021): {LINE: 35, COUNT: 35, RATE: 35},
    PROVINCES.format(2022): {LINE: 35, COUNT: 35, RATE: 35},
    PROVINCES.format(2023): {LINE: 35, COUNT: 35, RATE: 35},
    LONG: {COUNT: 315},
    WIDE: {COUNT: 766},
    BOOK: {COUNT: 1224, RATE: 1224, LINE: 1224, P1: 1212},
    LINES.format(2022): {LINE: 39},
    LINES.format(2023): {LINE: 39},
    RATES.format(2022): {RATE: 39},
    RATES.format(2023): {RATE: 39},
    POPULATION: {PEOPLE: 39},
    DERIVED: {LINE: 38, P1: 38, P2: 38},
    COUNTS_SERIES: {COUNT: 845},
    RATES_SERIES: {RATE: 858},
    API: {LINE: 552},
}
REJECTED = {
    CLASSES: ("TABLE_NOT_UNDERSTOOD", "understood 514 regions, indicator poverty_rate_pct", "missing: year"),
    "bps_api/var_ids_kemiskinan.csv": ("TABLE_NOT_UNDERSTOOD", "understood 0 regions", "missing: region names"),
    "bps_api/data_0000_1804.json": ("API_NOT_POVERTY", "Variable 1804 is no poverty indicator", ""),
    "bps_api/th_0000_1804.json": ("API_NOT_POVERTY", "a list or another table", ""),
    "bps_api/var_0000_p1.trimmed.json": ("API_NOT_POVERTY", "a list or another table", ""),
    "bps_api/data_list_not_available.json": ("API_NOT_AVAILABLE", "", ""),
    "bps_api/data_null_too_large.json": ("API_ERROR_ANSWER", "too large", ""),
    "bps_api/error_bad_key.json": ("API_ERROR_ANSWER", "not Allowed to take this action", ""),
    "bps_api/error_data_missing_th.json": ("API_ERROR_ANSWER", "'th' parameter is required", ""),
    "bps_api/error_data_too_many_th.json": ("API_ERROR_ANSWER", "maximum allowed number of years", ""),
}


def figures(readings: list[Reading], **wanted: str) -> Iterator[Figure]:
    for reading in readings:
        yield from (f for f in reading.figures if all(getattr(f, name) == value for name, value in wanted.items()))


def one(readings: list[Reading], **wanted: str) -> str | None:
    (found,) = figures(readings, **wanted)
    return found.value


def test_no_file_is_forgotten(shared: Path) -> None:
    there = {str(path.relative_to(shared)) for top in ("bps", "bps_api") for path in (shared / top).rglob("*.*")}
    assert there == {*READ, *REJECTED}


@pytest.mark.parametrize(("name", "counts"), READ.items(), ids=lambda value: str(value)[-60:])
def test_a_table_gives_its_figures(read_shared: Read, name: str, counts: dict[str, int]) -> None:
    found = list(figures(read_shared(name)))
    assert Counter(figure.indicator for figure in found) == counts
    assert all(figure.region_code and figure.value is not None for figure in found)
    assert {figure.table_period for figure in found} == {max(figure.period for figure in found)}


@pytest.mark.parametrize(("name", "reason"), REJECTED.items(), ids=lambda value: str(value)[-60:])
def test_a_file_without_figures_is_rejected_with_its_reason(
    read_shared: Read, name: str, reason: tuple[str, str, str]
) -> None:
    rule_code, *sentences = reason
    with pytest.raises(Rejected) as rejected:
        read_shared(name)
    assert rejected.value.rule_code == rule_code
    assert all(sentence in rejected.value.detail_en for sentence in sentences)


@pytest.mark.parametrize("name", [COUNTS_SERIES, LONG, PROVINCES.format(2021), WIDE, BOOK])
def test_the_base_of_the_claim(read_shared: Read, name: str) -> None:
    wanted = {"region_code": "3500", "area_type": "total", "period": "2021-03", "indicator": COUNT}
    assert one(read_shared(name), **wanted) == "4572.73"


@pytest.mark.parametrize("name", [COUNTS_SERIES, PROVINCES.format(2023), WIDE])
def test_the_end_of_the_claim(read_shared: Read, name: str) -> None:
    wanted = {"region_code": "3500", "area_type": "total", "period": "2023-03", "indicator": COUNT}
    assert one(read_shared(name), **wanted) == "4188.81"


def test_east_java_by_half_year(read_shared: Read) -> None:
    series = {
        "2020-03": ("4419.1", "11.09"),
        "2020-09": ("4585.97", "11.46"),
        "2021-03": ("4572.73", "11.4"),
        "2021-09": ("4259.6", "10.59"),
        "2022-03": ("4181.29", "10.38"),
        "2022-09": ("4236.51", None),
        "2023-03": ("4188.81", "10.35"),
        "2023-09": (None, None),
    }
    names = [name for name in READ if name != API]
    for period, (count, rate) in series.items():
        for indicator, value in ((COUNT, count), (RATE, rate)):
            wanted = {"region_code": "3500", "area_type": "total", "period": period, "indicator": indicator}
            found = {figure.value for name in names for figure in figures(read_shared(name), **wanted)}
            assert found == ({value} if value else set()), (period, indicator)


def test_38_kabkota_and_their_province_and_no_39th(read_shared: Read) -> None:
    for name in (RATES.format(2023), LINES.format(2023), RATES.format(2022), LINES.format(2022)):
        codes = [figure.region_code for figure in figures(read_shared(name))]
        assert len(codes) == len(set(codes)) == 39
        assert codes[-1] == "3500"
    assert one(read_shared(RATES.format(2023)), region_label="Kediri") == "10.72"
    assert one(read_shared(RATES.format(2023)), region_code="3506", period="2023-03") == "10.72"
    assert one(read_shared(RATES.format(2023)), region_code="3571", period="2023-03") == "7.15"
    assert one(read_shared(LINES.format(2023)), region_code="3522", period="2023-03") == "435936"


def test_published_errors_are_read_as_printed(read_shared: Read) -> None:
    country = {"region_code": "0000", "area_type": "total"}
    assert one(read_shared(PROVINCES.format(2022)), **country, indicator=LINE, period="2022-03") == "505"
    assert one(read_shared(PROVINCES.format(2017)), **country, indicator=RATE, period="2017-03") == "10.12"
    assert one(read_shared(PROVINCES.format(2017)), **country, indicator=RATE, period="2017-09") == "10.12"
    for year in (2007, 2008, 2009, 2010, 2011, 2013):
        assert one(read_shared(WIDE), **country, period=f"{year}-09") == "28553.93"
    zeros = [(f.period, f.area_type) for f in figures(read_shared(WIDE), region_code="3100", value="0")]
    assert zeros == [(p, "rural") for p in ("2011", "2013-03", "2015-09", "2016-03", "2016-09")]


def test_the_wide_table_knows_its_three_header_levels(read_shared: Read) -> None:
    (reading,) = read_shared(WIDE)
    assert reading.header_row == 4
    assert {figure.table_title for figure in reading.figures} == {
        "Jumlah Penduduk Miskin (Ribu Jiwa) Menurut Provinsi dan Daerah"
    }
    first = next(figures([reading], region_code="3500"))
    assert (first.period, first.area_type, first.value_text, first.unit) == ("2007", "urban", "2575.7", "ribu jiwa")
    assert one([reading], region_code="3500", area_type="rural", period="2021-03") == "2732.51"
    assert reading.skipped["trailer"] == 1


def test_yearly_tables_name_the_month_only_where_it_is_known(read_shared: Read) -> None:
    periods = {figure.period for figure in figures(read_shared(RATES_SERIES))}
    assert periods == {str(year) for year in range(2004, 2015)} | {f"{year}-03" for year in range(2015, 2026)}
    assert one(read_shared(COUNTS_SERIES), region_code="3579", period="2025-03") == "6.22"


def test_september_may_stand_before_march(read_shared: Read) -> None:
    (reading,) = read_shared(LONG)
    assert one([reading], region_code="0000", period="2018-09") == "25674.58"
    assert one([reading], region_code="0000", period="2018-03") == "25949.8"
    assert not list(figures([reading], period="2022-09"))


def test_the_workbook_keeps_its_period_and_carries_the_date_that_contradicts_it(read_shared: Read) -> None:
    found = list(figures(read_shared(BOOK)))
    contradicted = [f for f in found if f.date_text and not f.date_text.startswith(f.period)]
    assert {(f.period, f.date_text) for f in contradicted} == {("2018-03", "2016-03-31"), ("2018-09", "2016-09-30")}
    assert len({f.source_row for f in contradicted}) == 205
    twice = [
        f for f in found if (f.region_code, f.area_type, f.period, f.indicator) == ("1100", "rural", "2018-03", RATE)
    ]
    assert [(f.value, f.source_row) for f in twice] == [("18.49", 546), ("18.52", 580)]
    # A formula's cell holds 530654.8200000001.
    assert next(f.value for f in found if f.source_row == 450 and f.indicator == LINE) == "530654.82"
    assert read_shared(BOOK)[0].ignored_headers == [
        "Garis Kemiskinan Non-Makanan (Rupiah/Kapita/Bulan)",
        "Garis Kemiskinan Makanan (Rupiah/Kapita/Bulan)",
        "Gini Ratio",
    ]


def test_columns_of_other_matters_are_left_out_and_listed(read_shared: Read) -> None:
    (reading,) = read_shared(DERIVED)
    assert set(reading.ignored_headers) == {
        "Jumlah Penerima Bantuan Sosial", "UMK (Rupiah)", "TPT (Persen)", "Gini Rasio", "Rasio UMK & GK",
    }  # fmt: skip
    assert one([reading], region_code="3501", indicator=P1) == "1.77"
    assert one([reading], region_code="3501", indicator=P2, period="2025-03") == "0.36"


def test_of_the_population_table_only_people_are_read(read_shared: Read) -> None:
    (reading,) = read_shared(POPULATION)
    assert reading.ignored_headers == [
        "Laju Pertumbuhan Penduduk per Tahun",
        "Persentase Penduduk",
        "Kepadatan Penduduk per km persegi (Km2)",
        "Rasio Jenis Kelamin Penduduk",
    ]
    assert {(f.period, f.unit) for f in reading.figures} == {("2023", "ribu jiwa")}, "mid-year, so no month of ours"
    assert one([reading], region_code="3500") == "41527.9"
    assert (one([reading], region_code="3506"), one([reading], region_code="3571")) == ("1677.2", "295.2")


def test_the_api_answer_says_the_same_as_the_table(read_shared: Read) -> None:
    (answer,) = read_shared(API)
    by_table = {f.region_code: f.value for f in figures(read_shared(DERIVED), indicator=LINE)}
    by_answer = {f.region_code: f.value for f in answer.figures}
    assert len(by_answer) == 552
    assert {code: by_answer[code] for code in by_table} == by_table
    probolinggo = next(figures([answer], region_code="3574"))
    assert (probolinggo.source_column, probolinggo.value, probolinggo.period) == ("357462401250", "683244", "2025-03")
    assert (probolinggo.released_on, probolinggo.unit) == ("2025-12-01", "rupiah/kapita/bulan")
    assert answer.figures[0].region_label == "ACEH"
    assert answer.figures[0].source_row == 1
