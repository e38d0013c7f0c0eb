"""Shapes beside BPS's own: turned tables, one region to a table, several tables to a sheet; and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pilar.figures import numbers, read, understand
from pilar.reading.model import Rejected, Sheet, Value

Row = dict[str, str | int | None]
ReadText = Callable[..., list[Row]]


def brief(rows: list[Row]) -> list[tuple[str | int | None, ...]]:
    return [(r["region_code"], r["area_type"], r["period"], r["indicator"], r["value"]) for r in rows]


def places(rows: list[Row]) -> list[tuple[str | int | None, ...]]:
    return [(r["source_row"], r["source_column"], r["value"]) for r in rows]


def test_a_turned_figure_names_the_cell_that_a_person_opens(read_text: ReadText) -> None:
    rows = read_text(
        "Statistik Kemiskinan 2023,,\n"
        "Uraian,Kab. Tuban,Kota Batu\n"
        "Garis Kemiskinan (Rupiah/Kapita/Bulan),441.166,619.246\n"
        'Persentase Penduduk Miskin (Persen),"14,91","3,31"\n'
        "UMK (Rupiah),2739224,3030367\n"
        "Sumber: BPS 2024,,\n"
    )
    assert brief(rows) == [
        ("3523", "total", "2023-03", "poverty_line_idr", "441166"),
        ("3579", "total", "2023-03", "poverty_line_idr", "619246"),
        ("3523", "total", "2023-03", "poverty_rate_pct", "14.91"),
        ("3579", "total", "2023-03", "poverty_rate_pct", "3.31"),
    ]
    assert places(rows) == [(3, "2", "441166"), (3, "3", "619246"), (4, "2", "14.91"), (4, "3", "3.31")]


def test_one_region_whose_name_stands_in_the_title_alone(read_text: ReadText) -> None:
    rows = read_text(
        "Tabel 3. Perkembangan Kemiskinan di Kabupaten Bojonegoro,,\n"
        "Tahun,Jumlah Penduduk Miskin (000),Persentase Penduduk Miskin\n"
        "2014,190.95,15.48\n2022,153.40,12.21\n2023,153.25,12.18\n"
    )
    assert [(r["region_code"], r["period"], r["value"]) for r in rows if r["indicator"] == "poverty_rate_pct"] == [
        ("3522", "2014", "15.48"),
        ("3522", "2022-03", "12.21"),
        ("3522", "2023-03", "12.18"),
    ]
    assert {r["region_label"] for r in rows} == {"Kabupaten Bojonegoro"}


def test_years_and_months_of_one_province_in_one_column(read_text: ReadText) -> None:
    rows = read_text(
        "Persentase Penduduk Miskin Jawa Timur (persen),,,\n"
        "Tahun/Bulan,Perkotaan,Perdesaan,Jumlah\n"
        "2022,,,\nMaret,7.71,13.69,10.38\nSeptember,7.78,13.90,10.49\n2023,,,\nMaret,7.50,13.98,10.35\n"
    )
    assert [(r["area_type"], r["period"], r["value"]) for r in rows] == [
        ("urban", "2022-03", "7.71"),
        ("rural", "2022-03", "13.69"),
        ("total", "2022-03", "10.38"),
        ("urban", "2022-09", "7.78"),
        ("rural", "2022-09", "13.90"),
        ("total", "2022-09", "10.49"),
        ("urban", "2023-03", "7.50"),
        ("rural", "2023-03", "13.98"),
        ("total", "2023-03", "10.35"),
    ]


def test_a_section_of_an_area_holds_for_the_regions_below_it(read_text: ReadText) -> None:
    rows = read_text(
        "Provinsi,Persentase Penduduk Miskin Maret 2023\nPerkotaan,\nJAWA TIMUR,7.50\nBALI,3.77\n"
        "Perdesaan,\nJAWA TIMUR,13.98\nBALI,5.33\n"
    )
    assert [(r["region_code"], r["area_type"], r["value"]) for r in rows] == [
        ("3500", "urban", "7.50"),
        ("5100", "urban", "3.77"),
        ("3500", "rural", "13.98"),
        ("5100", "rural", "5.33"),
    ]


def test_a_section_of_a_part_of_the_people_gives_nothing(read_text: ReadText) -> None:
    with pytest.raises(Rejected, match="an indicator"):
        read_text("Provinsi,Persentase Penduduk Miskin Maret 2023\nLaki-laki,\nJAWA TIMUR,7.50\nBALI,3.77\n")
    with pytest.raises(Rejected, match="an indicator"):
        read_text("Provinsi,Jenis Kelamin,Persentase Penduduk Miskin Maret 2023\nJAWA TIMUR,Perempuan,10.5\n")


def test_tables_below_each_other_keep_their_own_titles(read_text: ReadText) -> None:
    rows = read_text(
        "Persentase Penduduk Miskin (Persen) 2022,,\nKab/Kota,Perkotaan,Perdesaan\n"
        "Kab. Tuban,11.1,17.2\nKab. Ngawi,9.9,16.1\n"
        "Sumber: BPS 2019,,\n,,\n"
        "Garis Kemiskinan (Rupiah) 2023,,\n,,\nKab/Kota,Garis Kemiskinan,UMK\nKab. Tuban,441166,2739224\n,,\n"
        "Jumlah Penduduk (Ribu Jiwa),,\nKab/Kota,2021,2022\nKab. Tuban,1203.1,1209.5\n"
    )
    assert brief(rows) == [
        ("3523", "urban", "2022-03", "poverty_rate_pct", "11.1"),
        ("3523", "rural", "2022-03", "poverty_rate_pct", "17.2"),
        ("3521", "urban", "2022-03", "poverty_rate_pct", "9.9"),
        ("3521", "rural", "2022-03", "poverty_rate_pct", "16.1"),
        ("3523", "total", "2023-03", "poverty_line_idr", "441166"),
        ("3523", "total", "2021", "population_thousand", "1203.1"),
        ("3523", "total", "2022", "population_thousand", "1209.5"),
    ]
    assert places(rows)[4:] == [(10, "2", "441166"), (14, "2", "1203.1"), (14, "3", "1209.5")]


def test_tables_beside_each_other_keep_their_own_titles_or_share_one(read_text: ReadText) -> None:
    rows = read_text(
        "Persentase Penduduk Miskin 2022,,,Garis Kemiskinan (Rp) 2023,,\n"
        "Kab/Kota,Persen,,Kab/Kota,Rp,UMK\n"
        "Kab. Tuban,13.0,,Kab. Ngawi,402606,2158844\nKab. Ngawi,14.2,,Kab. Tuban,441166,2739224\n"
    )
    assert brief(rows) == [
        ("3523", "total", "2022-03", "poverty_rate_pct", "13.0"),
        ("3521", "total", "2022-03", "poverty_rate_pct", "14.2"),
        ("3521", "total", "2023-03", "poverty_line_idr", "402606"),
        ("3523", "total", "2023-03", "poverty_line_idr", "441166"),
    ]
    assert places(rows)[2] == (3, "5", "402606")
    rows = read_text(
        "Kemiskinan Jawa Timur 2023,,,,\nKab/Kota,P0,,Tahun,P0\n"
        "Kab. Tuban,14.91,,2021,11.40\nKab. Ngawi,14.40,,2022,10.38\n"
    )
    assert brief(rows)[:2] == [
        ("3523", "total", "2023-03", "poverty_rate_pct", "14.91"),
        ("3521", "total", "2023-03", "poverty_rate_pct", "14.40"),
    ]
    assert brief(rows)[2:] == [
        ("3500", "total", "2021", "poverty_rate_pct", "11.40"),
        ("3500", "total", "2022", "poverty_rate_pct", "10.38"),
    ]


def test_a_printed_list_that_goes_on_beside_itself(read_text: ReadText) -> None:
    rows = read_text(
        "Persentase Penduduk Miskin 2023,,,,,\nNo,Kab/Kota,P0,No,Kab/Kota,P0\n"
        "1,Pacitan,13.65,3,Trenggalek,10.63\n2,Ponorogo,9.53,4,Tulungagung,6.53\n"
    )
    assert [(r["region_code"], r["value"]) for r in rows] == [
        ("3501", "13.65"), ("3502", "9.53"), ("3503", "10.63"), ("3504", "6.53"),
    ]  # fmt: skip


def test_the_header_of_a_second_page_is_no_second_table(read_text: ReadText) -> None:
    rows = read_text(
        "Persentase Penduduk Miskin 2023,\nKab/Kota,P0\nPacitan,13.65\n,\nLanjutan Tabel,\nKab/Kota,P0\nPonorogo,9.53\n"
    )
    assert [(r["region_code"], r["value"]) for r in rows] == [("3501", "13.65"), ("3502", "9.53")]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        # Two regions in the title, none in the rows.
        ("Kemiskinan Kabupaten Tuban dan Kabupaten Ngawi,\nTahun,P0\n2022,13.0\n2023,14.9\n", "region names"),
        # A bare name of a regency and a city.
        ("Kemiskinan Kediri,\nTahun,P0\n2022,13.0\n2023,14.9\n", "region names"),
        # The title says that regions follow, and none does.
        ("Persentase Penduduk Miskin Menurut Kabupaten/Kota di Jawa Timur,\nTahun,P0\n2022,13.0\n", "region names"),
        # Regions stand between the rows.
        ("Jawa Timur,\nTahun,P0\nKabupaten Tuban,\n2022,13.0\nKabupaten Ngawi,\n2022,14.9\n", "region names"),
        # Groups that stand over the middle of their columns.
        ("Provinsi,,Perkotaan,,,Perdesaan,\n,2021,2022,2023,2021,2022,2023\n"
         "Persentase Penduduk Miskin,,,,,,\nBALI,1,2,3,4,5,6\n", "an indicator"),
        ("Provinsi,Daerah,Persentase Penduduk Miskin Maret 2023\nBALI,kluster 1,3.1\n", "an indicator"),
        ("Provinsi,Triwulan I 2023\nPersentase Penduduk Miskin,\nBALI,3.1\n", "an indicator"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_apart_is_refused(read_text: ReadText, text: str, missing: str) -> None:
    with pytest.raises(Rejected, match=f"missing: .*{missing}"):
        read_text(text)


def test_a_column_without_the_half_year_that_its_neighbour_names_is_left_out(read_text: ReadText) -> None:
    table = Sheet(
        "s",
        [["Provinsi", "P0 September 2022", "P0 2022", "UMK 2022"], ["BALI", 4.53, 4.57, 1], ["BANTEN", 6.24, 6.16, 2]],
    )
    (reading,) = understand("t.xlsx", [table], None)
    assert [(f.period, f.value) for f in reading.figures] == [("2022-09", "4.53"), ("2022-09", "6.24")]
    assert reading.ignored_headers == ["P0 2022", "UMK 2022"]
    assert reading.skipped["unclear"] == 2


def test_an_unknown_region_in_the_first_row_is_a_finding_and_no_header(read_text: ReadText) -> None:
    rows = read_text("Wilayah,Tahun,Persentase Penduduk Miskin\nSUNDA RAYA,2024,7.0\nBALI,2024,3.8\nBALI,2025,3.7\n")
    assert [(r["region_code"], r["period"], r["value"]) for r in rows] == [
        (None, "2024", "7.0"),
        ("5100", "2024", "3.8"),
        ("5100", "2025", "3.7"),
    ]


def test_a_province_of_later_years_needs_its_row_in_the_seed_only(read_text: ReadText) -> None:
    rows = read_text("Provinsi,Persentase Penduduk Miskin Maret 2023\nPAPUA SELATAN,18.50\nPAPUA BARAT DAYA,20.9\n")
    assert [r["region_code"] for r in rows] == ["9500", "9200"]


def test_a_number_of_cells_is_judged_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the rows are at most some five times the questions: reading is linear."""

    def questions(rows: int) -> int:
        asked = 0
        real = numbers.is_number

        def counted(value: Value) -> bool:
            nonlocal asked
            asked += 1
            return real(value)

        monkeypatch.setattr(numbers, "is_number", counted)
        body: list[list[Value]] = [
            [f"Kab. {'Tuban' if at % 2 else 'Ngawi'}", *[f"{at}.{c}" for c in range(9)]] for at in range(rows)
        ]
        read("t.csv", [Sheet("s", [["Kab/Kota", *[f"P0 {2015 + at}" for at in range(9)]], *body])], None)
        monkeypatch.setattr(numbers, "is_number", real)
        return asked

    assert questions(400) < 5 * questions(100)
