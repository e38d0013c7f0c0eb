"""What the decisions page calls things: Bahasa Indonesia, English."""

from __future__ import annotations

Words = tuple[str, str]

VERDICTS: dict[str, Words] = {
    "waive": ("Luluskan", "Waive"),
    "corrected": ("Sudah diperbaiki", "Corrected"),
    "same_person": ("Orang yang sama", "The same person"),
    "different_person": ("Orang yang berbeda", "Different people"),
}

EFFECTS: dict[str, Words] = {
    "waive": (
        "Isinya memang benar, walaupun melanggar aturan. Mulai malam berikutnya baris itu dihitung.",
        "It is right after all, though it breaks a rule. The row counts from the next night on.",
    ),
    "corrected": (
        "Sudah diperbaiki di sumbernya. Temuan ditutup; baris yang dikarantina tetap ditahan sampai berkas yang benar "
        "datang.",
        "It was mended at its source. The finding is closed; a quarantined row stays out until the right file comes.",
    ),
    "same_person": (
        "Keduanya digabung menjadi satu orang, juga pada malam-malam berikutnya.",
        "The two become one person, tonight and from then on.",
    ),
    "different_person": (
        "Keduanya tidak pernah digabung, walaupun datanya mirip.",
        "The two are never joined, however alike they look.",
    ),
}

FORBIDDEN: Words = (
    "Nilai yang tidak ada tidak dapat diluluskan: barisnya harus diperbaiki.",
    "A value that is not there cannot be waived: the row must be mended.",
)

CAUTIONS: dict[str, Words] = {
    "CONTROL_TOTAL_DIFFERS": (
        "Satu keputusan berlaku untuk seluruh lembar: meluluskannya meloloskan semua barisnya. "
        "Mintalah penjelasan tertulis dari bank lebih dahulu.",
        "One verdict holds for the whole sheet: waiving it lets in all of its rows. Ask the bank for an explanation in "
        "writing first.",
    ),
    "PERSON_MATCHED": (
        "Pilar sudah menggabungkan keduanya. Bila keliru, putuskan bahwa keduanya orang yang berbeda.",
        "Pilar has joined the two already. If that is wrong, say that they are different people.",
    ),
}
"""What to know before deciding on a finding of a rule."""

STATES: dict[str, Words] = {
    "in_force": ("berlaku", "in force"),
    "ended": (
        "berakhir: isi barisnya berubah atau temuannya tidak ada lagi",
        "ended: the row changed, or the finding is gone",
    ),
    "expired": ("berakhir: hari terakhirnya sudah lewat", "ended: its last day has passed"),
    "replaced": ("diganti keputusan yang lebih baru", "replaced by a newer verdict"),
    "unfit": ("tidak cocok dengan temuannya", "does not suit its finding"),
    "unknown": ("kunci temuan tidak dikenal", "no such finding"),
    "refused": ("tidak lengkap atau tidak terbaca", "incomplete or not readable"),
}
"""What became of a verdict that a night has read."""

FORGED: tuple[Words, Words] = (
    ("Formulir tidak berlaku", "The form does not hold"),
    (
        "Tidak ada yang ditulis. Formulir ini sudah terlalu lama terbuka, milik akun lain, atau dikirim dari halaman "
        "lain. Buka lagi temuannya dan isi formulir yang baru.",
        "Nothing was written. The form was open for too long, belongs to another account, or was sent from another "
        "site. Open the finding again and fill in the new form.",
    ),
)
SETTLED: tuple[Words, Words] = (
    ("Temuan ini sudah tidak terbuka", "This finding is no longer open"),
    (
        "Tidak ada yang ditulis: sejak halaman ini dibuka, temuannya sudah diselesaikan atau berkasnya sudah diganti.",
        "Nothing was written: since the page was opened, the finding was settled or its file replaced.",
    ),
)
NOT_WRITTEN: tuple[Words, Words] = (
    ("Keputusan tidak dapat disimpan", "The verdict could not be stored"),
    ("Tidak ada yang ditulis. Hubungi operator.", "Nothing was written. Tell the operator."),
)
NO_DAY: Words = (
    "Hari terakhir tidak dapat dibaca; tulis seperti 2026-12-31.",
    "The last day cannot be read; write it like 2026-12-31.",
)

FIELDS: dict[str, str] = {
    "nik": "identity_no_level",
    "name": "name_level",
    "sex": "sex_level",
    "birth_date": "born_on_level",
    "region": "region_level",
    "account_no": "contact_level",
    "phone": "contact_level",
    "bpjs_no": "member_no_level",
}
"""Column of a roster → where ``mart_person_candidates`` says how far two people agree in it."""

_EQUAL: Words = ("sama", "equal")
_DIFFERS: Words = ("berbeda", "different")
_MISSING: Words = ("tidak ada pada salah satunya", "missing with one of them")

LEVELS: dict[str, dict[str, Words]] = {
    "identity_no_level": {
        "equal": _EQUAL,
        "typo": ("selisih satu salah ketik", "one typing error apart"),
        "sibling": (
            "hanya nomor urut atau jenis kelamin yang berbeda, seperti pada saudara kembar",
            "only the serial or the sex differs, as between twins",
        ),
        "differs": _DIFFERS,
        "missing": _MISSING,
    },
    "name_level": {
        "equal": ("sama (gelar dan ejaan diabaikan)", "equal (titles and spelling aside)"),
        "shortened": ("yang satu singkatan yang lain", "one is the other cut short"),
        "similar": ("mirip, selisih satu salah ketik", "alike, one slip apart"),
        "differs": _DIFFERS,
        "missing": _MISSING,
    },
    "born_on_level": {
        "equal": _EQUAL,
        "similar": ("selisih satu angka, atau hari dan bulan tertukar", "one digit apart, or day and month swapped"),
        "differs": _DIFFERS,
        "missing": _MISSING,
    },
    "contact_level": {
        "both": ("rekening dan telepon sama", "account and telephone are the same"),
        "one": ("rekening atau telepon sama", "account or telephone is the same"),
        "differs": ("tidak ada yang sama", "nothing in common"),
        "missing": _MISSING,
    },
    "member_no_level": {"equal": _EQUAL, "differs": _DIFFERS, "missing": _MISSING},
    "sex_level": {"equal": _EQUAL, "differs": _DIFFERS, "missing": _MISSING},
    "region_level": {
        "equal": ("pernah di daftar kab/kota yang sama", "on a roster of the same kab/kota"),
        "differs": _DIFFERS,
        "missing": _MISSING,
    },
}
