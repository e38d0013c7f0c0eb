"""Invented people who stand on two rosters, and how the second differs from the first: labelled evidence for identity.

Nobody here exists: serials of NIKs begin at 9001, telephones with 0810. Among them are the pairs that a careless rule
would make one person: twins (one birth date, NIKs that differ in the serial or the sex, often one account and telephone
of their parents), spouses on one account, parent and child of one name, and true namesakes born on one day.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from random import Random

from pilar.config import PROJECT


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MEN = _words("""
    Muhammad Achmad Abdul Agus Bambang Budi Djoko Eko Hadi Hasan Heri Imam Joko Kusno Mulyono Nur Slamet Soegeng
    Soeparno Sugeng Supardi Suparno Sutrisno Syaiful Taufik Teguh Totok Tri Wahyu Yusuf Zainal Ali Anwar Arif
    Bagus Choirul Dedi Didik Edi Fajar Feri Gatot Guntur Hariyanto Husen Ilham Irfan Jainuri Jumadi Karyono
    Kholil Lukman Mashudi Miftahul Nanang Purnomo Rahmat Ridwan Rudi Samsul Setyo Sholeh Soekarno Subagyo
    Sulaiman Supriyadi Tjipto Wawan Widodo Yoyok
""")
WOMEN = _words("""
    Siti Nur Sri Dewi Endang Eni Fitri Indah Ika Kartini Lilik Lestari Maria Murni Nanik Ngatini Nining Nurul
    Puji Ratna Rini Rina Rukmini Sari Sulastri Sumiati Sunarti Suparti Susi Sutini Titik Tutik Umi Wahyuni Wiwik
    Yayuk Yuni Aisyah Aminah Anik Ani Asih Chusnul Dyah Erna Farida Hanifah Halimah Iis Istiqomah Jamilah
    Juwariyah Khotimah Lailatul Luluk Maslikah Mamik Musrifah Nikmah Qomariyah Rohmah Romlah Rukayah Sholikhah
    Sunarsih Tri Tuminah Wulan Zubaidah Zulaikha
""")
SECOND = _words("""
    Wijaya Santoso Setiawan Hidayat Prasetyo Kurniawan Wibowo Susanto Hartono Gunawan Saputra Nugroho Utomo
    Purwanto Rahman Hakim Fauzi Huda Arifin Mustofa Rosyid Ma'ruf Basuki Cahyono Darmawan Effendi Firmansyah
    Ghofur Handoko Iskandar Jatmiko Kuncoro Laksono Mahmud Ngadiman Oetomo Pamungkas Raharjo Soebroto Suryadi
    Tjahjono Umar Wardani Yulianto Zakaria Aini Hasanah Kholifah Maghfiroh Nurjanah Puspita Rahayu Rahmawati
    Safitri Utami Wahyuningsih Wulandari Yulianti Zahro Azizah Fatimah Fauziyah Handayani Kusumawati Mufidah
    Mulyani Ningsih Oktaviani Permatasari Qoyimah Romadhon Sulistyowati
""")
TITLES = ("H.", "Drs.", "Ir.", "R.", "Drs. H.", "Hj.")
DEGREES = (", S.Sos.", ", S.Pd.I.", " S.Pd", ", S.E., M.M.", " S.Sos", ", S.H.", ", A.Md.")
OLD_SPELLING = (
    ("Su", "Soe"),
    ("Ju", "Djoe"),
    ("J", "Dj"),
    ("Mul", "Moel"),
    ("Ut", "Oet"),
    ("Cah", "Tjah"),
    ("Gun", "Goen"),
)
ABBREVIATIONS = {
    "Muhammad": ("Moch.", "Moh.", "M.", "Muh."),
    "Achmad": ("Ahmad", "Akhmad", "Ach."),
    "Abdul": ("Abd.",),
    "Siti": ("St.",),
}
KEYS_BESIDE = {"a": "sq", "i": "uo", "u": "yi", "e": "rw", "n": "mb", "r": "te", "s": "ad", "t": "ry", "o": "ip"}


@dataclass(frozen=True)
class Entry:
    """A row of a roster, as text, and who it is: ``person`` is the label that no model sees."""

    person: int
    nik: str
    name: str
    sex: str
    birth: date
    region: str
    account: str
    phone: str
    bpjs_no: str
    has_birth: bool = True


@dataclass(frozen=True)
class Rates:
    """Shares of the people, or of the rows of the second roster, to which each thing happens."""

    twins: float = 0.01
    spouses: float = 0.04
    parents: float = 0.005
    namesakes: float = 0.005
    nik_typo: float = 0.06
    nik_missing: float = 0.03
    titles: float = 0.25
    abbreviated: float = 0.3
    old_spelling: float = 0.1
    name_typo: float = 0.08
    initials: float = 0.04
    cut_off: float = 0.02
    word_order: float = 0.02
    birth_typo: float = 0.015
    birth_swapped: float = 0.01
    birth_missing: float = 0.01
    account_changed: float = 0.08
    account_missing: float = 0.02
    phone_changed: float = 0.12
    phone_missing: float = 0.08
    fields_swapped: float = 0.005
    bpjs_missing: float = 0.3
    bpjs_changed: float = 0.02
    moved: float = 0.04


@dataclass
class Register:
    """Everybody, with numbers that are unique where the world makes them unique."""

    rng: Random
    people: list[Entry] = field(default_factory=list)
    serials: Counter[str] = field(default_factory=Counter)
    numbers: set[str] = field(default_factory=set)

    def stranger(self) -> Entry:
        rng = self.rng
        sex = rng.choice("LP")
        birth = self._birth()
        code, region = rng.choice(districts())
        if rng.random() < 0.1:
            region = rng.choice(districts())[1]
        return self._enter(name(rng, sex), sex, birth, (code, region), self._contact())

    def twin_of(self, one: Entry) -> Entry:
        """Born on the same day in the same place; half are still reached through their parents."""
        rng = self.rng
        sex = one.sex if rng.random() < 0.65 else "LP".replace(one.sex, "")
        words = one.name.split()
        other = name(rng, sex).split()
        if sex == one.sex and rng.random() < 0.5:
            alike = other_vowel(rng, words[-1]) if rng.random() < 0.3 else other[-1]
            other = [*words[:-1], alike]
        shares = rng.random() < 0.5
        contact = (one.account, one.phone) if shares else self._contact()
        return self._enter(" ".join(other), sex, one.birth, _home(one), contact)

    def spouse_of(self, one: Entry) -> Entry:
        """Paid to the same account, reached under the same number."""
        sex = "LP".replace(one.sex, "")
        return self._enter(name(self.rng, sex), sex, self._birth(), _home(one), (one.account, one.phone))

    def child_of(self, one: Entry) -> Entry:
        """Of the same name, paid to the same account."""
        birth = one.birth + timedelta(days=self.rng.randrange(7_000, 12_000))
        return self._enter(one.name, one.sex, birth, _home(one), (one.account, self.phone()))

    def namesake_of(self, one: Entry) -> Entry:
        """The same name and birth date, half of them in the same kab/kota; nothing else."""
        home = _home(one) if self.rng.random() < 0.5 else self.rng.choice(districts())
        return self._enter(one.name, one.sex, one.birth, home, self._contact())

    def _birth(self) -> date:
        return date(1962, 1, 1) + timedelta(days=self.rng.randrange(15_000))

    def _contact(self) -> tuple[str, str]:
        return self.account(), self.phone()

    def account(self) -> str:
        return self._unique(lambda: f"0{self.rng.randrange(10**8, 10**9)}")

    def phone(self) -> str:
        return self._unique(lambda: f"0810{self.rng.randrange(10**7, 10**8)}")

    def bpjs_no(self) -> str:
        return self._unique(lambda: f"23{self.rng.randrange(10**8, 10**9)}")

    def _enter(self, name: str, sex: str, birth: date, home: tuple[str, str], contact: tuple[str, str]) -> Entry:
        (code, region), (account, phone) = home, contact
        front = f"{code}{birth.day + (40 if sex == 'P' else 0):02d}{birth:%m%y}"
        self.serials[front] += 1
        nik = f"{front}{9000 + self.serials[front]:04d}"
        made = Entry(len(self.people), nik, name, sex, birth, region, account, phone, self.bpjs_no())
        self.people.append(made)
        return made

    def _unique(self, make: Callable[[], str]) -> str:
        while (made := make()) in self.numbers:
            pass
        self.numbers.add(made)
        return made


def _home(one: Entry) -> tuple[str, str]:
    return one.nik[:6], one.region


@cache
def districts() -> Sequence[tuple[str, str]]:
    """Home Ministry code and region of the districts of East Java."""
    with (PROJECT / "dbt_project" / "seeds" / "districts.csv").open(encoding="utf-8", newline="") as handle:
        return tuple((row["kemendagri_code"], row["region_code"]) for row in csv.DictReader(handle))


def rosters(people: int, seed: int, rates: Rates = Rates()) -> tuple[list[Entry], list[Entry]]:
    """Two rosters of the same people (at least ``people``): as they are, and as somebody typed them a year later."""
    rng = Random(seed)
    register = Register(rng)
    kin = (
        (rates.twins, register.twin_of),
        (rates.spouses, register.spouse_of),
        (rates.parents, register.child_of),
        (rates.namesakes, register.namesake_of),
    )
    while len(register.people) < people:
        one = register.stranger()
        for rate, relative in kin:
            if rng.random() < rate:
                relative(one)
    first = [replace(entry, name=decorated(rng, entry.name, rates)) for entry in register.people]
    return first, [typed_again(register, entry, rates) for entry in register.people]


def typed_again(register: Register, entry: Entry, rates: Rates) -> Entry:
    """The same person a year later, through other hands."""
    rng = register.rng
    birth, chance = entry.birth, rng.random()
    if chance < rates.birth_typo:
        birth = another_date(rng, birth)
    elif chance < rates.birth_typo + rates.birth_swapped and birth.day <= 12:
        birth = birth.replace(day=birth.month, month=birth.day)
    account = of(rng, entry.account, rates.account_changed, register.account, rates.account_missing)
    phone = of(rng, entry.phone, rates.phone_changed, register.phone, rates.phone_missing)
    if rng.random() < rates.fields_swapped:
        account, phone = phone, account
    return replace(
        entry,
        nik=nik_again(rng, entry.nik, rates),
        name=decorated(rng, misspelt(rng, entry.name, rates), rates),
        birth=birth,
        has_birth=chance <= 1 - rates.birth_missing,
        account=account,
        phone=phone,
        bpjs_no=of(rng, entry.bpjs_no, rates.bpjs_changed, register.bpjs_no, rates.bpjs_missing),
        region=rng.choice(districts())[1] if rng.random() < rates.moved else entry.region,
    )


def of(rng: Random, value: str, changed: float, another: Callable[[], str], missing: float) -> str:
    chance = rng.random()
    return "" if chance < missing else another() if chance < missing + changed else value


def nik_again(rng: Random, nik: str, rates: Rates) -> str:
    """The NIK, or what a slip of the fingers makes of it; empty when nobody had the card."""
    chance = rng.random()
    if chance < rates.nik_missing:
        return ""
    if chance >= rates.nik_missing + rates.nik_typo:
        return nik
    kind, at = rng.random(), rng.randrange(16)
    digits = list(nik)
    if kind < 0.55:
        digits[at] = rng.choice([digit for digit in "0123456789" if digit != digits[at]])
    elif kind < 0.8:
        at = min(at, 14)
        digits[at], digits[at + 1] = digits[at + 1], digits[at]
    elif kind < 0.9:
        other = rng.randrange(16)
        digits[at], digits[other] = digits[other], digits[at]
    else:
        day = int(nik[6:8])
        digits[6:10] = f"{int(nik[8:10]) + (40 if day > 40 else 0):02d}{day % 40:02d}"
    return "".join(digits)


def name(rng: Random, sex: str) -> str:
    """One to four words; the common ones come often."""
    first = MEN if sex == "L" else WOMEN
    words = [common(rng, first)]
    chance = rng.random()
    if chance > 0.05 or words[0] in ABBREVIATIONS:
        words.append(rng.choice(SECOND))
    if chance > 0.55:
        words.insert(1, rng.choice(first))
    if chance > 0.93:
        words.append(rng.choice(SECOND))
    return " ".join(dict.fromkeys(words))


def common(rng: Random, words: Sequence[str]) -> str:
    return words[min(int(rng.expovariate(1 / 12)), len(words) - 1)]


def decorated(rng: Random, name: str, rates: Rates) -> str:
    """The same name as another form has it: titles, abbreviations, old spelling, capitals."""
    words = name.split()
    if len(words) > 1 and words[0] in ABBREVIATIONS and rng.random() < rates.abbreviated:
        words[0] = rng.choice(ABBREVIATIONS[words[0]])
    name = " ".join(words)
    if rng.random() < rates.old_spelling:
        name = " ".join(old_spelling(word) for word in words)
    if rng.random() < rates.titles:
        chance = rng.random()
        name = f"{rng.choice(TITLES)} {name}" if chance < 0.4 else f"{name}{rng.choice(DEGREES)}"
    return name.upper() if rng.random() < 0.7 else name


def old_spelling(word: str) -> str:
    """As it was written before 1972."""
    return next((word.replace(new, old, 1) for new, old in OLD_SPELLING if word.startswith(new)), word)


def misspelt(rng: Random, name: str, rates: Rates) -> str:
    """Another name, strictly read: a slip, initials, cut off by a form, or words in another order."""
    words = name.split()
    chance = rng.random()
    changes: tuple[tuple[float, Callable[[], str]], ...] = (
        (rates.name_typo, lambda: mistyped(rng, name)),
        (rates.initials, lambda: " ".join([*words[:-1], f"{words[-1][0]}."]) if len(words) > 1 else name),
        (rates.cut_off, name[:14].strip),
        (rates.word_order, lambda: " ".join([words[-1], *words[:-1]])),
    )
    for rate, change in changes:
        if chance < rate:
            return change()
        chance -= rate
    return name


def other_vowel(rng: Random, name: str) -> str:
    """A name that sounds like it, as parents choose them: Rina, Rini."""
    at = rng.choice([place for place, letter in enumerate(name) if letter in "aiueo"])
    return name[:at] + rng.choice("aiueo".replace(name[at], "")) + name[at + 1 :]


def mistyped(rng: Random, text: str) -> str:
    """A letter wrong, missing, doubled, or two swapped."""
    at = rng.randrange(1, len(text)) if len(text) > 1 else 0
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + rng.choice(KEYS_BESIDE.get(text[at].lower(), "aeiou")) + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at - 1] + text[at:]
    return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :] if at else text


def another_date(rng: Random, day: date) -> date:
    """One digit of it wrong."""
    text = f"{day:%d%m%Y}"
    while True:
        at = rng.choice((0, 1, 2, 3, 6, 7))
        other = text[:at] + rng.choice("0123456789") + text[at + 1 :]
        try:
            made = date(int(other[4:]), int(other[2:4]), int(other[:2]))
        except ValueError:
            continue
        if made != day:
            return made


HEADER = "NIK;NAMA;L/P;TANGGAL LAHIR;PILAR;KAB/KOTA;NO REKENING;NO HP;KPJ;KEGIATAN"


def lines(entries: Sequence[Entry], event: str) -> Iterator[str]:
    """The roster as a text file, header first: entry i stands in row i + 2."""
    yield HEADER
    for entry in entries:
        birth = f"{entry.birth:%d/%m/%Y}" if entry.has_birth else ""
        yield ";".join(
            (
                entry.nik,
                entry.name,
                entry.sex,
                birth,
                "PKH",
                entry.region,
                entry.account,
                entry.phone,
                entry.bpjs_no,
                event,
            )
        )
