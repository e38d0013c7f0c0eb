"""Which row names the columns, which column is which, and what the context says."""

from __future__ import annotations

from pathlib import Path

import pytest
from sheetmaker import Grid, read, values, write_json, write_text, write_xlsx

from pilar.contracts import contract
from pilar.reading import context, headers
from pilar.reading.model import Rejected, Value

TKSK = [
    *("Nama Lengkap", "Nama Ibu Kandung", "No. KTP / NIK", "NIAT", "Tempat Lahir", "Tanggal Lahir", "Jenis Kelamin"),
    *("Agama", "Alamat", "Kabupaten / Kota", "Kecamatan", "Desa / Kelurahan", "RT", "RW", "No. Handphone"),
    *("Alamat Email", "Kab/Kota Lokasi Tugas", "Kecamatan Lokasi Tugas", "Tahun Pengangkatan", "Pekerjaan Utama"),
    *("Rekening Bank Jatim", "Rekening Bank BNI", "Status Kinerja", "Penilaian Tahunan"),
]
PKH = [
    *("NO", " NIP", "NIK ", "NAMA", "KECAMATAN", "ID PEGAWAI", "ALAMAT (SESUAI KTP)", "KABUPATEN/KOTA (SESUAI KTP)"),
    *("KECAMATAN (SESUAI KTP)", "KELURAHAN/DESA (SESUAI KTP)", "JENIS KELAMIN ", "TEMPAT LAHIR", "TANGGAL LAHIR"),
    *("USIA", "AGAMA", "STATUS PERNIKAHAN", "JUMLAH ANAK", "NO HP / WA", "EMAIL", "JURUSAN", "JENJANG"),
    *("NAMA REKENING", "BANK", "NOMER REKENING BANK JATIM", "IBU KANDUNG", "NO NPWP", "NO BPJS KESEHATAN"),
    *("NO BPJS KETENAGA KERJAAN PUSAT", "NO BPJS KETENAGA KERJAAN MANDIRI", "TMT JABATAN", "JABATAN", "STATUS DATA"),
]


def layout(feed: str, *rows: list[Value], merged: headers.Merged = ()) -> headers.Layout:
    found = headers.find(rows, merged, contract(feed))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (
            TKSK,
            {
                "nik": "No. KTP / NIK",
                "name": "Nama Lengkap",
                "sex": "Jenis Kelamin",
                "birth_date": "Tanggal Lahir",
                "region": "Kab/Kota Lokasi Tugas",
                "district": "Kecamatan Lokasi Tugas",
                "account_no": "Rekening Bank Jatim",
                "phone": "No. Handphone",
                "status": "Status Kinerja",
            },
        ),
        (
            PKH,
            {
                "nik": "NIK",
                "name": "NAMA",
                "sex": "JENIS KELAMIN",
                "birth_date": "TANGGAL LAHIR",
                "pillar": "JABATAN",
                "district": "KECAMATAN",
                "account_no": "NOMER REKENING BANK JATIM",
                "account_name": "NAMA REKENING",
                "phone": "NO HP / WA",
                "bpjs_no": "NO BPJS KETENAGA KERJAAN PUSAT",
                "status": "STATUS DATA",
            },
        ),
    ],
)
def test_headers_seen_in_the_wild(seen: list[str], expected: dict[str, str]) -> None:
    assert layout("rosters", list(seen)).names == expected


@pytest.mark.parametrize(
    "header",
    [
        "NO. REKENING BANK JATIM",
        "NOMOR REKENING BANK JATIM",
        "Rekening Jatim",
        "no rekening",
        "NO.\nREKENING",
        "No_Rek",
    ],
)
def test_account_headers(header: str) -> None:
    assert layout("rosters", ["NIK", "NAMA", header]).columns["account_no"] == 2


def test_canonical_names_are_headers() -> None:
    names = [column.name for column in contract("disbursements").columns]
    assert layout("disbursements", list(names)).columns == {name: at for at, name in enumerate(names)}


def test_an_earlier_synonym_wins_wherever_it_stands() -> None:
    assert layout("rosters", ["NIK", "NAMA", "KABUPATEN/KOTA", "KAB/KOTA LOKASI TUGAS"]).columns["region"] == 3
    assert layout("rosters", ["NIK", "KAB/KOTA LOKASI TUGAS", "NAMA", "KABUPATEN/KOTA"]).columns["region"] == 1


def test_format_hints_are_no_part_of_a_name() -> None:
    found = layout("rosters", ["NIK (16 digit)", "NAMA *)", "TANGGAL LAHIR (dd/mm/yyyy)", "JENIS KELAMIN (L/P)"])
    assert list(found.columns) == ["nik", "name", "birth_date", "sex"]


def test_a_home_address_is_not_the_place_of_duty() -> None:
    top = ["NIK", "NAMA", "ALAMAT SESUAI KTP", None, "LOKASI TUGAS", None]
    below = [None, None, "KAB/KOTA", "KECAMATAN", "KAB/KOTA", "KECAMATAN"]
    found = layout("rosters", list(top), list(below))
    assert (found.columns["region"], found.columns["district"]) == (4, 5)
    flat = layout(
        "rosters", [None, None, "ALAMAT SESUAI KTP", None, "X"], ["NIK", "NAMA", "KAB/KOTA", "KECAMATAN", "Y"]
    )
    assert "district" not in flat.columns
    assert "region" not in flat.columns


def test_merged_headings_reach_no_further_than_they_are_merged() -> None:
    top: list[Value] = ["NIK", "NAMA", "REKENING BANK JATIM", None, None]
    below: list[Value] = [None, None, "NOMOR", "BANK", "STATUS"]
    merged = [((0, 0), (1, 0)), ((0, 1), (1, 1)), ((0, 2), (0, 3))]
    found = layout("rosters", top, below, merged=merged)
    assert found.names["account_no"] == "REKENING BANK JATIM NOMOR"
    assert found.names["status"] == "STATUS"


def test_sub_headings_of_unknown_columns_are_no_record(tmp_path: Path) -> None:
    rows: list[list[Value]] = [
        ["NIK", "NAMA", "PILAR", "KAB/KOTA", "UKURAN", None],
        [None, None, None, None, "BAJU", "SEPATU"],
        ["3522010101900001", "SITI CONTOH", "PKH", "Kab. Tuban", "L", "40"],
    ]
    reading, found = read(write_text(tmp_path / "a.csv", Grid(rows), ";"), "rosters")
    assert [row["source_row"] for row in found] == [3]
    assert reading.sheets[0].skipped["header"] == 2


def test_context_gives_pillar_and_region(tmp_path: Path) -> None:
    rows: list[list[Value]] = [
        ["DAFTAR TARUNA SIAGA BENCANA"],
        ["NIK", "NAMA"],
        ["3522010101900001", "SITI CONTOH"],
    ]
    path = write_xlsx(tmp_path / "a.xlsx", Grid(rows, sheet="Kab Tuban"))
    reading, found = read(path, "rosters", "dinsos/rekap.xlsx")
    assert values(found) == [{"nik": "3522010101900001", "name": "SITI CONTOH", "pillar": "TAGANA", "region": "3523"}]
    assert reading.sheets[0].columns["pillar"] == "= TAGANA"


@pytest.mark.parametrize(
    ("titles", "sheet", "file_name", "pillar", "region"),
    [
        ([], "Sheet1", "Kab_Tuban/DataTKSK2023.xlsx", "TKSK", "3523"),
        (["DATA PENDAMPING PKH"], "Sheet1", "rekap.xlsx", "PKH", None),
        (["DATA PKH, TAGANA DAN TKSK"], "TKSK", "rekap.xlsx", "TKSK", None),
        (["DATA PKH"], "TKSK", "rekap.xlsx", None, None),
        (["KABUPATEN TUBAN"], "Sheet1", "Bojonegoro/rekap.xlsx", None, "3523"),
        (["KABUPATEN TUBAN"], "Kab. Bojonegoro", "rekap.xlsx", None, None),
        ([], "PKH.csv", "bakorwil-bojonegoro/Pilar Tuban.zip/PKH.csv", "PKH", "3523"),
        (["DINAS SOSIAL PROVINSI JAWA TIMUR"], "Sheet1", "Kediri.xlsx", None, None),
    ],
)
def test_context_never_guesses(
    titles: list[str], sheet: str, file_name: str, pillar: str | None, region: str | None
) -> None:
    assert context.known("pillar", titles, sheet, file_name) == pillar
    assert context.known("region", titles, sheet, file_name) == region


def test_other_sheets_are_noted_and_lists_of_codes_do_no_harm(tmp_path: Path) -> None:
    data = Grid([["NIK", "NAMA", "PILAR", "KAB/KOTA"], ["3522010101900001", "SITI CONTOH", "PKH", "3523"]], sheet="PKH")
    more = Grid([["Nama", "NIK", "Pilar", "Kab/Kota"], ["ANDI REKAAN", "3522010101900002", "PKH", "3523"]], sheet="P2")
    codes = Grid([["KAB/KOTA", "KECAMATAN", "KODE"], ["Tuban", "Plumpang", "1"]], sheet="Kode")
    notes = Grid([["Petunjuk pengisian"]], sheet="Petunjuk")
    old = Grid(data.rows, sheet="Lama")
    path = write_xlsx(tmp_path / "a.xlsx", notes, codes, data, more, old, Grid(sheet="Kosong"), hidden=("Lama",))
    reading, rows = read(path, "rosters")
    assert [(row["sheet"], row["source_row"]) for row in rows] == [("PKH", 2), ("P2", 2)]
    assert {sheet.name: sheet.note for sheet in reading.sheets} == {
        "Petunjuk": "no header",
        "Kode": "another table",
        "PKH": None,
        "P2": None,
        "Lama": "hidden",
        "Kosong": "empty",
    }


def test_a_half_complete_sheet_is_refused_beside_a_complete_one(tmp_path: Path) -> None:
    good = Grid([["NIK", "NAMA", "PILAR", "KAB/KOTA"], ["3522010101900001", "SITI CONTOH", "PKH", "3523"]], sheet="A")
    bad = Grid([["NAMA", "PILAR", "KAB/KOTA"], ["ANDI REKAAN", "PKH", "3523"]], sheet="B")
    with pytest.raises(Rejected) as refused:
        read(write_xlsx(tmp_path / "a.xlsx", good, bad), "rosters")
    assert refused.value.rule_code == "FILE_MISSING_COLUMN"
    assert "Sheet B" in refused.value.detail_en
    assert "nik (NIK / " in refused.value.detail_en
    assert "NAMA, PILAR, KAB/KOTA" in refused.value.detail_en


def test_columns_named_alike_may_hold_the_same(tmp_path: Path) -> None:
    header: list[Value] = ["NIK", "NAMA", "PILAR", "KAB/KOTA", "STATUS", "STATUS"]
    same: list[Value] = ["3522010101900001", "SITI CONTOH", "PKH", "3523", "AKTIF", "AKTIF"]
    other = [*same[:5], "NONAKTIF"]
    for name in ("a.csv", "b.xlsx"):
        write = write_xlsx if name.endswith("xlsx") else write_text
        _, rows = read(write(tmp_path / name, Grid([header, same])), "rosters")
        assert rows[0]["status"] == "AKTIF"
        with pytest.raises(Rejected) as refused:
            read(write(tmp_path / name, Grid([header, same, other])), "rosters")
        assert refused.value.rule_code == "FILE_AMBIGUOUS_HEADER"
        assert "NONAKTIF" not in str(refused.value)


def test_json_needs_one_list_of_objects(tmp_path: Path) -> None:
    path = write_json(
        tmp_path / "a.json", [{"NIK": 3522010101900001, "NAMA": "SITI CONTOH", "PILAR": "PKH", "KAB/KOTA": 3523}]
    )
    _, rows = read(path, "rosters")
    assert rows[0]["nik"] == "3522010101900001"
    assert rows[0]["numeric_cells"] == ["nik", "region"]
    path.write_text('{"a": [{"NIK": "1"}], "b": [{"NIK": "2"}]}', "utf-8")
    with pytest.raises(Rejected) as refused:
        read(path, "rosters")
    assert refused.value.rule_code == "FILE_NO_HEADER"


@pytest.mark.shared
def test_the_real_template_of_the_province(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "FORMAT_PENDATAAN_TKSK.xlsx"
    path.write_bytes((shared / "roster" / path.name).read_bytes())
    reading, rows = read(path, "rosters")
    assert reading.sheets[0].columns["pillar"] == "= TKSK"
    assert reading.sheets[0].columns["region"] == "Kab/Kota Lokasi Tugas"
    assert reading.sheets[0].columns["account_no"] == "Rekening Bank Jatim"
    assert len(rows) == 1
    assert rows[0]["pillar"] == "TKSK"
    assert "nik" in rows[0]["numeric_cells"]  # type: ignore[operator]  # a list in this row
    assert str(rows[0]["nik"]).isdigit()
