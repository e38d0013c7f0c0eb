"""What stands in the place of a person who was erased: values that fit their columns and belong to nobody. Pure.

The same value gives the same substitute, so what the bank paid to an account still meets who was promised it. They come
from the pseudonyms' key, and nothing keeps which value a substitute stands for. What a release says of everybody stays:
sex, year of birth, district of registration.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from calendar import monthrange
from collections.abc import Mapping

GONE = "DIHAPUS"
"""Instead of what cannot be put in other words: a damaged NIK, the text of a reason."""

Cells = Mapping[str, str | None]


def token(key: bytes, kind: str, value: str) -> str:
    """A keyed digest of a personal value, as letters only. ``kind`` keeps apart what may be equal by chance."""
    digest = hmac.new(key, f"erased {kind} {value}".encode(), hashlib.sha256).hexdigest()
    return digest.translate(str.maketrans("0123456789", "ghijklmnop"))[:32]


def digits(value: str | None) -> str:
    """The digits of a cell."""
    return re.sub(r"\D", "", value or "")


def account(value: str | None) -> str:
    """An account as it is compared: spreadsheets lose the zeros before it."""
    return digits(value).lstrip("0")


def erased(key: bytes, cells: Cells) -> dict[str, str | None]:
    """The cells of a row that speaks of an erased person, with substitutes in the place of personal values."""
    told = dict(cells)
    nik, number, member = digits(cells.get("nik")), account(cells.get("account_no")), digits(cells.get("bpjs_no"))
    kind, who = ("account", number) if number else ("nik", nik) if nik else ("bpjs_no", member)
    substitute = {
        "nik": _nik(key, nik) if len(nik) == 16 else GONE,
        "name": _name(key, kind, who),
        "account_name": _name(key, kind, who),
        "birth_date": _birth_date(key, nik, cells.get("birth_date")),
        "account_no": _number(key, "account", number, len(digits(cells.get("account_no")))),
        "bpjs_no": _number(key, "bpjs_no", member, len(member)),
        "phone": None,
        "reason": GONE,
    }
    return told | {name: value for name, value in substitute.items() if cells.get(name) is not None}


def _nik(key: bytes, nik: str) -> str:
    """District of registration, year and sex stay; day, month and serial are another's, or nobody's."""
    day, month = _day(key, nik)
    woman = int(nik[6:8]) > 40
    serial = 1 + _pick(key, "serial", nik, 9999)
    return f"{nik[:6]}{day + 40 * woman:02d}{month:02d}{nik[10:12]}{serial:04d}"


def _birth_date(key: bytes, nik: str, stated: str | None) -> str | None:
    """The day that the substitute NIK tells, in the stated year; nothing where no year can be read."""
    year = re.search(r"(19|20)\d\d", stated or "")
    if year is None:
        return None
    day, month = _day(key, nik)
    return f"{day:02d}/{month:02d}/{year[0]}"


def _day(key: bytes, nik: str) -> tuple[int, int]:
    month = 1 + _pick(key, "month", nik, 12)
    return 1 + _pick(key, "day", nik, monthrange(2023, month)[1]), month


def _name(key: bytes, kind: str, who: str) -> str:
    return f"{GONE} {token(key, kind, who)[:8].upper()}"


def _number(key: bytes, kind: str, value: str, length: int) -> str | None:
    """As many digits as before, the first no zero."""
    if not length:
        return GONE
    least = 10 ** (length - 1)
    return str(least + _pick(key, kind, value, 9 * least))


def _pick(key: bytes, kind: str, value: str, below: int) -> int:
    digest = hmac.new(key, f"substitute {kind} {value}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest, "big") % below
