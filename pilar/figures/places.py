"""Which region each row of a table stands for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

from pilar import regions
from pilar.figures import numbers
from pilar.figures.grid import label_of, name_of
from pilar.figures.layout import Layout, names_of
from pilar.figures.vocabulary import normal
from pilar.regions import BareIs, Resolution

UNKNOWN = Resolution(None, ambiguous=False)

_BY_REGION = re.compile(r"(?i)\b(menurut|by)\b.{0,40}\b(provinsi|province|kab|kabupaten|kota|regency)\b")
_CITY_SECTION = frozenset({"kota", "kotamadya", "city", "cities", "municipality", "municipalities"})
_REGENCY_SECTION = frozenset({"kabupaten", "regency", "regencies"})


def region_of_title(names: Iterable[str]) -> str | None:
    """The one region that the nearest title, sheet or file name speaks of; ``None`` for several or a list by region."""
    for text in names:
        if _BY_REGION.search(text):
            return None
        found = regions.named_in(text)
        if found:
            return found[0] if len(found) == 1 else None
    return None


def opens_kind(label: str) -> Literal["kabupaten", "kota"] | None:
    """Whether a row is the head of the regencies or of the cities below it (``Kota/Municipality``)."""
    words = set(normal(label).split())
    if not words:
        return None
    return "kota" if words <= _CITY_SECTION else "kabupaten" if words <= _REGENCY_SECTION else None


class Places:
    """The regions of one table: its level, its province, and what each label means there."""

    def __init__(self, layout: Layout, contexts: Iterable[str], file_name: str) -> None:
        self.layout = layout
        self.labels = self._labels()
        texts = [*contexts, *names_of(file_name)]
        titled = next((found for text in texts if (found := regions.find_in_text(text, None, "province"))), None)
        self.province = titled or regions.EAST_JAVA
        self.mixed_case = any(not label.isupper() for label in self.labels.values())
        levels = Counter(
            regions.regions()[code].level for label in self.labels.values() if (code := self._plain(label)) is not None
        )
        self.by_kabkota = levels["kabkota"] > levels["province"]

    def by_row(self) -> dict[int, Resolution]:
        """Resolution of each row that has a label; rows without one are absent.

        A row ``Kota/Municipality`` opens a section: the bare names below it are cities.
        """
        prefixed = any(re.match(r"kab(upaten)?\b", label, re.IGNORECASE) for label in self.labels.values())
        found: dict[int, Resolution] = {}
        province = self.province
        cities = False
        for at, label in self.labels.items():
            if kind := opens_kind(label):
                cities = kind == "kota"
                continue
            code = self._own_code(at)
            city = regions.resolve(f"Kota {label}", within=province, level="kabkota") if cities else UNKNOWN
            if code:
                resolution = Resolution(code, ambiguous=False)
            elif city.region_code:
                resolution = city
            else:
                resolution = self._resolve(label, at, province, prefixed)
            if resolution.region_code and regions.regions()[resolution.region_code].level == "province":
                province = resolution.region_code
            found[at] = resolution
        return self._twins_by_place(found)

    def _labels(self) -> dict[int, str]:
        """Names by row, without numbering; in a long table a blank label repeats the one above."""
        layout = self.layout
        if layout.region is None:
            return {}
        labels: dict[int, str] = {}
        above = ""
        for at in range(layout.first, len(layout.grid)):
            label = label_of(layout.grid[at][layout.region])
            if label:
                above = label
            elif layout.is_long and any(numbers.is_number(cell) for cell in layout.grid[at]):
                label = above
            if label and not numbers.is_number(label):
                labels[at] = name_of(label)
        return labels

    def _plain(self, label: str) -> str | None:
        return regions.resolve(label, bare_is="kabupaten", within=None).region_code

    def _own_code(self, at: int) -> str | None:
        if self.layout.code is None:
            return None
        code = numbers.printed(self.layout.grid[at][self.layout.code]).replace(".", "")
        return code if code in regions.regions() else None

    def _resolve(self, label: str, at: int, province: str, prefixed: bool) -> Resolution:
        if not self.by_kabkota:
            return regions.resolve(label, within=None)
        stated = None
        if self.layout.province is not None:
            cell = self.layout.grid[at][self.layout.province]
            stated = regions.resolve(numbers.printed(cell), level="province").region_code
        if stated is None and self.mixed_case and label.isupper():
            whole = regions.resolve(label, within=None)
            if whole.region_code and regions.regions()[whole.region_code].level != "kabkota":
                return whole
        # BPS means the regency by a bare name, but not in a table that writes "Kab." before the others.
        bare_is: BareIs | None = None if prefixed else "kabupaten"
        found = regions.resolve(label, bare_is=bare_is, within=stated or province, level="kabkota")
        return found if found != UNKNOWN else regions.resolve(label, within=None)

    def _twins_by_place(self, found: dict[int, Resolution]) -> dict[int, Resolution]:
        """Settle a bare name that stands for a regency in one row and for a city in another.

        BPS lists kab/kota by code, so the place tells: between Tulungagung (3504) and Lumajang (3508) ``Kediri``
        is 3506. Where the list is not in that order, every row of that name stays ambiguous.
        """
        if not self.by_kabkota or self.layout.years is not None or self.layout.words:
            return found
        bare = {at: regions.key(self.labels[at]) for at in found if self._is_bare_twin(at, self.labels[at], found[at])}
        counts = Counter(bare.values())
        twins = {at for at, name in bare.items() if counts[name] > 1}
        if not twins:
            return found
        sure = [
            (at, resolution.region_code)
            for at, resolution in found.items()
            if at not in twins and resolution.region_code and not resolution.region_code.endswith("00")
        ]
        ordered = all(before[1] < after[1] for before, after in pairwise(sure))
        settled = dict(found)
        for at in twins:
            below = max((code for row, code in sure if row < at), default="0000")
            above = min((code for row, code in sure if row > at), default="9999")
            fitting = [code for code in self._candidates(self.labels[at]) if below < code < above]
            settled[at] = Resolution(fitting[0], False) if ordered and len(fitting) == 1 else Resolution(None, True)
        return settled

    def _is_bare_twin(self, at: int, label: str, resolution: Resolution) -> bool:
        """A bare name of a regency and a city that neither a code, capital letters nor a section have settled."""
        code = resolution.region_code
        if self._own_code(at) or (code and regions.regions()[code].kind != "kabupaten"):
            return False
        return regions.resolve(label, within=None, level="kabkota").ambiguous

    def _candidates(self, label: str) -> list[str]:
        return [
            code
            for code, region in regions.regions().items()
            if region.level == "kabkota" and regions.key(region.bare) == regions.key(label)
        ]
