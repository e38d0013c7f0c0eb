"""The whole story from one seed: people, who plays which part, every file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from pilar.samples import bank, decisions, events, figures, formats, premiums, rosters
from pilar.samples.cast import choose
from pilar.samples.model import UNKNOWN_FEED, Delivery, Trap
from pilar.samples.people import WITHOUT_TKSK, Person, Register, districts, everybody

SEED = 20231120


@dataclass(frozen=True)
class Story:
    """Files in the order of delivery, and what a night over them must come to."""

    people: list[Person]
    deliveries: list[Delivery]
    log: bank.Log
    cover: premiums.Cover


def tell(seed: int = SEED) -> Story:
    rng = Random(seed)  # noqa: S311 (invented people must be the same on every run)
    register = Register(rng)
    people, cast = choose(everybody(register), register, rng)
    log = bank.log(people, cast, register, rng)
    cover = premiums.cover(people, cast)
    deliveries = [
        events.delivery(),
        *rosters.deliveries(people, cast, register),
        *log.deliveries,
        cover.delivery,
        decisions.delivery(_code_of("Kedewan"), log.backward_reference),
        *figures.deliveries(),
        _unknown_feed(),
    ]
    for delivery in deliveries:
        _check_hash(delivery)
    return Story(people, sorted(deliveries, key=lambda d: (d.delivered_at, d.path)), log, cover)


def _code_of(name: str) -> str:
    """Home Ministry code of a district without a TKSK."""
    return next(d.code for d in districts() if (d.region, d.name) in WITHOUT_TKSK and d.name == name)


def _unknown_feed() -> Delivery:
    about = "A list in a folder that is no feed."
    rows = [["NO", "JENIS BANTUAN", "JUMLAH PAKET"], ["1", "Sembako", "120"], ["2", "Selimut", "80"]]
    return Delivery(
        UNKNOWN_FEED,
        "bantuan/daftar paket bantuan.csv",
        datetime(2023, 11, 17, 6, 0, tzinfo=UTC),
        formats.delimited(rows, ";"),
        about,
        state="rejected",
        rule="FILE_UNKNOWN_FEED",
        traps=(Trap("FILE_UNKNOWN_FEED", about),),
    )


def _check_hash(delivery: Delivery) -> None:
    """A hash with 16 digits in a row reads like a NIK; the release breaks it up, the samples avoid it."""
    if re.search(r"\d{16}", hashlib.sha256(delivery.content).hexdigest()):
        raise ValueError(f"the hash of {delivery.path} holds 16 digits in a row: choose another SEED or title")
