"""A package's files for one audience: CSV, Parquet, their description (Frictionless) and a page to read first.

Nothing in it depends on the clock or the machine: the same release and the same earlier packages give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv, parquet

from pilar.open_data.facts import Facts
from pilar.open_data.model import HIDDEN, Edition
from pilar.open_data.tables import BY_NAME, TABLES, Table, columns

DESCRIPTION = "datapackage.json"
README = "README.txt"

LICENCE = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}
SOURCES = [
    {"title": "Pemerintah Provinsi Jawa Timur: daftar pilar sosial, tali asih, iuran BPJS Ketenagakerjaan (Pilar)"},
    {"title": "Badan Pusat Statistik: tabel kemiskinan", "path": "https://www.bps.go.id"},
]
ATTRIBUTION = "Pemerintah Provinsi Jawa Timur (Pilar); angka kemiskinan: Badan Pusat Statistik"


@dataclass(frozen=True)
class Package:
    """What one audience gets: the tables as it sees them, and what is said of them."""

    audience: str
    threshold: int
    facts: Facts
    editions: Sequence[Edition]
    tables: Mapping[str, pa.Table]


def write(package: Package, folder: Path) -> None:
    """Write the files of one audience into an empty folder."""
    (folder / "data").mkdir(parents=True)
    for table in TABLES:
        _write_csv(package.tables[table.name], folder / "data" / f"{table.name}.csv")
        parquet.write_table(package.tables[table.name], folder / "data" / f"{table.name}.parquet", compression="zstd")
    described = json.dumps(describe(package, folder), ensure_ascii=False, indent=2)
    (folder / DESCRIPTION).write_text(described + "\n", "utf-8")
    (folder / README).write_text(readme(package), "utf-8")


def describe(package: Package, folder: Path) -> dict[str, Any]:
    """The descriptor by the Data Package standard, version 1."""
    resources = []
    for table in TABLES:
        for ending, kind in (("csv", "text/csv"), ("parquet", "application/vnd.apache.parquet")):
            path = folder / "data" / f"{table.name}.{ending}"
            resource: dict[str, Any] = {
                "name": table.name if ending == "csv" else f"{table.name}-{ending}",
                "title": f"{table.title_id} / {table.title_en}",
                "path": f"data/{path.name}",
                "format": ending,
                "mediatype": kind,
                "bytes": path.stat().st_size,
                "hash": "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            if ending == "csv":
                resource |= {"profile": "tabular-data-resource", "encoding": "utf-8", "schema": schema(table)}
                resource["rows"] = package.tables[table.name].num_rows
            resources.append(resource)
    return {
        "profile": "data-package",
        "name": f"pilar-jawa-timur-{package.audience}",
        "title": "Pilar sosial Jawa Timur: data terbuka / East Java's social pillars: open data",
        "description": f"Agregat; kelompok di bawah {package.threshold} orang disembunyikan. "
        f"Aggregates; groups of fewer than {package.threshold} people are hidden.",
        "version": package.facts.release_id,
        "created": package.facts.built_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "licenses": [LICENCE],
        "sources": SOURCES,
        "contributors": [{"title": "Pemerintah Provinsi Jawa Timur", "role": "publisher"}],
        "keywords": ["Jawa Timur", "pilar sosial", "PKH", "Tagana", "TKSK", "kemiskinan", "poverty"],
        "pilar": {
            "audience": package.audience,
            "threshold": package.threshold,
            "data_through": package.facts.data_through,
        },
        "resources": resources,
    }


def schema(table: Table) -> dict[str, Any]:
    """The Table Schema of a CSV."""
    fields = []
    for column in table.columns:
        kind, text_id, text_en = columns()[column]
        field: dict[str, Any] = {"name": column, "type": kind, "description": f"{text_id} / {text_en}"}
        if column in table.key:
            field["constraints"] = {"required": True}
        fields.append(field)
    return {"fields": fields, "primaryKey": list(table.key), "missingValues": [""]}


def read_csv(path: Path) -> pa.Table:
    """A written CSV with the types of its table; an empty cell is NULL."""
    table = BY_NAME[path.stem]
    options = csv.ConvertOptions(
        column_types=table.arrow, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]
    )
    return csv.read_csv(path, convert_options=options)


def readme(package: Package) -> str:
    """The page to read first, Bahasa Indonesia before English."""
    facts = package.facts
    listed = "\n".join(
        f"  data/{table.name}.csv, .parquet\n    {table.title_id} / {table.title_en}\n    {_told(package, table)}"
        for table in TABLES
    )
    held = [one.block for one in package.editions if one.block.release_id != facts.release_id]
    held_id = "".join(f"Angka tahun {one.period} berasal dari rilis {one.release_id}.\n" for one in held)
    held_en = "".join(f"The figures of {one.period} are those of release {one.release_id}.\n" for one in held)
    return _README.format(
        release=facts.release_id,
        through=facts.data_through or "-",
        threshold=package.threshold,
        audience={"inside": "pemerintah / government", "outside": "umum / public"}[package.audience],
        tables=listed,
        held_id=held_id,
        held_en=held_en,
        attribution=ATTRIBUTION,
        licence=f"{LICENCE['title']} ({LICENCE['path']})",
    )


def _told(package: Package, table: Table) -> str:
    rows = package.tables[table.name]
    count = rows.num_rows
    if "status" not in table.columns:
        return f"{count:,} baris / rows"
    hidden = rows["status"].to_pylist().count(HIDDEN)
    return f"{count:,} baris / rows, {hidden:,} disembunyikan / hidden"


def _write_csv(table: pa.Table, path: Path) -> None:
    options = csv.WriteOptions(quoting_style="needed", quoting_header="none")
    csv.write_csv(table, path, write_options=options)


_README = """\
PILAR SOSIAL JAWA TIMUR: DATA TERBUKA
=====================================

Untuk: {audience}. Rilis {release}; data sampai {through}.
Lisensi: {licence}.
Sebutkan sumbernya: {attribution}.

Isi
{tables}

Arti setiap kolom ada di datapackage.json (Frictionless Data Package). CSV: UTF-8, koma, titik desimal.

Mengapa ada angka yang disembunyikan
Hitungan 1 sampai kurang dari {threshold} orang tidak terbit: kolom status berbunyi hidden dan selnya kosong (bukan
nol). Agar hitungan itu tidak dapat dihitung dari total, dari tabel lain, dari rupiah, atau dari paket sebelumnya,
beberapa angka yang lebih besar ikut disembunyikan. Status tidak membedakan keduanya. Nol diterbitkan, kecuali nol yang
berarti tidak seorang pun di sana dibayar atau dilindungi. Kolom at_least_pct menyebut batas bawah yang aman.
no_data berarti tidak ada daftar yang pernah diterima; itu bukan nol.
Angka suatu tahun baru diganti bila gantinya memberi tahu sekurangnya sama banyak; perubahan beberapa orang belum
terlihat sampai saat itu. Kolom as_of_release menyebut rilis asal.
{held_id}
--------------------------------------------------------------------------------------------------------------------

EAST JAVA'S SOCIAL PILLARS: OPEN DATA
=====================================

For: {audience}. Release {release}; data through {through}.
Licence: {licence}.
Please cite: {attribution}.

What each column means stands in datapackage.json (Frictionless Data Package). CSV: UTF-8, comma, decimal point.

Why some figures are hidden
A count of 1 to fewer than {threshold} people is not published: its status is hidden and the cell is empty (it is not
zero). So that nobody can reckon it from totals, other tables, rupiah or earlier packages, some larger figures are
hidden as well. The status does not tell which is which. Zero is published, unless it would mean that nobody there was
paid or covered. at_least_pct gives a bound that is safe to tell. no_data means that no roster ever came; that is not
zero.
A year's figures are replaced only by figures that tell at least as much: until then a change of a few people does not
show. as_of_release names the release that a figure is from.
{held_en}"""
