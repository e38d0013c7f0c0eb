"""Names of outcomes, feeds, severities and verdicts, Bahasa Indonesia first."""

from __future__ import annotations

from markupsafe import Markup, escape

from pilar.html import both

Words = dict[str, tuple[str, str]]

OUTCOMES: Words = {
    "published": ("Terbit", "Published"),
    "unchanged": ("Tidak berubah", "Unchanged"),
    "held": ("Ditahan", "Held"),
    "failed": ("Gagal", "Failed"),
}
MEANINGS: Words = {
    "published": ("Rilis baru sudah terbit dan dapat dipakai.", "A new release is out and can be used."),
    "unchanged": (
        "Tidak ada berkas baru. Rilis sebelumnya tetap berlaku.",
        "Nothing new has landed. The release before stays.",
    ),
    "held": (
        "Pemeriksaan menahan data malam ini. Rilis sebelumnya tetap berlaku.",
        "A gate held this night's data. The release before stays.",
    ),
    "failed": (
        "Proses malam ini tidak selesai. Rilis sebelumnya tetap berlaku.",
        "This night's run did not finish. The release before stays.",
    ),
}
SEVERITIES: Words = {
    "critical": ("Kritis", "Critical"),
    "error": ("Dikarantina", "Quarantined"),
    "warning": ("Peringatan", "Warning"),
    "info": ("Info", "Info"),
}
FEEDS: Words = {
    "events": ("Kegiatan", "Events"),
    "rosters": ("Daftar pilar", "Rosters"),
    "disbursements": ("Penyaluran", "Disbursements"),
    "premiums": ("Iuran BPJS TK", "Premiums"),
    "poverty": ("Kemiskinan", "Poverty"),
    "decisions": ("Keputusan", "Decisions"),
    "_unknown": ("Tidak dikenal", "Unknown"),
}
OWNERS: Words = {
    "steward": ("pengirim", "the submitter"),
    "bank": ("Bank Jatim", "Bank Jatim"),
    "analyst": ("analis provinsi", "the province's analyst"),
}
VERDICTS: Words = {
    "CONFIRMED": ("Terbukti", "Confirmed"),
    "DIFFERS": ("Berbeda", "Differs"),
    "NOT_VERIFIABLE": ("Tidak dapat diuji", "Not verifiable"),
}
BENEFITS: Words = {"TALI_ASIH": ("tali asih", "tali asih"), "BPJS_TK": ("BPJS TK", "BPJS TK")}
STEPS: Words = {
    "ingest": ("Baca berkas", "Ingest"),
    "load": ("Muat", "Load"),
    "gate_arrivals": ("Gerbang kedatangan", "Gate: arrivals"),
    "build": ("Bangun", "Build"),
    "gate_candidate": ("Gerbang calon rilis", "Gate: candidate"),
    "publish": ("Terbitkan", "Publish"),
    "report": ("Laporan", "Report"),
}


def said(words: Words, name: object) -> Markup:
    """The name in both languages; one that has no words speaks for itself."""
    known = words.get(str(name))
    return both(*known) if known else escape(str(name))
