"""One person is erased: nothing of theirs is left, the money and everybody else's rows are as before."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest

from pilar import landing, night, raw, verify
from pilar.config import Home
from pilar.persons import erasure
from pilar.persons.rows import UnfitNik, find, fit_nik
from tests.harness.memory import Memory, Rows
from tests.harness.nights import Nights
from tests.persons.everything import places_of

NIK, NAME, ACCOUNT, PHONE, BPJS = "3523124101850001", "SITI REKAAN", "0091827364", "081234567890", "12345678901"
HERS = (NIK, NAME, ACCOUNT.lstrip("0"), PHONE.lstrip("0"), BPJS)
HEAD = [
    "NIK",
    "NAMA",
    "JENIS KELAMIN",
    "TANGGAL LAHIR",
    "PILAR",
    "KAB/KOTA",
    "NO REKENING",
    "NAMA REKENING",
    "NO HP",
    "KPJ",
]
SHE = [NIK, NAME, "P", "01/01/1985", "PKH", "Kab. Tuban", ACCOUNT, NAME, PHONE, BPJS]
HE = [
    "3523120202900002", "BUDI REKAAN", "L", "02/02/1990", "PKH", "Kab. Tuban", "0091827399", "BUDI REKAAN",
    "081234567891", "12345678902",
]  # fmt: skip
EVENTS = (
    "KEGIATAN;NAMA KEGIATAN;TANGGAL KEGIATAN;BAKORWIL;PILAR;PROGRAM;NOMINAL;JUMLAH BULAN;MULAI\n"
    "BJN-1;Penyaluran;20/11/2023;Bojonegoro;PKH;TALI_ASIH;1000000;;\n"
    "BJN-1;Penyaluran;20/11/2023;Bojonegoro;PKH;BPJS_TK;16800;2;01/11/2023\n"
)
BANK = (
    "NO REFERENSI;BATCH;KEGIATAN;PROGRAM;TANGGAL INSTRUKSI;NO REKENING;NAMA REKENING;NOMINAL;STATUS;TANGGAL EFEKTIF\n"
    f"R-1;B-1;BJN-1;TALI_ASIH;21/11/2023;{ACCOUNT};{NAME};1000000;SUKSES;22/11/2023\n"
    "R-2;B-1;BJN-1;TALI_ASIH;21/11/2023;0091827399;BUDI REKAAN;1000000;SUKSES;22/11/2023\n"
)
PREMIUMS = (
    "KPJ;NIK;NAMA;BULAN;PROGRAM;IURAN;STATUS;TANGGAL BAYAR\n"
    f"{BPJS};{NIK};{NAME};2023-11;JKK+JKM;16800;LUNAS;05/11/2023\n"
    f"{BPJS};;{NAME};2023-12;JKK+JKM;16800;LUNAS;05/12/2023\n"
    "12345678902;3523120202900002;BUDI REKAAN;2023-11;JKK+JKM;16800;LUNAS;05/11/2023\n"
)
VERDICT = (
    "finding_key,verdict,reason,decided_by,expires_on\n"
    f"f_abcdefghijklmnopabcd,waive,{NAME.title()} sudah diperiksa,petugas,2099-01-01\n"
)
FIGURES = {
    "money": "SELECT outcome, count(*), sum(entitled_idr), sum(paid_idr), sum(attempts)"
    " FROM mart_disbursement_reconciliation GROUP BY 1",
    "transfers": "SELECT reference_no, amount_idr, status, attempt_no, participant_id IS NULL FROM fct_disbursement",
    "premiums": "SELECT coverage_month, amount_idr, status, count(*) FROM fct_premium_month GROUP BY ALL",
    "cover": "SELECT outcome, months_expected, months_covered, count(*) FROM mart_premium_coverage GROUP BY ALL",
    "people": "SELECT pillar_code, region_code, sex, birth_year, is_current, count(*)"
    " FROM dim_participant GROUP BY ALL",
    "ledger": "SELECT feed, file_name, state, rows_read, rows_accepted, rows_quarantined FROM file_ledger",
}
"""What must be the same before and after."""
HIS = "SELECT * FROM dim_participant WHERE sex = 'L'"


def csv(*rows: list[str]) -> str:
    return "\n".join(";".join(row) for row in rows) + "\n"


def workbook(*rows: list[str]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    notes = book.create_sheet("Catatan")
    notes.sheet_state = "hidden"
    notes.append([f"Telepon {NAME.title()}: {PHONE[:4]}-{PHONE[4:8]}-{PHONE[8:]}"])
    book.save(file)
    return file.getvalue()


def archive(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return file.getvalue()


def drop(home: Home, name: str, content: str | bytes, *, at: int) -> Path:
    path = home.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (at, at))
    return path


@pytest.fixture
def taken(home: Home) -> Home:
    """Files of many kinds that speak of her, and of him, are taken into ``raw/``."""
    drop(home, "events/kegiatan.csv", EVENTS, at=1_700_000_000)
    drop(home, "rosters/lama.csv", csv(HEAD, SHE), at=1_690_000_000)
    drop(home, "rosters/tuban.xlsx", workbook(HEAD, SHE, HE), at=1_700_000_000)
    drop(home, "rosters/tanpa nik/tuban.csv", csv(HEAD[1:], SHE[1:]), at=1_700_000_000)
    drop(home, "disbursements/bjtm.zip", archive("bjtm.csv", BANK.encode("utf-8")), at=1_700_100_000)
    drop(home, "premiums/iuran.csv.gz", gzip.compress(PREMIUMS.encode("utf-16"), mtime=0), at=1_700_200_000)
    drop(home, "decisions/keputusan.csv", VERDICT, at=1_700_300_000)
    for item in landing.scan(home).items:
        landing.ingest(home, item)
    verify.check(home)
    return home


@pytest.fixture
def nights(taken: Home, memory: Memory) -> Nights:
    """A night over them."""
    memory.forget()
    done = Nights(taken, memory)
    done.run()
    return done


def figures(nights: Nights) -> dict[str, Rows]:
    return {name: sorted(nights.ask(query), key=repr) for name, query in FIGURES.items()}


def again(nights: Nights) -> None:
    """The next night, over a warehouse that is gone."""
    nights.memory.forget()
    nights.run()


def test_nothing_of_hers_is_left_and_the_money_stays(nights: Nights) -> None:
    home, before, his = nights.home, figures(nights), nights.ask(HIS)
    held = {place.split("/")[0] for place in places_of(home.root, HERS)}
    assert held == {"landing", "raw"}, "the search finds her, in both"
    done = erasure.forget(home, NIK, by="petugas")
    assert (done.rows, done.contents, done.landed) == (6, 6, 6)
    assert places_of(home.root, HERS) == set()
    assert verify.check(home, every=True).damage == []
    again(nights)
    assert figures(nights) == before
    assert nights.ask(HIS) == his
    assert places_of(home.root, HERS) == set()
    assert len(find(home, "3523120202900002").rows) == 3, "his rows are as they were"


def test_the_record_names_nobody(taken: Home) -> None:
    erasure.forget(taken, NIK, by="petugas")
    (line,) = erasure.notes(taken)
    assert line.keys() == {"at", "by", "marks", "rows", "contents", "landed", "shared"}
    assert line["by"] == "petugas"
    assert not any(value in json.dumps(line) for value in HERS)
    assert (taken.raw / raw.FORGOTTEN).stat().st_mode & 0o777 == 0o600


def test_the_same_file_again_does_not_bring_her_back(nights: Nights) -> None:
    home = nights.home
    erasure.forget(home, NIK, by="petugas")
    again(nights)
    before = figures(nights)
    landed = nights.drop("rosters/tuban.xlsx", workbook(HEAD, SHE, HE), at=1_700_000_000)
    landed_again = nights.drop("disbursements/lagi.zip", archive("bjtm.csv", BANK.encode("utf-8")), at=1_700_900_000)
    nights.run()
    assert {name: rows for name, rows in figures(nights).items() if name != "ledger"} == {
        name: rows for name, rows in before.items() if name != "ledger"
    }
    landed.unlink()
    landed_again.unlink()
    assert places_of(home.root, HERS) == set()


def test_a_new_file_that_speaks_of_her_does_not_either(nights: Nights, caplog: pytest.LogCaptureFixture) -> None:
    home = nights.home
    erasure.forget(home, NIK, by="petugas")
    again(nights)
    before = figures(nights)
    landed = nights.drop("rosters/baru.csv", csv(HEAD, HE, SHE), at=1_701_000_000)
    (item,) = landing.scan(home).items
    assert landing.ingest(home, item).erased
    assert "remove the file from landing" in caplog.text
    assert not any(value in caplog.text for value in HERS)
    landed.unlink()
    nights.run()
    after = figures(nights)
    assert (after["money"], after["people"]) == (before["money"], before["people"]), "the same anonymous person"
    assert places_of(home.root, HERS) == set()


def test_other_readers_leave_what_has_no_bytes_as_it_is(taken: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home = taken
    erasure.forget(home, NIK, by="petugas")
    monkeypatch.setattr("pilar.raw.reader_version", lambda feed: f"other-{feed}")
    assert {receipt.file_name for receipt in raw.outdated(home)} == {"kegiatan.csv"}


def test_what_others_state_too_stays_with_them(nights: Nights) -> None:
    """A husband is paid to her account: his row keeps its number, and her rows do not."""
    home = nights.home
    his = [*HE[:6], ACCOUNT, *HE[7:]]
    nights.drop("rosters/bersama.csv", csv(HEAD, his), at=1_702_000_000)
    nights.run()
    done = erasure.forget(home, NIK, by="petugas")
    assert done.shared == 1
    left = places_of(home.root, (ACCOUNT.lstrip("0"),))
    assert {place.split("/")[1] for place in left} == {"rosters"}
    assert len({place.split("/")[2] for place in left}) <= 2, "landing/rosters/bersama.csv, and its folder in raw/"
    assert places_of(home.root, (NIK, NAME, BPJS)) == set()


@pytest.mark.parametrize("crash_at", range(1, 7))
def test_a_crash_is_mended_by_asking_again(taken: Home, monkeypatch: pytest.MonkeyPatch, crash_at: int) -> None:
    """Ended before the nth content: what is left is found the next time."""
    home, calls, whole = taken, [], erasure._erase

    def crash(*given: object) -> None:
        calls.append(1)
        if len(calls) == crash_at:
            raise OSError("pulled plug")
        whole(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(OSError, match="pulled plug"):
        patch.setattr(erasure, "_erase", crash)
        erasure.forget(home, NIK, by="petugas")
    erasure.forget(home, NIK, by="petugas")
    assert places_of(home.root, HERS) == set()
    assert verify.check(home, every=True).damage == []


def test_a_reason_that_quotes_her_goes_too(taken: Home) -> None:
    """A roster whose first person stands where the header should: raw/ keeps a reason that quotes it, a night's account
    does not."""
    home = taken
    odd = csv(["NAMA", "PILAR", "KAB/KOTA", "NO REKENING", NAME], ["A", "PKH", "Kab. Tuban", "12", "B"])
    drop(home, "rosters/aneh.csv", odd, at=1_700_400_000)
    plan = night.begin(home, force=True)
    for item in plan["items"]:
        night.ingest(home, plan["night_id"], item)
    quoting = {place.split("/")[0] for place in places_of(home.root, (NAME,))}
    assert quoting == {"landing", "raw"}
    erasure.forget(home, NIK, by="petugas")
    assert places_of(home.root, HERS) == set()


def test_what_has_landed_is_taken_first(taken: Home) -> None:
    drop(taken, "rosters/baru.csv", csv(HEAD, SHE), at=1_701_000_000)
    with pytest.raises(erasure.CannotForget, match="run `pilar run` first"):
        erasure.forget(taken, NIK, by="petugas")
    assert erasure.notes(taken) == []


def test_nobody_is_nobody(taken: Home) -> None:
    with pytest.raises(erasure.CannotForget, match="Nothing is held"):
        erasure.forget(taken, "3523124101850009", by="petugas")
    assert erasure.notes(taken) == []


@pytest.mark.parametrize("typed", ["", "12", "3523 1241 0185 000", "352312410185000a", "35231241018500012"])
def test_what_is_no_nik_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(UnfitNik) as refused:
        fit_nik(typed)
    assert not typed or typed not in str(refused.value)
    assert fit_nik(" 3523-1241-0185-0001\n") == NIK
