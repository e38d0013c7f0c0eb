"""Small tables in the shapes of BPS and their kin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from pilar.contracts import contract
from pilar.figures import read, understand
from pilar.reading.model import Rejected, Sheet, Value

Row = dict[str, str | int | None]
ReadText = Callable[..., list[Row]]


def brief(rows: list[Row]) -> list[tuple[str | int | None, ...]]:
    return [(r["region_code"], r["area_type"], r["period"], r["indicator"], r["value"]) for r in rows]


def test_rows_have_the_columns_of_the_contract(read_text: ReadText) -> None:
    (row,) = read_text("Kab/Kota,Persentase Penduduk Miskin 2024\nKab. Tuban,14.36\n")
    assert list(row) == [column.name for column in contract("poverty").columns] + ["sheet", "source_row"]
    assert (row["sheet"], row["source_row"], row["source_column"]) == ("lembar", 2, "2")
    assert (row["value_text"], row["unit"], row["region_label"]) == ("14.36", "persen", "Kab. Tuban")


def test_another_year_in_a_title_above_the_header(read_text: ReadText) -> None:
    rows = read_text(
        "Tabel 4.1 Garis Kemiskinan Menurut Kabupaten/Kota di Provinsi Jawa Timur (Rupiah/Kapita/Bulan) 2027,\n"
        ",\n"
        "Kabupaten/Kota,Garis Kemiskinan\n"
        "(1),(2)\n"
        "Pacitan,402.606\n"
        "Kota Batu,713.985\n"
        "Sumber: BPS Provinsi Jawa Timur 2027,\n"
    )
    assert brief(rows) == [
        ("3501", "total", "2027-03", "poverty_line_idr", "402606"),
        ("3579", "total", "2027-03", "poverty_line_idr", "713985"),
    ]
    assert str(rows[0]["table_title"]).startswith("Tabel 4.1 Garis Kemiskinan")


def test_decimal_comma_and_swapped_half_years(read_text: ReadText) -> None:
    rows = read_text(
        "Provinsi;Jumlah Penduduk Miskin (Ribu Jiwa);;Persentase Penduduk Miskin;\n"
        ";September 2024;Maret 2024;September 2024;Maret 2024\n"
        "JAWA TIMUR;3.893,82;3.982,69;9,56;9,79\n"
        "INDONESIA;24.060;25.220,5;8,57;9,03\n"
    )
    assert brief(rows)[:4] == [
        ("3500", "total", "2024-09", "poor_people_thousand", "3893.82"),
        ("3500", "total", "2024-03", "poor_people_thousand", "3982.69"),
        ("3500", "total", "2024-09", "poverty_rate_pct", "9.56"),
        ("3500", "total", "2024-03", "poverty_rate_pct", "9.79"),
    ]
    # `24.060` alone could be either; the table's comma says that the point groups thousands.
    assert brief(rows)[4] == ("0000", "total", "2024-09", "poor_people_thousand", "24060")


def test_four_header_rows_with_a_vertically_merged_neighbour(read_text: ReadText) -> None:
    rows = read_text(
        "Wilayah,Persentase Penduduk Miskin Menurut Provinsi dan Daerah,,,,,,Gini\n"
        ",Perkotaan,,Perdesaan,,Jumlah,,\n"
        ",2024,,2024,,2024,,2024\n"
        ",Semester 1 (Maret),Semester 2 (September),Semester 1 (Maret),Semester 2 (September),"
        "Semester 1 (Maret),Semester 2 (September),Semester 1 (Maret)\n"
        "Bali,3.5,3.3,5.2,5.1,4.0,3.8,0.36\n"
    )
    assert brief(rows) == [
        ("5100", "urban", "2024-03", "poverty_rate_pct", "3.5"),
        ("5100", "urban", "2024-09", "poverty_rate_pct", "3.3"),
        ("5100", "rural", "2024-03", "poverty_rate_pct", "5.2"),
        ("5100", "rural", "2024-09", "poverty_rate_pct", "5.1"),
        ("5100", "total", "2024-03", "poverty_rate_pct", "4.0"),
        ("5100", "total", "2024-09", "poverty_rate_pct", "3.8"),
    ]


def test_jumlah_beside_persentase_is_a_count_and_not_an_area(read_text: ReadText) -> None:
    rows = read_text("Kab/Kota,Penduduk Miskin 2023,\n,Jumlah,Persentase\nKab. Ngawi,115.5,14.4\n")
    assert brief(rows) == [
        ("3521", "total", "2023-03", "poor_people_thousand", "115.5"),
        ("3521", "total", "2023-03", "poverty_rate_pct", "14.4"),
    ]


def test_merged_cells_are_filled_and_a_blank_header_inherits_nothing() -> None:
    grid: list[list[Value]] = [
        ["Kabupaten/Kota", "Persentase Penduduk Miskin", None, None],
        [None, 2022, 2023, None],
        ["Pacitan", 13.8, 13.65, 99],
    ]
    sheet = Sheet("Tabel", grid, merged=[((0, 1), (0, 2)), ((0, 0), (1, 0))])
    (reading,) = understand("t.xlsx", [sheet], None)
    assert [(f.period, f.value) for f in reading.figures] == [("2022-03", "13.8"), ("2023-03", "13.65")]
    assert len(reading.ignored_headers) == 1


def test_numbers_as_text_formulas_and_missing_marks() -> None:
    grid: list[list[Value]] = [
        ["Provinsi", "Jumlah Penduduk Miskin Maret 2021 (ribu)", "Persentase Penduduk Miskin Maret 2021"],
        ["JAWA TIMUR", " 4572.73 ", 11.4],
        ["BALI", 201.97000000000003, "4.53*"],
        ["PAPUA SELATAN", "...", "–"],
        ["PAPUA TENGAH", "-", "NA"],
        ["BANTEN", "n.a.", "#REF!"],
    ]
    rows = read("t.xlsx", [Sheet("s", grid)], None)
    values = [(row["region_code"], row["value_text"], row["value"]) for row in rows]
    assert values == [
        ("3500", "4572.73", "4572.73"),
        ("3500", "11.4", "11.4"),
        ("5100", "201.97", "201.97"),
        ("5100", "4.53*", "4.53"),
        ("3600", "#REF!", None),
    ]


def test_people_and_millions_become_thousands_exactly(read_text: ReadText) -> None:
    (people,) = read_text("Provinsi,Jumlah Penduduk Miskin (jiwa) Maret 2023\nJAWA TIMUR,4188811\n")
    (millions,) = read_text("Provinsi,Jumlah Penduduk Miskin (juta jiwa) Maret 2023\nINDONESIA,25.9\n")
    assert (people["value_text"], people["value"], people["unit"]) == ("4188811", "4188.811", "jiwa")
    assert (millions["value"], millions["unit"]) == ("25900", "juta jiwa")


def test_long_table_with_year_period_area_and_blank_repeated_names(read_text: ReadText) -> None:
    rows = read_text(
        "Tahun,Periode,Daerah,Provinsi,Indeks Kedalaman Kemiskinan (P1),Indeks Keparahan Kemiskinan (P2)\n"
        "2024,Semester 1 (Maret),Perkotaan,BANTEN,0.8,0.2\n"
        "2024,Semester 1 (Maret),Perdesaan,,1.1,0.3\n"
        "2024,Semester 2 (September),Perkotaan+Perdesaan,,0.9,-\n"
    )
    assert brief(rows) == [
        ("3600", "urban", "2024-03", "depth_index_p1", "0.8"),
        ("3600", "urban", "2024-03", "severity_index_p2", "0.2"),
        ("3600", "rural", "2024-03", "depth_index_p1", "1.1"),
        ("3600", "rural", "2024-03", "severity_index_p2", "0.3"),
        ("3600", "total", "2024-09", "depth_index_p1", "0.9"),
    ]


def test_long_table_whose_indicator_stands_in_a_column(read_text: ReadText) -> None:
    rows = read_text(
        "Wilayah,Indikator,Tahun,Nilai\n"
        "Kab. Tuban,Persentase Penduduk Miskin (P0),2024,14.36\n"
        "Kab. Tuban,Garis Kemiskinan (Rupiah/Kapita/Bulan),2024,478000\n"
        "Kab. Tuban,Garis Kemiskinan Makanan,2024,350000\n"
    )
    assert [(row["indicator"], row["value"]) for row in rows] == [
        ("poverty_rate_pct", "14.36"),
        ("poverty_line_idr", "478000"),
    ]


def test_a_date_column_gives_the_period_only_where_nothing_else_does() -> None:
    head: list[Value] = ["Provinsi", "Waktu", "Persentase Penduduk Miskin"]
    alone = Sheet("s", [head, ["BALI", date(2024, 9, 30), 3.8], ["BANTEN", datetime(2024, 3, 31), 5.8]])  # noqa: DTZ001
    rows = read("t.xlsx", [alone], None)
    assert [(row["period"], row["date_text"]) for row in rows] == [("2024-09", "2024-09-30"), ("2024-03", "2024-03-31")]
    named = Sheet("s", [[*head, "Tahun", "Periode"], ["BALI", "2016-03-31", 4.0, 2018, "Semester 1 (Maret)"]])
    (row,) = read("t.xlsx", [named], None)
    assert (row["period"], row["date_text"]) == ("2018-03", "2016-03-31")


def test_regencies_without_prefix_and_cities_with_it(read_text: ReadText) -> None:
    rows = read_text("Kab/Kota,P0 2023\nKediri,10.72\nMalang,9.45\nKota Kediri,7.15\nKota Malang,4.26\n")
    assert [row["region_code"] for row in rows] == ["3506", "3507", "3571", "3573"]


def test_two_regions_of_one_bare_name_are_told_apart_by_place_in_the_list_of_bps(read_text: ReadText) -> None:
    listed = "Tulungagung,6.5\nBlitar,8.7\nKediri,10.7\nMalang,9.5\nLumajang,8.9\nSumenep,18.7\n"
    rows = read_text(f"Kab/Kota,P0 2023\n{listed}Kediri,7.2\nBlitar,7.3\nMalang,4.3\nSurabaya,4.7\n")
    by_value = {row["value"]: row["region_code"] for row in rows}
    assert by_value["10.7"] == "3506"
    assert by_value["7.2"] == "3571"
    assert by_value["4.3"] == "3573"


def test_two_regions_of_one_bare_name_out_of_order_stay_unknown(read_text: ReadText) -> None:
    rows = read_text("Kab/Kota,P0 2023\nSumenep,18.7\nKediri,7.2\nPacitan,13.6\nKediri,10.7\nTuban,14.9\n")
    assert [row["region_code"] for row in rows] == ["3529", None, "3501", None, "3523"]


def test_a_bare_twin_among_prefixed_regencies_is_not_guessed(read_text: ReadText) -> None:
    rows = read_text("Kab/Kota,P0 2023\nKab. Pacitan,13.6\nKediri,10.7\nKab. Tuban,14.9\n")
    assert [row["region_code"] for row in rows] == ["3501", None, "3523"]


def test_numbered_names_in_sections_of_regencies_and_cities(read_text: ReadText) -> None:
    rows = read_text(
        "Kabupaten/Kota,Garis Kemiskinan 2024\nKabupaten/Regency,\n01. Pacitan,1\n06. Kediri,2\n19. Madiun,3\n"
        "Kota/Municipality,\n71. Kediri,4\n77. Madiun,5\n79. Batu,6\nJawa Timur,7\n"
    )
    assert [row["region_code"] for row in rows] == ["3501", "3506", "3519", "3571", "3577", "3579", "3500"]
    assert rows[0]["region_label"] == "01. Pacitan"


def test_an_unknown_region_keeps_its_figures_but_notes_give_none(read_text: ReadText) -> None:
    rows = read_text(
        "Provinsi,Persentase Penduduk Miskin Maret 2030\nJAWA TIMUR,8.1\nSUNDA RAYA,7.0\n,\n"
        "Catatan: angka sementara,2030\nDiolah dari Susenas,12\n"
    )
    assert [(row["region_label"], row["region_code"]) for row in rows] == [("JAWA TIMUR", "3500"), ("SUNDA RAYA", None)]


def test_a_name_that_is_province_regency_and_city_is_read_by_its_table(read_text: ReadText) -> None:
    rows = read_text(
        "Provinsi;Kab/Kota;Persentase Penduduk Miskin (P0) 2021 (Persen)\n"
        "GORONTALO;Gorontalo;17,89\nGORONTALO;Kota Gorontalo;5,93\n"
        "KALIMANTAN SELATAN;Banjar;2,55\nJAWA BARAT;Kota Banjar;7,11\n"
    )
    assert [row["region_code"] for row in rows] == ["7502", "7571", "6303", "3279"]
    rows = read_text(
        "Wilayah,P0 2021\nGORONTALO,15.6\nBoalemo,18.9\nGorontalo,17.9\nPohuwato,18.1\nBone Bolango,16.3\n"
    )
    assert [row["region_code"] for row in rows] == ["7500", "7501", "7502", "7503", "7504"]


def test_a_code_column_settles_every_name(read_text: ReadText) -> None:
    rows = read_text(
        "Kode BPS,Nama,Persentase Penduduk Miskin 2023\n3506,Kediri,10.72\n3571,Kediri,7.15\n3578,Surabaya,4.65\n"
    )
    assert [(row["region_code"], row["value"]) for row in rows] == [
        ("3506", "10.72"),
        ("3571", "7.15"),
        ("3578", "4.65"),
    ]


@pytest.mark.parametrize("name", ["tabel, 2023.csv", "tabel_2023.csv", "2023/tabel.csv", "bps/unduh-2023/tabel.csv"])
def test_the_year_may_stand_in_the_name_or_folder_only(read_text: ReadText, name: str) -> None:
    (row,) = read_text("Kab/Kota,Persentase Penduduk Miskin\nKab. Tuban,14.91\n", name)
    assert row["period"] == "2023-03"


def test_without_any_year_the_table_is_rejected_with_what_was_understood(read_text: ReadText) -> None:
    with pytest.raises(Rejected) as rejected:
        read_text("Kab/Kota,Persentase Penduduk Miskin,UMK\nKab. Tuban,14.91,2739224\n", "tabel 2004-2025.csv")
    assert rejected.value.rule_code == "TABLE_NOT_UNDERSTOOD"
    assert "understood 1 regions, indicator poverty_rate_pct" in rejected.value.detail_en
    assert "tidak ditemukan: tahun" in rejected.value.detail_id
    assert "(header down to row 1)" in rejected.value.detail_en
    assert "Write the year into the header, the title or the file name." in rejected.value.detail_en
    assert "Tulis tahunnya di kepala kolom, judul, atau nama berkas." in rejected.value.detail_id


def test_a_refusal_repeats_no_cell_of_a_file_that_is_no_table_of_figures(read_text: ReadText) -> None:
    with pytest.raises(Rejected) as rejected:
        read_text("NIK,NAMA,KAB/KOTA\nx9x9x9,Orang Rekaan,Kab. Tuban\n1234,Orang Lain,Kab. Ngawi\n")
    assert "Rekaan" not in str(rejected.value) + rejected.value.detail_id
    assert "x9" not in str(rejected.value) + rejected.value.detail_id


@pytest.mark.parametrize(
    "header",
    [
        "Perubahan Persentase Penduduk Miskin 2023",
        "Jumlah Penduduk Miskin Ekstrem 2023",
        "Target Persentase Penduduk Miskin 2023",
        "Garis Kemiskinan Makanan 2023",
        "Garis Kemiskinan per Rumah Tangga 2023",
        "Garis Kemiskinan (Persen) 2023",
        "Penduduk Usia Kerja (Ribu) 2023",
        "Jumlah Penduduk (Km2) 2023",
        "Persentase Penduduk 2023",
        "Jumlah dan Persentase Penduduk Miskin 2023",
    ],
)
def test_another_matter_is_not_taken_for_an_indicator(read_text: ReadText, header: str) -> None:
    with pytest.raises(Rejected, match="missing: an indicator"):
        read_text(f"Kab/Kota,{header}\nKab. Tuban,14.91\n")


def test_sheets_without_a_table_do_not_hide_the_one_that_has_one() -> None:
    table = Sheet("Data", [["Kab/Kota", "Persentase Penduduk Miskin 2023"], ["Kab. Tuban", 14.91]])
    notes = Sheet("Catatan", [["Sumber: BPS"]])
    assert [row["sheet"] for row in read("t.xlsx", [notes, table, Sheet("Kosong", [])], None)] == ["Data"]
    with pytest.raises(Rejected, match="no filled cell"):
        read("t.xlsx", [Sheet("Kosong", [])], None)
