"""The secret behind the pseudonyms, and how SQL gets to use it without ever spelling it.

A pseudonym is HMAC-SHA256 of an identifier. DuckDB has no HMAC function, so SQL computes it from the two
padded keys of RFC 2104, which :func:`bind` hands to a connection as session variables through bound
parameters. Query logs, dbt's ``target/`` and process arguments then show names only. Two places still show
the values to whoever already holds the connection, ``duckdb_variables()`` and ``EXPLAIN``, so neither is
ever written down.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

import duckdb

from pilar.config import Home

ENVIRONMENT = "PILAR_PII_KEY"
MIN_LENGTH = 32
_BLOCK = 64  # bytes that SHA-256 takes at a time

HMAC_SQL = "sha256(getvariable('pii_opad') || unhex(sha256(getvariable('pii_ipad') || encode({text}))))"
"""HMAC-SHA256 of the VARCHAR expression ``text`` as 64 hexadecimal digits; NULL when it is NULL or no key is bound."""


class KeyRefused(RuntimeError):
    """The key cannot be used. The message says why and what to do, and never shows the key."""


def load_key(home: Home) -> bytes:
    """The pseudonym key: ``PILAR_PII_KEY``, else ``home.key_file``, which is made on first use (mode 0600).

    An empty ``PILAR_PII_KEY`` counts as not set. Processes that start together agree on one key, because the file
    appears whole and only once. Raises :class:`KeyRefused` for a short key or a file that others can read.
    """
    text = os.environ.get(ENVIRONMENT, "").strip()
    if text:
        return _checked(text, ENVIRONMENT)
    if not home.key_file.exists():
        _create_once(home.key_file)
    mode = stat.S_IMODE(home.key_file.stat().st_mode)
    if mode & 0o077:
        raise KeyRefused(
            f"{home.key_file} is readable by others (mode {mode:04o}); run: chmod 600 {home.key_file.name}, "
            "and consider whether somebody copied it"
        )
    return _checked(home.key_file.read_text("utf-8").strip(), home.key_file.name)


def fingerprint(key: bytes) -> str:
    """Twelve letters that tell two keys apart and say nothing else about them: a manifest carries them, so that
    pseudonyms that no longer join with last year's are explained at once."""
    digest = hmac.new(key, b"pilar key fingerprint", hashlib.sha256).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in digest[:12])


def bind(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Give this connection (or cursor: variables are not inherited) what :data:`HMAC_SQL` needs.

    Sets the session variables ``pii_ipad`` and ``pii_opad`` (BLOB, 64 bytes each). They end with the connection.
    """
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    connection.execute("SET VARIABLE pii_ipad = ?", [bytes(byte ^ 0x36 for byte in block)])
    connection.execute("SET VARIABLE pii_opad = ?", [bytes(byte ^ 0x5C for byte in block)])


def _checked(text: str, source: str) -> bytes:
    if len(text) < MIN_LENGTH:
        raise KeyRefused(f"the pseudonym key in {source} is shorter than {MIN_LENGTH} characters")
    return text.encode("utf-8")


def _create_once(path: Path) -> None:
    """Write a new key beside ``path`` and link it there: the name appears with its whole content, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(secrets.token_urlsafe(48) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key holds
            path.hardlink_to(draft)
    finally:
        draft.unlink()
