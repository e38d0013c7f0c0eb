"""What Bank Jatim does: one large batch, told twice, a batch of retries, and a file that does not add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from pilar.samples import bank_files
from pilar.samples.bank_files import FIRST_BATCH, HELD_BATCH, RETRY_BATCH, Transfer
from pilar.samples.cast import Cast
from pilar.samples.model import EVENT_CODE, TALI_ASIH_IDR, Delivery, Trap
from pilar.samples.people import Person, Register

OTHER_EVENT = "MDN-20231113"
"""No events file names it."""

INACTIVE, NOT_FOUND, TIMEOUT = "U144", "U143", "U900"
"""BI-FAST reason codes of failures: account inactive, account not found, internal timeout."""

GONE_INACTIVE = "403/18"
"""SNAP reason code of returns: inactive account."""

STRANGERS = ("SUHARTINI WIDYASTUTI", "BENI KRISTIANTO", "YOHANA PUSPITA")
"""Holders of accounts that no roster names, and one whose name the bank gives to somebody else's account."""


@dataclass(frozen=True)
class Log:
    """The feed's files and what must come out of them: outcome → people (and unknown receivers)."""

    deliveries: list[Delivery]
    outcomes: dict[str, int]
    attempts: int
    """Transfer attempts that count (neither superseded nor quarantined)."""
    paid_idr: int
    further_attempts: int
    """Second attempts for one receiver, event and benefit."""
    lives: dict[str, int]
    """Statuses of a reference of the first batch over its statements → how many references."""
    backward_reference: str
    """The transfer whose status went backward."""


def log(everyone: Sequence[Person], cast: Cast, register: Register, rng: Random) -> Log:
    instructed = _instruction(everyone, cast)
    final = [_settle(transfer, cast, rng) for transfer in instructed if transfer.person != cast.withdrawn]
    retries = list(_retries(final, cast, register))
    told_again = {transfer.reference for transfer in retries}
    counted = [*(transfer for transfer in final if transfer.reference not in told_again), *retries]
    first = [_on_the_first_day(transfer, final, cast) for transfer in instructed]
    return Log(
        [
            bank_files.first_statement(first),
            bank_files.second_statement(final, superseded=len(final) + len(retries) - len(counted)),
            bank_files.retry_file(retries),
            bank_files.held_file(_held(cast)),
        ],
        _outcomes(everyone, counted, cast),
        len(counted),
        sum(transfer.amount for transfer in counted if transfer.status == "SUKSES"),
        _further_attempts(counted),
        _lives([*first, *final, *retries]),
        next(transfer.reference for transfer in final if transfer.person == cast.backward),
    )


def _instruction(everyone: Sequence[Person], cast: Cast) -> list[Transfer]:
    """Who is to be paid, by Bojonegoro's first list: one person too many, one account that has changed."""
    left_out = (*cast.without_transfer, *cast.held_batch)
    receivers = [*(person for person in everyone if person not in left_out), cast.left_out]
    transfers = [_transfer(21, number, FIRST_BATCH, person) for number, person in enumerate(receivers, start=1)]
    return [
        replace(transfer, account_no=cast.old_account) if transfer.person == cast.changed_account else transfer
        for transfer in transfers
    ]


def _transfer(day: int, number: int, batch: str, person: Person) -> Transfer:
    reference = f"BJTM-2311{day}-{number:06d}"
    return Transfer(reference, batch, person, person.account_no, person.account_name, date(2023, 11, day))


def _settle(transfer: Transfer, cast: Cast, rng: Random) -> Transfer:
    """What the bank says three days later."""
    person = transfer.person
    if person in (*cast.pending, cast.repeated):
        return transfer
    if person in (*cast.failed, *cast.failed_then_paid, *cast.failed_again, cast.retry_unnamed, cast.wrong_account):
        return replace(transfer, status="GAGAL", reason=rng.choice((INACTIVE, NOT_FOUND, TIMEOUT)))
    if person in (*cast.returned, *cast.returned_then_paid, cast.new_account):
        return replace(transfer, status="RETUR", reason=GONE_INACTIVE, settled=date(2023, 11, 24))
    return _oddly_paid(replace(transfer, status="SUKSES", settled=date(2023, 11, rng.choice((21, 22)))), cast)


def _oddly_paid(paid: Transfer, cast: Cast) -> Transfer:
    """The payments with which something is odd, and the others as they are."""
    next_day = date(2023, 11, 22)
    if paid.person == cast.underpaid:
        changed = Trap("TRANSFER_AMOUNT_CHANGED", "Rp 1,000,000 on 21 November, Rp 100,000 here")
        partial = Trap("PAYMENT_PARTIAL", "a tenth of what was promised")
        return replace(paid, amount=100_000, settled=next_day, odd=(changed, partial))
    if paid.person == cast.backward:
        backward = Trap("TRANSFER_STATUS_BACKWARD", "GAGAL on 21 November, SUKSES here", decided="corrected")
        return replace(paid, settled=next_day, odd=(backward,))
    if paid.person == cast.other_holder:
        holder = Trap("TRANSFER_HOLDER_DIFFERS", "the bank names another holder than the roster")
        return replace(paid, account_name=STRANGERS[2], odd=(holder,))
    if paid.person == cast.changed_account:
        outdated = Trap(
            "TRANSFER_ACCOUNT_OUTDATED", "to the account of the first list; the corrected one gives another"
        )
        return replace(paid, odd=(outdated,))
    if paid.person == cast.left_out:
        return replace(
            paid, odd=(Trap("TRANSFER_NOT_ENTITLED", "paid, and only the superseded list names the receiver"),)
        )
    return paid


def _on_the_first_day(transfer: Transfer, final: Sequence[Transfer], cast: Cast) -> Transfer:
    """What the bank said on the day itself: booked already, refused already, or still in process."""
    person = transfer.person
    if person == cast.withdrawn:
        what = "in this statement and not in the later one; instructed anew in batch SP2D-0467"
        return replace(transfer, odd=(Trap("TRANSFER_WITHDRAWN", what),))
    if person == cast.backward:
        return replace(transfer, status="GAGAL", reason=TIMEOUT)
    if person == cast.other_holder:
        transfer = replace(transfer, account_name=STRANGERS[2])
    last = next(later for later in final if later.reference == transfer.reference)
    if last.status == "RETUR" or last.settled == transfer.instructed:
        return replace(transfer, status="SUKSES", settled=transfer.instructed)
    return transfer


def _retries(first: Sequence[Transfer], cast: Cast, register: Register) -> Iterator[Transfer]:
    """Batch SP2D-0467 as the bank tells it on 30 November."""
    original = {transfer.person: transfer for transfer in first}
    numbers = iter(range(1, 100))

    def sent(person: Person) -> Transfer:
        attempt = _transfer(28, next(numbers), RETRY_BATCH, person)
        return replace(attempt, status="SUKSES", settled=date(2023, 11, 29))

    def again(person: Person) -> Transfer:
        return replace(sent(person), retry_of=original[person].reference)

    def to_nobody(transfer: Transfer, holder: str, rule_code: str, what: str) -> Transfer:
        other = register.account()
        return replace(transfer, person=None, account_no=other, account_name=holder, odd=(Trap(rule_code, what),))

    for person in (*cast.failed_then_paid, *cast.returned_then_paid):
        yield again(person)
    for person in cast.failed_again:
        yield replace(again(person), status="GAGAL", reason=INACTIVE, settled=None)
    yield replace(sent(cast.retry_unnamed), odd=(Trap("RETRY_MATCHED", "a retry that names no original"),))
    changed = Trap("TRANSFER_ACCOUNT_CHANGED", "a retry to an account on no roster, in the name of the first receiver")
    yield replace(again(cast.new_account), account_no=register.account(), odd=(changed,))
    wrong = "a retry to an account on no roster, in another name"
    yield to_nobody(again(cast.wrong_account), STRANGERS[1], "TRANSFER_ACCOUNT_WRONG", wrong)
    yield sent(cast.withdrawn)
    told = Trap("REFERENCE_REPEATED", "PROSES under this reference in batch SP2D-0451, SUKSES here")
    late = replace(original[cast.repeated], batch=RETRY_BATCH, odd=(told,))
    yield replace(late, status="SUKSES", settled=date(2023, 11, 29))
    yield replace(sent(cast.overpaid), odd=(Trap("PAYMENT_DOUBLE", "paid a second time"),))
    unknown = "a transfer to an account that nobody has"
    yield to_nobody(sent(cast.overpaid), STRANGERS[0], "TRANSFER_ACCOUNT_UNKNOWN", unknown)
    event = Trap("TRANSFER_EVENT_UNKNOWN", f"a transfer for event {OTHER_EVENT}, which no events file names")
    yield replace(sent(cast.other_event), event=OTHER_EVENT, odd=(event,))


def _held(cast: Cast) -> list[Transfer]:
    return [
        replace(_transfer(29, number, HELD_BATCH, person), status="SUKSES", settled=date(2023, 11, 29))
        for number, person in enumerate(cast.held_batch, start=1)
    ]


# --- what must come of it -----------------------------------------------------------------------------------------


def _outcomes(everyone: Iterable[Person], counted: Sequence[Transfer], cast: Cast) -> dict[str, int]:
    """The design's rule, per person entitled at the event; receivers without entitlement apart."""
    own: dict[str, list[Transfer]] = {}
    unentitled = set()
    for transfer in counted:
        if transfer.person in (None, cast.left_out) or transfer.event != EVENT_CODE:
            unentitled.add((transfer.event, transfer.account_no))
        elif transfer.person:
            own.setdefault(transfer.person.nik, []).append(transfer)
    outcomes = Counter(_outcome(own.get(person.nik, [])) for person in everyone)
    outcomes["NOT_ENTITLED"] = len(unentitled)
    return dict(sorted(outcomes.items()))


def _further_attempts(counted: Sequence[Transfer]) -> int:
    known = Counter((transfer.person, transfer.event) for transfer in counted if transfer.person)
    return sum(times - 1 for times in known.values())


def _lives(statements: Iterable[Transfer]) -> dict[str, int]:
    """`PROSES → SUKSES` and so on, of the references of the first batch while they stood in it."""
    told: dict[str, list[str]] = {}
    for statement in statements:
        if statement.batch == FIRST_BATCH:
            told.setdefault(statement.reference, []).append(statement.status)
    return dict(sorted(Counter(" → ".join(life) for life in told.values()).items()))


def _outcome(attempts: Sequence[Transfer]) -> str:
    paid = sum(transfer.amount for transfer in attempts if transfer.status == "SUKSES")
    if not attempts:
        return "UNPAID"
    if paid >= TALI_ASIH_IDR:
        return "PAID" if paid == TALI_ASIH_IDR else "OVERPAID"
    if any(transfer.status == "PROSES" for transfer in attempts):
        return "PENDING"
    if paid:
        return "UNDERPAID"
    last = max(attempts, key=lambda transfer: transfer.instructed)
    return {"GAGAL": "FAILED", "RETUR": "RETURNED"}[last.status]
