"""What the desk says, Bahasa Indonesia first, English second."""

from __future__ import annotations

from typing import Final

Pair = tuple[str, str]

LANGUAGES: Final = {"Bahasa Indonesia": "id", "English": "en"}

OUTCOMES: Final[dict[str, Pair]] = {
    "PAID": ("Lunas", "Paid"),
    "UNDERPAID": ("Kurang bayar", "Underpaid"),
    "OVERPAID": ("Lebih bayar", "Overpaid"),
    "PENDING": ("Dalam proses", "Pending"),
    "RETURNED": ("Dikembalikan bank", "Returned"),
    "FAILED": ("Gagal", "Failed"),
    "UNPAID": ("Belum ditransfer", "Not transferred"),
    "NOT_ENTITLED": ("Tidak dijanjikan", "Not entitled"),
}

SHARED_OUT: Final[dict[str, Pair]] = {
    "people": ("Semua pilar", "All pillars"),
    "pkh_people": ("PKH", "PKH"),
    "tagana_people": ("Tagana", "Tagana"),
    "tksk_people": ("TKSK", "TKSK"),
    "paid_idr": ("Rupiah yang dibayar", "Rupiah paid"),
}
"""What ``mart_equity`` compares with where the poor are."""

COLUMNS: Final[dict[str, Pair]] = {
    "outcome": ("Hasil", "Outcome"),
    "region_name": ("Kab/kota", "Regency or city"),
    "payees": ("Penerima", "Payees"),
    "payees_paid": ("Penerima lunas", "Payees paid"),
    "entitled_idr": ("Hak (Rp)", "Entitled (IDR)"),
    "paid_idr": ("Dibayar (Rp)", "Paid (IDR)"),
    "returned_idr": ("Dikembalikan (Rp)", "Returned (IDR)"),
    "unpaid_idr": ("Belum dibayar (Rp)", "Unpaid (IDR)"),
    "pkh_people": ("PKH", "PKH"),
    "tagana_people": ("Tagana", "Tagana"),
    "tksk_people": ("TKSK", "TKSK"),
    "people": ("Orang", "People"),
    "coverage_month": ("Bulan", "Month"),
    "people_with_gap": ("Orang dengan bulan kosong", "People with a gap"),
    "months_expected": ("Bulan dijanjikan", "Months promised"),
    "months_covered": ("Bulan dibayar", "Months paid"),
    "months_missing": ("Bulan kosong", "Months missing"),
    "year": ("Tahun", "Year"),
    "poverty_rate_pct": ("Penduduk miskin (%)", "Poverty rate (%)"),
    "rate_rank": ("Peringkat (1: tertinggi)", "Place (1: highest)"),
    "rate_change_points": ("Perubahan setahun (poin)", "Change in a year (points)"),
    "poor_people_thousand": ("Penduduk miskin (ribu)", "Poor people (thousand)"),
    "people_per_1000_poor": ("Pilar per 1.000 penduduk miskin", "Pillars per 1,000 poor"),
    "districts_without_tksk": ("Kecamatan tanpa TKSK", "Districts without a TKSK"),
    "measure": ("Yang dibandingkan", "Compared"),
    "regions": ("Kab/kota tercakup", "Regencies and cities covered"),
    "poor_covered_pct": ("Penduduk miskin tercakup (%)", "Poor people covered (%)"),
    "concentration_index": ("Indeks konsentrasi", "Concentration index"),
    "elsewhere_pct": ("Berada di tempat lain (%)", "Stands elsewhere (%)"),
}
"""Heading of each column that a page shows; a column without one (codes) is only in the download."""

NO_RELEASE: Final = "Belum ada rilis: jalankan `make nightly`. · There is no release yet: run `make nightly`."

CAPTIONS: Final[dict[str, Pair]] = {
    "money_by_outcome": ("Hak dan pembayaran menurut hasil", "Promises and payments by outcome"),
    "money_by_region": ("Hak dan pembayaran menurut kab/kota", "Promises and payments by regency and city"),
    "people_by_region": ("Pilar aktif menurut kab/kota", "Active people by regency and city"),
    "cover_by_month": ("Bulan iuran yang dijanjikan, menurut bulan", "Promised months of premium, by month"),
    "cover_by_region": ("Bulan iuran yang dijanjikan, menurut kab/kota", "Promised months of premium, by region"),
    "poverty_by_region": (
        "Kemiskinan dan pilar menurut kab/kota, tahun terbaru sampai bulan yang dipilih",
        "Poverty and pillars by regency and city, newest year up to the chosen month",
    ),
    "equity": (
        "Adakah pilar di tempat orang miskin? Indeks negatif: lebih banyak di daerah miskin; positif: lebih sedikit",
        "Are pillars where the poor are? Negative index: more in poor regions; positive: less",
    ),
}
"""Heading of each table of a view."""

MEASURES: Final[dict[str, tuple[str, str]]] = {
    "poverty_rate_pct": ("poverty_by_region", "poverty_rate_pct"),
    "people_per_1000_poor": ("poverty_by_region", "people_per_1000_poor"),
    "people": ("people_by_region", "people"),
    "unpaid_idr": ("money_by_region", "unpaid_idr"),
    "months_missing": ("cover_by_region", "months_missing"),
}
"""What the tile map can show: table and column."""


def say(pair: Pair, language: str) -> str:
    """The half of a pair for ``id`` or ``en``."""
    return pair[language == "en"]
