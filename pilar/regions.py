"""The one resolver of region names and codes, over ``dbt_project/seeds/regions.csv``.

Rosters, BPS tables, file names and SQL all ask here, so that one spelling has one meaning everywhere:

* A spelling is compared by its ``key``: upper case, letters and digits only.
* A full name (``Kabupaten Kediri``, ``Kota Kediri``, ``Jawa Timur``, a seeded alias, a code) beats a bare one
  (``Kediri``). A bare name that fits several regions is ambiguous, never a guess. A reader that knows its
  table's habit says so: BPS means the regency by a bare name (``bare_is="kabupaten"``).
* ``within`` names the province whose regions win over others of the same name. Regions elsewhere are still
  recognised, so that a check can say "outside East Java" instead of "unknown".
* A prefix that contradicts the map (``Kabupaten Surabaya``) is no spelling of anything.
"""

from __future__ import annotations

import csv
import html
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pilar.config import PROJECT

Level = Literal["country", "province", "kabkota"]
BareIs = Literal["kabupaten"]

SEED = PROJECT / "dbt_project" / "seeds" / "regions.csv"
EAST_JAVA = "3500"
COUNTRY = "0000"

REGENCY_WORDS = ("KABUPATEN", "KAB", "KABUPATENADMINISTRASI", "KABADM", "KABUPATENADM", "PEMKAB")
CITY_WORDS = ("KOTA", "KOTAMADYA", "KODYA", "KOTAADMINISTRASI", "KOTAADM", "PEMKOT")
EITHER_WORDS = ("KABKOTA", "KABUPATENKOTA", "KOTAKAB", "KOTAKABUPATEN")
"""Words of a form's label (``KAB/KOTA KEDIRI``): what follows them is a bare name."""
AFTER_REGENCY = ("KAB", "KABUPATEN", "REGENCY")
AFTER_CITY = ("KOTA", "CITY", "MUNICIPALITY")
"""Words that follow a name: ``Kediri, Kab.``, ``Kediri (Kota)``, ``Kediri Regency``."""
PROVINCE_WORDS = ("PROVINSI", "PROV", "PROPINSI", "PROP")

NOT_A_REGION_AFTER = frozenset(
    {"BAKORWIL", "BANK", "KECAMATAN", "KEC", "DESA", "KELURAHAN", "KEL", "JALAN", "JL", "UPT", "EKS", "KARESIDENAN"}
)
"""``Bakorwil Bojonegoro`` is an office over eight kab/kota, ``Bank Jatim`` a bank: neither names a region."""

_LONGEST_NAME = 7  # words, prefix included


@dataclass(frozen=True)
class Region:
    """A row of the seed. ``code`` is the BPS code of four digits, ``0000`` Indonesia."""

    code: str
    name: str
    level: Level
    kind: Literal["kabupaten", "kota", ""]
    parent: str
    kemendagri_code: str
    aliases: tuple[str, ...]

    @property
    def bare(self) -> str:
        """The name without ``Kabupaten`` or ``Kota``."""
        return re.sub(r"^(Kabupaten|Kota)\s+", "", self.name) if self.level == "kabkota" else self.name


@dataclass(frozen=True)
class Alias:
    """One accepted spelling. ``region_code`` is ``None`` exactly when it is ambiguous."""

    alias_key: str
    region_code: str | None
    ambiguous: bool


@dataclass(frozen=True)
class Resolution:
    """What a label stands for: a code, or nothing because it is unknown or ambiguous."""

    region_code: str | None
    ambiguous: bool


@dataclass(frozen=True)
class _Candidate:
    region: Region
    full: bool


UNKNOWN = Resolution(None, ambiguous=False)


def key(text: str) -> str:
    """The comparison key; the same in SQL: ``upper(regexp_replace(x, '[^A-Za-z0-9]', '', 'g'))``."""
    return re.sub(r"[^A-Za-z0-9]", "", text).upper()


def clean(label: str) -> str:
    """A printed label without HTML, footnote marks (``*``, ``1)``) and stray blanks."""
    text = re.sub(r"<[^>]*>", " ", html.unescape(label))
    text = re.sub(r"(\s*(?<![\d(])\d{1,2}\)|[\s*]+)+$", "", text)
    return " ".join(text.split())


@cache
def regions() -> dict[str, Region]:
    """All regions by BPS code, in the order of the seed."""
    with SEED.open(encoding="utf-8", newline="") as handle:
        return {row["region_code"]: _region(row) for row in csv.DictReader(handle)}


def aliases(within: str | None = EAST_JAVA) -> list[Alias]:
    """Every accepted spelling with what it stands for, sorted by key: the rows of ``raw.region_aliases``."""
    found = ((alias_key, _decide(candidates, None, within, None)) for alias_key, candidates in _index().items())
    return sorted((Alias(k, r.region_code, r.ambiguous) for k, r in found), key=lambda alias: alias.alias_key)


def resolve(
    label: str,
    *,
    bare_is: BareIs | None = None,
    within: str | None = EAST_JAVA,
    level: Level | None = None,
) -> Resolution:
    """The region that a label or code stands for.

    ``bare_is`` decides bare names that are a regency and a city; ``within`` is the province that wins over
    others; ``level`` admits only regions of that level (``Gorontalo`` is a province, a regency and a city).
    """
    candidates = _index().get(key(clean(label)), ())
    return _decide(candidates, bare_is, within, level)


def find_in_text(text: str, within: str | None = EAST_JAVA, level: Level | None = None) -> str | None:
    """The one region that a title, sheet name, file name or folder names; ``None`` for none, several or ambiguous.

    A kab/kota wins over its own province (``Kab. Tuban, Jawa Timur``). Outside ``within`` only names with their
    prefix count, so that common words (``Batang``, ``Banjar``) name nothing. A BPS code counts only inside
    ``within`` and only where no name does, because years and counts look like codes.
    """
    found = named_in(text, within, level)
    return found[0] if len(found) == 1 else None


def named_in(text: str, within: str | None = EAST_JAVA, level: Level | None = None) -> list[str | None]:
    """Every region that a text names, as ``find_in_text`` finds one: codes, and a last ``None`` for ambiguous names."""
    words = re.findall(r"[A-Z]+|[0-9]+", _split_camel(clean(text)).upper())
    named = list(_named(words, within, level))
    codes = {resolution.region_code for resolution in named if resolution.region_code}
    if not named:
        codes = {word for word in words if len(word) == 4 and word in regions() and _inside(regions()[word], within)}
        codes = {code for code in codes if level in (None, regions()[code].level)} if within else set()
    parents = {regions()[code].parent for code in codes} | {COUNTRY}
    return [*sorted(codes - parents or codes), *([None] if any(one.ambiguous for one in named) else [])]


def _region(row: dict[str, str]) -> Region:
    return Region(
        code=row["region_code"],
        name=row["region_name"],
        level=row["region_level"],  # type: ignore[arg-type]  # accepted values are a dbt test of the seed
        kind=row["region_type"],  # type: ignore[arg-type]
        parent=row["parent_code"],
        kemendagri_code=row["kemendagri_code"],
        aliases=tuple(alias for alias in row["aliases"].split(";") if alias),
    )


@cache
def _index() -> dict[str, tuple[_Candidate, ...]]:
    """Candidates of each key, at most one a region (the full reading before the bare one)."""
    found: dict[str, dict[str, _Candidate]] = defaultdict(dict)
    for region in regions().values():
        for spelling, full in _spellings(region):
            known = found[spelling].get(region.code)
            if known is None or full > known.full:
                found[spelling][region.code] = _Candidate(region, full)
    return {spelling: tuple(by_code.values()) for spelling, by_code in found.items()}


def _spellings(region: Region) -> Iterator[tuple[str, bool]]:
    """(key, is a full name) of every accepted spelling of a region."""
    yield region.code, True
    if region.kemendagri_code:
        yield key(region.kemendagri_code), True
    names = [key(name) for name in _short_forms((region.bare, *region.aliases))]
    if region.level != "kabkota":
        for name in names:
            yield name, True
            if region.level == "province":
                yield from ((word + name, True) for word in PROVINCE_WORDS)
                yield name + "PROVINCE", True
        return
    for name in names:
        yield name, False
        yield from ((word + name, False) for word in EITHER_WORDS)
        for word in REGENCY_WORDS if region.kind == "kabupaten" else CITY_WORDS:
            yield word + name, True
        for word in AFTER_REGENCY if region.kind == "kabupaten" else AFTER_CITY:
            yield name + word, True


def _short_forms(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield name
        if name.startswith("Kepulauan "):
            yield "Kep. " + name.removeprefix("Kepulauan ")


def _inside(region: Region, within: str | None) -> bool:
    return within is not None and within in (region.code, region.parent)


def _decide(
    candidates: Iterable[_Candidate], bare_is: BareIs | None, within: str | None, level: Level | None
) -> Resolution:
    left = [candidate for candidate in candidates if level in (None, candidate.region.level)]
    left = [candidate for candidate in left if _inside(candidate.region, within)] or left
    left = [candidate for candidate in left if candidate.full] or left
    if len(left) > 1 and bare_is:
        left = [candidate for candidate in left if candidate.region.kind == bare_is] or left
    if not left:
        return UNKNOWN
    return Resolution(left[0].region.code, ambiguous=False) if len(left) == 1 else Resolution(None, ambiguous=True)


def _split_camel(text: str) -> str:
    """``RosterKabTuban`` → ``Roster Kab Tuban``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)


def _named(words: list[str], within: str | None, level: Level | None) -> Iterator[Resolution]:
    """What each name in the words stands for: the longest reading first, left to right."""
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + _LONGEST_NAME), at, -1):
            resolution = _reading(words, at, end, within, level)
            if resolution is not None:
                yield resolution
                at = end
                break
        else:
            at += 1


def _reading(words: list[str], at: int, end: int, within: str | None, level: Level | None) -> Resolution | None:
    if at and words[at - 1] in NOT_A_REGION_AFTER:
        return None
    name = "".join(words[at:end])
    candidates = _index().get(name, ())
    if not candidates or name.isdigit():
        return None
    bare = all(not candidate.full for candidate in candidates)
    if bare and within is not None and not any(_inside(candidate.region, within) for candidate in candidates):
        return None
    resolution = _decide(candidates, None, within, level)
    return resolution if resolution != UNKNOWN else None
