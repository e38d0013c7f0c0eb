"""BPS tables in BPS's own shapes, set anew from the figures in ``data/`` (facts; see data/README.md).

One cell is wrong on purpose: the poverty line of Indonesia in March 2022 is cut off after three digits, as it once
stood in a published table.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from importlib import resources

from pilar.samples import formats
from pilar.samples.model import Delivery, Trap

CUT_OFF_LINE = ("Indonesia", 2022, "505")
NEW_PROVINCES = ("Papua Barat Daya", "Papua Selatan", "Papua Tengah", "Papua Pegunungan")
"""Listed from 2022 on, without figures."""

YEARLY_HEAD = [
    "Provinsi",
    "Garis Kemiskinan - Maret (Rp)",
    "Garis Kemiskinan - September (Rp)",
    "Jumlah Penduduk Miskin - Maret (ribu) (Ribu)",
    "Jumlah Penduduk Miskin - September (ribu) (Ribu)",
    "Persentase Penduduk Miskin - Maret",
    "Persentase Penduduk Miskin - September",
]
INDICATORS = ("poverty_line_idr", "poor_people_thousand", "poverty_rate_pct")
OWN_NOTE = "Disusun ulang untuk contoh Pilar dari angka terbitan BPS"


def deliveries() -> list[Delivery]:
    return [_provinces_2021_2022(), _provinces_2023(), _rates_2023(), _counts(), _api_rates()]


def _facts(name: str) -> list[dict[str, str]]:
    content = (resources.files("pilar.samples") / "data" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(content.splitlines()))


# --- provinces, one table a year ----------------------------------------------------------------------------------


def _yearly_name(year: int) -> str:
    return f"Jumlah dan Persentase Penduduk Miskin Menurut Provinsi, {year}.csv"


def _yearly(year: int) -> tuple[bytes, int, int]:
    """The table, the figures in it, and the row of Indonesia."""
    rows, figures, indonesia = [YEARLY_HEAD], 0, 0
    for fact in _facts("provinces"):
        if fact["province"] == "Indonesia" and year >= 2022:
            rows += [[name, *["..."] * 6] for name in NEW_PROVINCES]
        values = [fact[f"{indicator}_{year}"] for indicator in INDICATORS]
        if (fact["province"], year) == CUT_OFF_LINE[:2]:
            values[0] = CUT_OFF_LINE[2]
        rows.append([fact["province"], *(cell for value in values for cell in (value, "..."))])
        figures += len(values)
        indonesia = len(rows)
    rows += [[""] * 7, ["Keterangan", *[""] * 6], [OWN_NOTE, *[""] * 6]]
    return formats.delimited(rows, ",", "utf-8-sig"), figures, indonesia


def _provinces_2021_2022() -> Delivery:
    tables = {year: _yearly(year) for year in (2021, 2022)}
    what = "the poverty line of Indonesia, March 2022, reads 505: cut off"
    return Delivery(
        "poverty",
        "bps/Penduduk Miskin Provinsi.zip",
        datetime(2022, 7, 18, 4, 0, tzinfo=UTC),
        formats.zipped({_yearly_name(year): table for year, (table, _, _) in tables.items()}),
        "Provinces in March 2021 and March 2022: line, count, rate. ZIP of two BPS yearly tables.",
        rows_read=sum(figures for _, figures, _ in tables.values()),
        traps=(Trap("POVERTY_LINE_RANGE", what, _yearly_name(2022), tables[2022][2], quarantines=True),),
    )


def _provinces_2023() -> Delivery:
    table, figures, _ = _yearly(2023)
    return Delivery(
        "poverty",
        f"bps/{_yearly_name(2023)}",
        datetime(2023, 7, 18, 4, 0, tzinfo=UTC),
        table,
        "Provinces in March 2023: line, count, rate; 34 provinces, four new ones without figures, Indonesia. "
        "CSV `,` with BOM.",
        rows_read=figures,
    )


# --- kab/kota -----------------------------------------------------------------------------------------------------


def _rates_2023() -> Delivery:
    facts = _facts("east_java")
    ordered = [*facts[1:], facts[0]]  # the province stands last: it is not a 39th kab/kota
    title = "Persentase Penduduk Miskin Menurut Kabupaten/Kota di Jawa Timur"
    rows = [["Kab/Kota", ""], ["", f"{title} (Persen)"], ["", "2023"]]
    rows += [[fact["region"], fact["poverty_rate_pct_2023"]] for fact in ordered]
    return Delivery(
        "poverty",
        f"bps/{title.replace('/', '_')}, 2023.csv",
        datetime(2023, 12, 5, 4, 0, tzinfo=UTC),
        formats.delimited(rows, ",", "utf-8-sig"),
        "Rate by kab/kota, March 2023; three header rows, regencies without prefix, the province last. "
        "CSV `,` with BOM.",
        rows_read=len(facts),
    )


def _counts() -> Delivery:
    facts = _facts("east_java")
    years = ("2021", "2022", "2023")
    title = "Jumlah Penduduk Miskin (Ribu Jiwa) Menurut Kabupaten/Kota"
    rows = [["Provinsi/Kabupaten/Kota", title, "", ""], ["", *years]]
    for fact in facts:
        name = fact["region"].upper() if fact["region_code"] == "3500" else fact["region"]
        rows.append([name, *(fact[f"poor_people_thousand_{year}"] for year in years)])
    return Delivery(
        "poverty",
        "bps/Jumlah Penduduk Miskin Kabupaten Kota Jawa Timur 2021-2023.csv",
        datetime(2023, 12, 5, 4, 30, tzinfo=UTC),
        formats.delimited(rows, ","),
        "Poor people by kab/kota, March 2021 to 2023 (thousand); two header rows, the province first in "
        "capitals. CSV `,`. "
        "Kab. Blitar has 101.94 in 2022 and in 2023: that is true and no finding.",
        rows_read=len(facts) * len(years),
    )


def _api_rates() -> Delivery:
    """An answer of the BPS Web API (variable 621, March 2021 and 2022), cut to East Java."""
    facts = _facts("east_java")
    years = {121: "2021", 122: "2022"}
    content = {
        f"{fact['region_code']}6210{th}0": json.loads(fact[f"poverty_rate_pct_{year}"])
        for fact in facts
        for th, year in years.items()
    }
    labels = {
        fact["region_code"]: "<b>JAWA TIMUR</b>" if fact["region_code"] == "3500" else fact["region"] for fact in facts
    }
    answer = {
        "status": "OK",
        "data-availability": "available",
        "last_update": "2022-12-01 09:00:00",
        "subject": [{"val": 523, "label": "Konsumsi dan Pendapatan"}],
        "var": [
            {
                "val": 621,
                "label": "Persentase Penduduk Miskin (P0) Menurut Kabupaten/Kota",
                "unit": "Persen",
                "subj": "Kemiskinan dan Ketimpangan",
                "def": "",
                "decimal": 2,
                "note": f"<p>{OWN_NOTE}</p>",
            }
        ],
        "turvar": [{"val": "0", "label": "Tidak ada"}],
        "labelvervar": "Nama Wilayah",
        "vervar": [{"val": int(code), "label": label} for code, label in labels.items()],
        "tahun": [{"val": th, "label": year} for th, year in years.items()],
        "turtahun": [{"val": 0, "label": "Tahun"}],
        "datacontent": content,
        "related": [],
    }
    return Delivery(
        "poverty",
        "bps-api/data_0000_var621_th121-122.json",
        datetime(2022, 12, 1, 4, 0, tzinfo=UTC),
        (json.dumps(answer, ensure_ascii=False, indent=1).replace("</", "<\\/") + "\n").encode(),
        "Rate by kab/kota, March 2021 and 2022: an answer of the BPS Web API with HTML in a label, cut to "
        "East Java. JSON.",
        rows_read=len(content),
    )
