"""Claims on published figures: recomputed each night, with other months, as known at any time, and told when they fall."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.claims.conftest import land_bps, land_revision, moment
from tests.harness.nights import Nights


def claims(nights: Nights) -> dict[str, tuple[Any, str]]:
    return {row[0]: row[1:] for row in nights.ask("SELECT claim_id, recomputed_value, verdict FROM mart_claims")}
