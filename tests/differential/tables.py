"""The SQL's answer in the words of the plain model, so that the two can be compared row by row."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from dataclasses import fields, replace

from tests.differential.invented import DISTRICT_CODES
from tests.harness.memory import Memory
from tests.model.cover import Cover
from tests.model.history import Said, Version
from tests.model.money import Attempt, Payee, Reconciled
from tests.model.people import Node
from tests.model.reckon import Reckoned

MARTS = ("dim_participant", "fct_disbursement", "mart_disbursement_reconciliation", "mart_premium_coverage")
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


class Pseudonyms:
    """HMAC-SHA256 as the warehouse spells it: letters only."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, prefix: str, text: str) -> str:
        digest = hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
        return f"{prefix}_{digest[:24].translate(_LETTERS)}"

    def person(self, node: Node) -> str:
        return self.of("p", node.text)

    def account(self, account_no: str) -> str:
        return self.of("a", f"account {account_no}")


def answer(memory: Memory) -> Reckoned:
    """What the marts say. An account of nobody is named by its pseudonym."""
    return Reckoned(
        [
            Version(row[0], Said(*row[1:4], *row[4:7]), *row[7:])
            for row in memory.ask(
                "SELECT participant_id, pillar_code, region_code, coalesce(district_code, ''), status, sex, birth_year,"
                " valid_from, valid_to FROM marts.dim_participant"
            )
        ],
        [
            Attempt(*row[:3], Payee(*row[3:5]), *row[5:9], row[9] == "matched", row[10])
            for row in memory.ask(
                "SELECT reference_no, event_id, benefit_code, participant_id, account_key, amount_idr, status,"
                " instructed_on, retry_of, retry_match, attempt_no FROM marts.fct_disbursement"
            )
        ],
        [
            Reconciled(*row[:2], Payee(*row[2:4]), *row[4:])
            for row in memory.ask(
                "SELECT event_id, benefit_code, participant_id, account_key, entitled_idr, instructed_idr, paid_idr,"
                " failed_idr, returned_idr, pending_idr, attempts, outcome FROM marts.mart_disbursement_reconciliation"
            )
        ],
        [
            Cover(*row[:5], tuple(row[5]), row[6])
            for row in memory.ask(
                "SELECT participant_id, year, months_expected, months_covered, months_not_entitled, gap_months, outcome"
                " FROM marts.mart_premium_coverage"
            )
        ],
    )


def published(model: Reckoned, names: Pseudonyms) -> Reckoned:
    """The model's answer as it is published: accounts of nobody by pseudonym, districts by code."""

    def payee(known: Payee) -> Payee:
        return known if known.account is None else Payee(None, names.account(known.account))

    return Reckoned(
        [
            replace(version, said=replace(version.said, district=_district_code(version.said)))
            for version in model.participants
        ],
        [replace(attempt, payee=payee(attempt.payee)) for attempt in model.transfers],
        [replace(row, payee=payee(row.payee)) for row in model.reconciliation],
        model.coverage,
    )


def differences(model: Reckoned, sql: Reckoned) -> dict[str, list[str]]:
    """By table what only the model says (``-``) and what only the SQL says (``+``); empty when they agree."""
    found = {}
    for table in fields(Reckoned):
        left, right = Counter(getattr(model, table.name)), Counter(getattr(sql, table.name))
        told = [f"- {row}" for row in (left - right).elements()] + [f"+ {row}" for row in (right - left).elements()]
        if told:
            found[table.name] = told
    return found


def _district_code(said: Said) -> str:
    return DISTRICT_CODES[said.region][said.district] if said.district else ""
