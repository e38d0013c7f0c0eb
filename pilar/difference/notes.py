"""A difference told to stewards: sentences in two languages, the weightiest first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pilar.difference.model import Difference, Row
from pilar.rules import rule
from pilar.showing import mask

LISTED = 12
"""Files, claims or figures named one by one in the notes; the rest are counted."""
RULES_NAMED = 5
"""Rules named with their findings."""


@dataclass(frozen=True)
class Note:
    """One sentence said twice. ``topic`` groups sentences: see :data:`TITLES`."""

    topic: str
    indonesian: str
    english: str


TITLES = {
    "override": ("Diterbitkan walau ditahan", "Published although held"),
    "first": ("Rilis pertama", "First release"),
    "same": ("Tidak ada yang berubah", "Nothing changed"),
    "late": ("Perbaikan yang datang terlambat", "Corrections that came late"),
    "files": ("Berkas yang datang", "Files that came"),
    "people": ("Orang", "People"),
    "money": ("Uang", "Money"),
    "cover": ("Perlindungan", "Cover"),
    "figures": ("Angka kemiskinan", "Poverty figures"),
    "claims": ("Pernyataan publik", "Public claims"),
    "findings": ("Temuan", "Findings"),
    "limits": ("Yang tidak dibandingkan", "What is not compared"),
}
"""Topics in their order, named in both languages."""

_OUTCOMES = {
    "PAID": ("dibayar penuh", "paid in full"),
    "UNDERPAID": ("kurang bayar", "underpaid"),
    "OVERPAID": ("lebih bayar", "overpaid"),
    "UNPAID": ("belum ada perintah", "never instructed"),
    "PENDING": ("diproses", "pending"),
    "FAILED": ("gagal", "failed"),
    "RETURNED": ("dikembalikan bank", "returned"),
    "NOT_ENTITLED": ("tidak berhak", "not entitled"),
    None: ("tidak ada", "absent"),
}
_VERDICTS = {
    "CONFIRMED": ("terbukti", "confirmed"),
    "DIFFERS": ("berbeda", "differs"),
    "NOT_VERIFIABLE": ("tidak dapat diuji", "not verifiable"),
    None: ("tidak ada", "absent"),
}
_FEEDS = {
    "events": ("kegiatan", "events"),
    "rosters": ("daftar pilar", "rosters"),
    "disbursements": ("penyaluran", "disbursements"),
    "premiums": ("iuran", "premiums"),
    "poverty": ("kemiskinan", "poverty"),
    "decisions": ("keputusan", "decisions"),
    "_unknown": ("tidak dikenal", "unknown"),
}
_MOVED = {
    "transfers": ("transfer", "transfer"),
    "promises": ("hak", "promise"),
    "months": ("bulan iuran", "premium month"),
    "figures": ("angka", "figure"),
}


def notes_of(difference: Difference | None, replaced: str | None) -> list[Note]:
    """What to tell. ``replaced`` is the release compared with, None for the first release; a ``difference`` of None
    with a ``replaced`` release means that it could not be read."""
    if replaced is None:
        return [
            Note("first", "Ini rilis pertama; belum ada rilis sebelumnya.", "The first release: nothing is before it.")
        ]
    if difference is None:
        return [
            Note(
                "limits",
                f"Rilis {replaced} tidak dapat dibaca, sehingga perubahan tidak diketahui.",
                f"Release {replaced} cannot be read, so what changed is not known.",
            )
        ]
    limits = list(_limits(difference))
    if not difference.changed:
        return [
            Note("same", f"Isinya sama dengan rilis {replaced}.", f"The content equals that of release {replaced}."),
            *limits,
        ]
    told = (_late, _files, _people, _money, _cover, _figures, _claims, _findings)
    return [note for tell in told for note in tell(difference)] + limits


def markdown(release_id: str, notes: Sequence[Note]) -> str:
    """The notes as a page: the whole of it in Bahasa Indonesia, then in English."""

    def part(title: str, place: int, say: Callable[[Note], str]) -> Iterator[str]:
        yield title
        for topic, names in TITLES.items():
            said = [say(note) for note in notes if note.topic == topic]
            if said:
                yield f"\n## {names[place]}\n"
                yield from (f"- {sentence}" for sentence in said)

    indonesian = part(f"# Apa yang berubah dalam rilis {release_id}", 0, lambda note: note.indonesian)
    english = part(f"\n# What changed in release {release_id}", 1, lambda note: note.english)
    return "\n".join([*indonesian, *english]) + "\n"


def _late(difference: Difference) -> Iterator[Note]:
    """A file that took rows which the release before still counted, and what it moved."""
    files = difference.section("files")
    moved: dict[str, list[Row]] = {}
    for row in files.rows("moved"):
        moved.setdefault(row["file_sha256"], []).append(row)
    corrections = files.rows("corrections")
    for row in corrections[:LISTED]:
        effects = moved.get(row["file_sha256"], [])
        id_moved = "; ".join(_effect(effect, 0) for effect in effects) or "tidak mengubah angka"
        en_moved = "; ".join(_effect(effect, 1) for effect in effects) or "no figure moved"
        late, mended, rows, days = (
            mask(row["file_name"]),
            mask(row["corrects"]),
            row["rows_superseded"],
            row["days_later"],
        )
        yield Note(
            "late",
            f"{late} menggantikan {_n(rows, 0)} baris dari {mended} ({_n(days, 0)} hari kemudian): {id_moved}.",
            f"{late} took {_few(rows, 'row')} of {mended} ({_few(days, 'day')} later): {en_moved}.",
        )
    yield from _rest("late", files, "corrections")


def _effect(row: Row, place: int) -> str:
    noun = _MOVED[row["what"]][place]
    told = f"{_few(row['n'], noun)} changed" if place else f"{_n(row['n'], 0)} {noun} berubah"
    return told if not row["amount_moved"] else f"{told}, {_rupiah(row['amount_moved'], place, signed=True)}"


def _files(difference: Difference) -> Iterator[Note]:
    files = difference.section("files")
    came = files.rows("came")
    for row in came[:LISTED]:
        name, feed = mask(row["file_name"]), _FEEDS.get(row["feed"], (row["feed"], row["feed"]))
        if row["state"] == "rejected":
            why = rule(row["rule_code"])
            said = f"ditolak: {_clause(why.message_id)}", f"rejected: {_clause(why.message_en)}"
        elif row["state"] == "duplicate":
            said = "isinya sudah pernah diterima", "its content had come before"
        else:
            told = [
                f"{_n(row['rows_accepted'], place)} {('diterima', 'accepted')[place]}, "
                f"{_n(row['rows_quarantined'], place)} {('dikarantina', 'quarantined')[place]}"
                for place in (0, 1)
            ]
            said = f"{_n(row['rows_read'], 0)} baris, {told[0]}", f"{_few(row['rows_read'], 'row')}, {told[1]}"
            if row["rows_superseded"]:
                said = (
                    f"{said[0]}, {_n(row['rows_superseded'], 0)} sudah digantikan berkas yang lebih baru",
                    f"{said[1]}, {_n(row['rows_superseded'], 1)} already superseded by a newer file",
                )
        yield Note("files", f"{name} ({feed[0]}): {said[0]}.", f"{name} ({feed[1]}): {said[1]}.")
    yield from _rest("files", files, "came")


def _people(difference: Difference) -> Iterator[Note]:
    counts: dict[str, int] = {}
    for row in difference.section("people").rows("counts"):
        counts[row["change"]] = counts.get(row["change"], 0) + int(row["people"])
    words = {
        "in": ("orang baru", "came in"),
        "out": ("orang tidak ada lagi", "went out"),
        "pillar": ("orang berganti pilar", "changed pillar"),
        "region": ("orang pindah kab/kota", "moved to another kab/kota"),
        "status": ("orang berganti status", "changed status"),
        "district": ("orang pindah kecamatan", "moved to another district"),
        "history": ("orang yang riwayat lamanya diperbaiki", "with an earlier history that was mended"),
    }
    told = [(counts[change], names) for change, names in words.items() if counts.get(change)]
    if told:
        indonesian = ", ".join(f"{_n(n, 0)} {names[0]}" for n, names in told)
        english = ", ".join(f"{_few(n, 'person', 'people')} {names[1]}" for n, names in told)
        yield Note("people", f"{indonesian}.", f"{english}.")


def _money(difference: Difference) -> Iterator[Note]:
    nouns = {
        "entitled": ("hak", "entitled"),
        "instructed": ("diperintahkan", "instructed"),
        "paid": ("dibayar", "paid"),
        "returned": ("dikembalikan", "returned"),
    }
    for row in difference.section("money").rows("by_event"):
        moved = [(noun, row[f"{name}_after"] - row[f"{name}_before"]) for name, noun in nouns.items()]
        told = [
            ", ".join(f"{noun[place]} {_rupiah(amount, place, signed=True)}" for noun, amount in moved if amount)
            for place in (0, 1)
        ]
        if told[0]:
            subject = f"{row['event_id']}, {row['benefit_code']}"
            yield Note("money", f"{subject}: {told[0]}.", f"{subject}: {told[1]}.")
    for row in difference.section("outcomes").rows("counts"):
        if row["before"] != row["after"]:
            before, after = _OUTCOMES[row["before"]], _OUTCOMES[row["after"]]
            yield Note(
                "money",
                f"{row['event_id']}: {_n(row['payees'], 0)} penerima dari {before[0]} menjadi {after[0]}.",
                f"{row['event_id']}: {_few(row['payees'], 'payee')} from {before[1]} to {after[1]}.",
            )


def _cover(difference: Difference) -> Iterator[Note]:
    for row in difference.section("cover").rows("by_year"):
        covered = int(row["months_covered_moved"])
        opened, closed = int(row["gaps_opened"]), int(row["gaps_closed"])
        yield Note(
            "cover",
            f"{row['year']}: bulan terlindungi {_n(covered, 0, signed=True)}, {_n(opened, 0)} bulan kosong baru, "
            f"{_n(closed, 0)} tertutup ({_n(row['people'], 0)} orang).",
            f"{row['year']}: months covered {_n(covered, 1, signed=True)}, {_few(opened, 'gap')} opened, "
            f"{_n(closed, 1)} closed ({_few(row['people'], 'person', 'people')}).",
        )


def _figures(difference: Difference) -> Iterator[Note]:
    section = difference.section("figures")
    for row in section.rows("revised")[:LISTED]:
        place = f"{row['region_name'] or row['region_code']} {row['period']}, {row['indicator']}"
        vintages = f"{row['vintage_before']} → {row['vintage_after']}"
        values = [f"{_n(row['before'], language)} → {_n(row['after'], language)}" for language in (0, 1)]
        yield Note(
            "figures", f"{place}: {values[0]} (terbitan {vintages}).", f"{place}: {values[1]} (vintage {vintages})."
        )
    yield from _rest("figures", section, "revised")
    words = {
        "added": ("angka baru", "added"),
        "removed": ("angka tidak ada lagi", "gone"),
        "kept_beside": (
            "angka terbitan lama disimpan di samping yang terbaru",
            "of older tables kept beside the newest",
        ),
    }
    for name, (indonesian, english) in words.items():
        listing = section.listing(name)
        if listing and listing.total:
            yield Note(
                "figures", f"{_n(listing.total, 0)} {indonesian}.", f"{_few(listing.total, 'figure')} {english}."
            )


def _claims(difference: Difference) -> Iterator[Note]:
    for row in difference.section("claims").rows("verdicts"):
        texts = row["claim_text"] or row["claim_id"], row["claim_text_en"] or row["claim_text"] or row["claim_id"]
        if row["before"] == row["after"]:
            said = [f"{_n(row['recomputed_before'], place)} → {_n(row['recomputed_after'], place)}" for place in (0, 1)]
            told = f"hitungan ulang {said[0]}", f"recomputed {said[1]}"
        else:
            before, after = _VERDICTS[row["before"]], _VERDICTS[row["after"]]
            told = f"{before[0]} → {after[0]}", f"{before[1]} → {after[1]}"
            if row["recomputed_after"] is not None:
                now = [_n(row["recomputed_after"], place) for place in (0, 1)]
                told = f"{told[0]}, hitungan ulang {now[0]}", f"{told[1]}, recomputed {now[1]}"
        yield Note("claims", f"“{texts[0]}” {told[0]}.", f"“{texts[1]}” {told[1]}.")


def _findings(difference: Difference) -> Iterator[Note]:
    words = {
        "opened": ("temuan baru", "opened"),
        "reopened": ("temuan dibuka lagi", "opened again"),
        "corrected": ("temuan diperbaiki", "corrected"),
        "waived": ("temuan dikecualikan petugas", "waived by a steward"),
        "superseded": ("temuan pada baris yang sudah digantikan", "on rows since superseded"),
        "gone": ("temuan tidak ada lagi", "gone"),
    }
    rows = difference.section("findings").rows("counts")
    for change, (indonesian, english) in words.items():
        found = [row for row in rows if row["change"] == change]
        if found:
            total = sum(int(row["findings"]) for row in found)
            named = [(rule(row["rule_code"]), row["findings"]) for row in found[:RULES_NAMED]]
            rules = (
                "; ".join(f"{_n(n, 0)} × {_clause(why.message_id)}" for why, n in named),
                "; ".join(f"{_n(n, 1)} × {_clause(why.message_en)}" for why, n in named),
            )
            more = "; …" if len(found) > RULES_NAMED else "."
            yield Note(
                "findings",
                f"{_n(total, 0)} {indonesian}: {rules[0]}{more}",
                f"{_few(total, 'finding')} {english}: {rules[1]}{more}",
            )


def _limits(difference: Difference) -> Iterator[Note]:
    remarks = [*difference.remarks, *(remark for section in difference.sections for remark in section.remarks)]
    for remark in dict.fromkeys(remarks):
        yield Note("limits", remark.indonesian, remark.english)


def _rest(topic: str, section: Any, name: str) -> Iterator[Note]:
    listing = section.listing(name)
    left = listing.total - min(LISTED, len(listing.rows)) if listing else 0
    if left > 0:
        yield Note(topic, f"Dan {_n(left, 0)} lagi.", f"And {_n(left, 1)} more.")


# ── words and numbers ─────────────────────────────────────────────────────────────────────────────────────────────


def _n(value: int | Decimal | None, place: int, *, signed: bool = False) -> str:
    """``1.657,5`` (place 0, Bahasa Indonesia) or ``1,657.5`` (place 1, English)."""
    if value is None:
        return "–"
    text = f"{Decimal(value):{'+' if signed else ''},f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−") if place else text.translate(str.maketrans(",.-", ".,−"))


def _few(value: int | Decimal | None, one: str, many: str | None = None) -> str:
    """``1 row``, ``2 rows``."""
    return f"{_n(value, 1)} {one if value == 1 else many or f'{one}s'}"


def _clause(sentence: str) -> str:
    """A rule's sentence inside another one."""
    return sentence.removesuffix(".")


def _rupiah(amount: Decimal, place: int, *, signed: bool = False) -> str:
    sign = ("+" if amount > 0 else "−") if signed else ""
    return f"{sign}Rp {_n(abs(amount), place)}"
