"""What a release says of people, as blocks; of poverty and claims, as tables that hold no person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import combinations
from typing import Any

import duckdb

from pilar.open_data.model import ALL, Block, Figure, Key

PROVINCE = "3500"
ELSEWHERE = "elsewhere"
"""People whose kab/kota is unknown or outside East Java; they count in the province's totals."""
UNKNOWN = "unknown"

PILLARS = ("PKH", "TAGANA", "TKSK")
SEXES = ("L", "P", UNKNOWN)
OUTCOMES = ("IN_FULL", "OTHERWISE")
"""Of the promised money: exactly that arrived and stayed; anything else (another sum, nothing, nothing yet)."""
COVER = ("FULL", "NOT_FULL")
"""Whether each promised month of BPJS Ketenagakerjaan is paid."""
EXACT_OUTCOMES = ("PAID", "UNDERPAID", "OVERPAID", "PENDING", "FAILED", "RETURNED", "UNPAID", "NOT_ENTITLED")
"""As in ``mart_disbursement_reconciliation``; PAID is IN_FULL, and NOT_ENTITLED was promised nothing."""

_WITHOUT_PEOPLE = frozenset({"bps", "districts", "press"})
"""Kinds of evidence of a claim that rest on no person."""


@dataclass(frozen=True)
class Area:
    """Where: the province, a coordination office, a kab/kota, or elsewhere."""

    code: str
    level: str
    name: str
    members: tuple[str, ...]
    """Codes of the kab/kota in it (and ``elsewhere``)."""

    @property
    def weight(self) -> float:
        """Cost of hiding one of its cells."""
        return {"province": 50.0, "bakorwil": 5.0}.get(self.level, 1.0)


@dataclass
class Facts:
    """Everything that may be published of a release, before anything is hidden."""

    release_id: str
    built_at: datetime
    data_through: str | None
    areas: dict[str, list[Area]]
    """By year: province, offices, kab/kota, elsewhere."""
    blocks: list[Block] = field(default_factory=list)
    profiles: list[dict[str, Any]] = field(default_factory=list)
    poverty: list[dict[str, Any]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)


def read(release: duckdb.DuckDBPyConnection) -> Facts:
    """Facts of an opened release."""
    release_id, built_at, through = release.execute(
        "SELECT release_id, built_at, data_through FROM release_info"
    ).fetchall()[0]
    profiles = _dicts(
        release,
        "SELECT region_code, region_name, bakorwil, year, poor_people_thousand, poverty_rate_pct, poverty_line_idr, "
        "depth_index_p1, severity_index_p2, districts, districts_without_tksk FROM mart_region_profile ORDER BY ALL",
    )
    facts = Facts(
        release_id=release_id,
        built_at=built_at,
        data_through=str(through) if through else None,
        areas=_areas(release, profiles),
        profiles=profiles,
        poverty=_dicts(
            release,
            "SELECT figure.region_code, region.region_name, area_type, period, indicator, value, unit, vintage, "
            "released_on, table_title FROM fct_poverty AS figure JOIN dim_region AS region USING (region_code) "
            "WHERE is_latest ORDER BY indicator, period, region_code, area_type",
        ),
    )
    people, money, cover = _people(release, sorted(facts.areas)), _money(release), _cover(release)
    for year in sorted({*people, *money, *cover}):
        areas = facts.areas.get(year) or [Area(PROVINCE, "province", "Jawa Timur", (ELSEWHERE,))]
        block = block_of(
            (year, release_id),
            areas,
            people=people.get(year, {}),
            money=money.get(year, {}),
            cover=cover.get(year, {}),
            without_tksk={
                one["region_code"]: one["districts_without_tksk"] for one in profiles if str(one["year"]) == year
            },
        )
        if block.figures:
            facts.blocks.append(block)
    facts.claims = _claims(release, facts.blocks, profiles)
    return facts


# ── a year's block ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Promised:
    """People of one small group at an event, and what they were promised."""

    people: int = 0
    entitled_idr: Decimal = Decimal(0)


@dataclass
class Event:
    """What became of the money of one event and benefit."""

    labels: Mapping[str, str]
    groups: Mapping[tuple[str, str, str], Promised]
    """(region, pillar, outcome) → people."""
    outcomes: Mapping[str, Promised]
    """Each outcome of the reconciliation → people; NOT_ENTITLED stands alone."""


def block_of(
    name: tuple[str, str],
    areas: list[Area],
    *,
    people: Mapping[tuple[str, str, str], int],
    money: Mapping[tuple[str, str], Event],
    cover: Mapping[tuple[str, str, str], int],
    without_tksk: Mapping[str, int | None] | None = None,
) -> Block:
    """Groups, figures and equal sums of a year; ``name`` is the year and the release's id.

    ``people`` (region, pillar, sex) and ``cover`` (region, pillar, cover) count people; a region and pillar stands in
    them if anything is known of it.
    """
    year, release_id = name
    inside = {code for area in areas for code in area.members}

    def place(region: str) -> str:
        return region if region in inside else ELSEWHERE

    making = _Making(areas)
    for (region, pillar, sex), count in people.items():
        making.add(("people", place(region), pillar, sex), count)
    for (region, pillar, kind), count in cover.items():
        making.add(("cover", place(region), pillar, kind), count)
    for event, about in money.items():
        for (region, pillar, outcome), promised in about.groups.items():
            making.add(("money", *event, place(region), pillar, outcome), promised.people, promised.entitled_idr)
        for exact, promised in about.outcomes.items():
            making.add(("bank", *event, exact), promised.people, promised.entitled_idr)
    making.fill(money)

    making.table_of_people(year)
    for event in money:
        making.table_of_money(event)
    making.table_of_cover(year)
    labels = {" ".join(("event", *event)): dict(about.labels) for event, about in money.items()}
    for area in areas:
        labels[f"area {area.code}"] = {"level": area.level, "name": area.name}
        vacant = (without_tksk or {}).get(area.code)
        if vacant is not None:
            labels[f"area {area.code}"]["districts_without_tksk"] = str(vacant)
    figures = {figure.key: figure for figure in making.figures}
    return Block(year, release_id, making.counts(), figures, making.alike(money), labels)


class _Making:
    """Collects groups first, then makes figures of them."""

    def __init__(self, areas: list[Area]) -> None:
        self.areas = areas
        self.groups: Counter[tuple[str, ...]] = Counter()
        self.entitled: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        self.figures: list[Figure] = []

    def add(self, group: tuple[str, ...], count: int, entitled_idr: Decimal = Decimal(0)) -> None:
        self.groups[group] += count
        self.entitled[group] += entitled_idr

    def fill(self, money: Iterable[tuple[str, str]]) -> None:
        """Groups of nobody, so that other worlds may have somebody in them."""
        kinds = [(("people",), SEXES), (("cover",), COVER), *((("money", *event), OUTCOMES) for event in money)]
        for first, last in kinds:
            size = len(first)
            for region, pillar in {group[size : size + 2] for group in self.groups if group[:size] == first}:
                for kind in last:
                    self.groups[(*first, region, pillar, kind)] += 0
        for event in money:
            for exact in EXACT_OUTCOMES:
                self.groups["bank", *event, exact] += 0
        self.pillars = sorted({*PILLARS, *(group[-2] for group in self.groups if group[0] != "bank")})

    def counts(self) -> dict[str, int]:
        return {_name(group): count for group, count in sorted(self.groups.items())}

    def table_of_people(self, year: str) -> None:
        for area in self.areas:
            known = self._in(area, ("people",))
            self._figure(("people", year, area.code, ALL, ALL), known, area.weight * 1.5)
            for pillar in self.pillars:
                of_pillar = [group for group in known if group[2] == pillar]
                self._figure(("people", year, area.code, pillar, ALL), of_pillar, area.weight)
                if area.level == "province":
                    for sex in SEXES:
                        both = [group for group in of_pillar if group[3] == sex]
                        self._figure(("people", year, area.code, pillar, sex), both, area.weight)
            for sex in SEXES:
                of_sex = [group for group in known if group[3] == sex]
                self._figure(("people", year, area.code, ALL, sex), of_sex, area.weight)

    def table_of_cover(self, year: str) -> None:
        for area in self.areas:
            known = self._in(area, ("cover",))
            for pillar in (*self.pillars, ALL):
                of_pillar = [group for group in known if pillar in (group[2], ALL)]
                cost = area.weight * (1.5 if pillar == ALL else 1)
                self._figure(("premium_cover", year, area.code, pillar, ALL), of_pillar, cost * 1.5)
                for kind in COVER:
                    of_kind = [group for group in of_pillar if group[3] == kind]
                    key = ("premium_cover", year, area.code, pillar, kind)
                    self._figure(key, of_kind, cost, whole=self._sum(of_pillar) if kind == "FULL" else None)

    def table_of_money(self, event: tuple[str, str]) -> None:
        rates = self._rates(event)
        for area in self.areas:
            known = self._in(area, ("money", *event))
            key = ("money", *event, area.code)
            self._figure((*key, ALL, ALL), known, area.weight * 1.5, rates=rates)
            for outcome in OUTCOMES:
                of_outcome = [group for group in known if group[5] == outcome]
                whole = self._sum(known) if outcome == "IN_FULL" else None
                self._figure((*key, ALL, outcome), of_outcome, area.weight, whole=whole, rates=rates)
            if area.level == "province":
                for pillar in self.pillars:
                    of_pillar = [group for group in known if group[4] == pillar]
                    self._figure((*key, pillar, ALL), of_pillar, area.weight, rates=rates)
        for exact in EXACT_OUTCOMES:
            self._figure(("money_outcomes", *event, exact), [("bank", *event, exact)], 20.0)

    def alike(self, money: Iterable[tuple[str, str]]) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """Sums that are equal: by definition (the bank's outcomes), or because the same people were counted.

        That one kab/kota's people of a pillar are as many on the roster, at the event and under cover is no law, but
        whoever supposes it where it is so would be right.
        """
        pairs = []
        events = list(money)
        firsts = [("people",), ("cover",), *(("money", *event) for event in events)]
        sums: dict[tuple[str, ...], dict[tuple[str, ...], list[tuple[str, ...]]]] = {}
        for first in firsts:
            size = len(first)
            found: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
            for group in sorted(self.groups):
                if group[:size] == first:
                    found[group[size : size + 2]].append(group)
            sums[first] = found
        for left, right in combinations(firsts, 2):
            for where in sorted(sums[left].keys() & sums[right].keys()):
                if self._sum(sums[left][where]) == self._sum(sums[right][where]):
                    pairs.append((_names(sums[left][where]), _names(sums[right][where])))
        for event in events:
            here = [group for group in sorted(self.groups) if group[:3] == ("money", *event)]
            for outcome, exact in (("IN_FULL", EXACT_OUTCOMES[:1]), ("OTHERWISE", EXACT_OUTCOMES[1:-1])):
                pairs.append(
                    (
                        _names(group for group in here if group[5] == outcome),
                        _names(("bank", *event, one) for one in exact),
                    )
                )
        return tuple(pairs)

    def _in(self, area: Area, first: tuple[str, ...]) -> list[tuple[str, ...]]:
        size = len(first)
        return [group for group in sorted(self.groups) if group[:size] == first and group[size] in area.members]

    def _sum(self, groups: Iterable[tuple[str, ...]]) -> int:
        return sum(self.groups[group] for group in groups)

    def _rates(self, event: tuple[str, str]) -> dict[tuple[str, ...], int]:
        """Rupiah promised to each person of a group; where nobody is in it, to one of its pillar."""
        known = [group for group in self.groups if group[:3] == ("money", *event)]
        rates = {}
        for group in known:
            like = [group] if self.groups[group] else [other for other in known if other[4] == group[4]]
            people = self._sum(like)
            rates[group] = int(sum(self.entitled[one] for one in like) / people) if people else 0
        return rates

    def _figure(
        self,
        key: Key,
        parts: list[tuple[str, ...]],
        cost: float,
        *,
        whole: int | None = None,
        rates: Mapping[tuple[str, ...], int] | None = None,
    ) -> None:
        if not parts:
            return
        has_money = key[0] in {"money", "money_outcomes"}
        self.figures.append(
            Figure(
                key=key,
                parts=_names(parts),
                value=self._sum(parts),
                cost=cost,
                whole=whole,
                entitled_idr=sum((self.entitled[part] for part in parts), Decimal(0)) if has_money else None,
                rates=tuple(rates[part] for part in parts) if rates else (),
            )
        )


def _name(group: tuple[str, ...]) -> str:
    return "|".join(group)


def _names(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(map(_name, groups))


# ── what the release says ─────────────────────────────────────────────────────────────────────────────────────────


def _areas(release: duckdb.DuckDBPyConnection, profiles: list[dict[str, Any]]) -> dict[str, list[Area]]:
    (province,) = release.execute("SELECT region_name FROM dim_region WHERE region_code = ?", [PROVINCE]).fetchall()
    areas: dict[str, list[Area]] = {}
    for year in sorted({one["year"] for one in profiles}):
        rows = [one for one in profiles if one["year"] == year]
        codes = tuple(one["region_code"] for one in rows)
        offices = sorted({one["bakorwil"] for one in rows if one["bakorwil"]})
        areas[str(year)] = [
            Area(PROVINCE, "province", province[0], (*codes, ELSEWHERE)),
            *(
                Area(
                    f"bakorwil-{office.lower()}",
                    "bakorwil",
                    f"Bakorwil {office}",
                    tuple(one["region_code"] for one in rows if one["bakorwil"] == office),
                )
                for office in offices
            ),
            *(Area(one["region_code"], "kabkota", one["region_name"], (one["region_code"],)) for one in rows),
            Area(ELSEWHERE, ELSEWHERE, "Luar Jawa Timur atau tidak diketahui / elsewhere or unknown", (ELSEWHERE,)),
        ]
    return areas


def _people(release: duckdb.DuckDBPyConnection, years: list[str]) -> dict[str, dict[tuple[str, str, str], int]]:
    """People who serve at the end of each year: the same as in ``mart_region_profile``, and by sex."""
    found: dict[str, dict[tuple[str, str, str], int]] = {}
    for year in years:
        rows = release.execute(
            """
            SELECT coalesce(region_code, ''), pillar_code, coalesce(sex, 'unknown'),
                   count(DISTINCT participant_id) FILTER (
                       WHERE status = 'AKTIF' AND (valid_to IS NULL OR year(valid_to) > $year))
            FROM dim_participant
            WHERE year(valid_from) <= $year AND pillar_code IS NOT NULL
            GROUP BY ALL ORDER BY ALL
            """,
            {"year": int(year)},
        ).fetchall()
        if rows:
            found[year] = {(region, pillar, sex): count for region, pillar, sex, count in rows}
    return found


def _money(release: duckdb.DuckDBPyConnection) -> dict[str, dict[tuple[str, str], Event]]:
    """Events that the province announced, by year; one that only a bank's file names is no event of its own."""
    rows = release.execute(
        """
        SELECT coalesce(year(event.event_date)::VARCHAR, 'undated') AS year, event.event_id, line.benefit_code,
               any_value(event.event_name), any_value(event.event_date)::VARCHAR,
               coalesce(line.region_code, ''), line.pillar_code, line.outcome,
               count(*), sum(line.entitled_idr)
        FROM mart_disbursement_reconciliation AS line
        JOIN dim_event AS event ON line.event_id = event.event_id
        WHERE event.is_known
        GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    labels: dict[tuple[str, str, str], dict[str, str]] = {}
    groups: dict[tuple[str, str, str], dict[tuple[str, str, str], Promised]] = defaultdict(
        lambda: defaultdict(Promised)
    )
    outcomes: dict[tuple[str, str, str], dict[str, Promised]] = defaultdict(lambda: defaultdict(Promised))
    for year, event, benefit, name, day, region, pillar, outcome, count, entitled_idr in rows:
        key = (year, event, benefit)
        labels[key] = {"event_name": name or "", "event_date": day or ""}
        counted = [outcomes[key][outcome]]
        if outcome != "NOT_ENTITLED":
            counted.append(groups[key][region, pillar or UNKNOWN, "IN_FULL" if outcome == "PAID" else "OTHERWISE"])
        for group in counted:
            group.people += count
            group.entitled_idr += entitled_idr
    found: dict[str, dict[tuple[str, str], Event]] = defaultdict(dict)
    for (year, event, benefit), label in labels.items():
        key = (year, event, benefit)
        found[year][event, benefit] = Event(label, groups[key], outcomes[key])
    return found


def _cover(release: duckdb.DuckDBPyConnection) -> dict[str, dict[tuple[str, str, str], int]]:
    rows = release.execute(
        """
        SELECT year::VARCHAR, coalesce(region_code, ''), coalesce(pillar_code, 'unknown'),
               CASE WHEN months_covered >= months_expected THEN 'FULL' ELSE 'NOT_FULL' END AS cover, count(*)
        FROM mart_premium_coverage WHERE months_expected > 0 GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    found: dict[str, dict[tuple[str, str, str], int]] = defaultdict(dict)
    for year, region, pillar, cover, count in rows:
        found[year][region, pillar, cover] = count
    return found


def _claims(
    release: duckdb.DuckDBPyConnection, blocks: list[Block], profiles: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Claims, each with the figures that its recomputed value is reckoned from; None: not known, so withheld."""
    rows = _dicts(
        release,
        "SELECT claim_id, claim_text, claim_text_en, source, source_date, unit, published_value, recomputed_value, "
        "difference, verdict, evidence_kinds FROM mart_claims ORDER BY claim_id",
    )
    sums, amounts = _sums_by_pillar(blocks, profiles), _amounts_each(blocks)
    for row in rows:
        kinds = set(row.pop("evidence_kinds").split())
        rests_on: frozenset[Key] | None = None
        if kinds <= _WITHOUT_PEOPLE or row["recomputed_value"] is None:
            rests_on = frozenset()
        elif kinds <= {*_WITHOUT_PEOPLE, "people"}:
            rests_on = sums.get(row["recomputed_value"])
        elif kinds <= {*_WITHOUT_PEOPLE, "amount"}:
            rests_on = amounts.get(row["recomputed_value"])
        row["rests_on"] = rests_on
    return rows


def _sums_by_pillar(blocks: list[Block], profiles: list[dict[str, Any]]) -> dict[Decimal, frozenset[Key]]:
    """Numbers of people that follow from an event's totals by pillar, alone, added up, or taken from its districts."""
    found: dict[Decimal, frozenset[Key]] = {}
    for block in blocks:
        totals: dict[tuple[str, str], list[Figure]] = defaultdict(list)
        where: dict[tuple[str, str], set[str]] = defaultdict(set)
        for key, figure in sorted(block.figures.items()):
            if key[0] == "money":
                if key[3] == PROVINCE and key[4] != ALL:
                    totals[key[1], key[2]].append(figure)
                where[key[1], key[2]].add(key[3])
        for event, figures in totals.items():
            districts = sum(
                one["districts"] for one in profiles
                if str(one["year"]) == block.period and one["region_code"] in where[event]
            )  # fmt: skip
            for size in range(1, len(figures) + 1):
                for chosen in combinations(figures, size):
                    people = sum(figure.value for figure in chosen)
                    keys = frozenset(figure.key for figure in chosen)
                    found.setdefault(Decimal(people), keys)
                    found.setdefault(Decimal(districts - people), keys)
    return found


def _amounts_each(blocks: list[Block]) -> dict[Decimal, frozenset[Key]]:
    """Rupiah promised to each, where an event promised everybody the same: its total divided by its people."""
    found: dict[Decimal, frozenset[Key]] = {}
    for block in blocks:
        for key, figure in sorted(block.figures.items()):
            if key[0] == "money" and key[3:] == (PROVINCE, ALL, ALL) and figure.value and len(set(figure.rates)) == 1:
                found.setdefault((figure.entitled_idr or Decimal(0)) / figure.value, frozenset({key}))
    return found


def _dicts(release: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    answer = release.execute(query)
    names = [str(column[0]) for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
