"""What a file is: by its bytes and by the ending of its name, which must agree."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Literal, get_args

from pilar.reading.bounds import is_damage
from pilar.reading.model import Rejected

Format = Literal["xlsx", "xls", "ods", "text", "json", "zip", "gz"]

ENDINGS: dict[str, Format] = {
    ".xlsx": "xlsx",
    ".xls": "xls",
    ".ods": "ods",
    ".csv": "text",
    ".txt": "text",
    ".json": "json",
    ".zip": "zip",
    ".gz": "gz",
}

ARCHIVES: tuple[Format, ...] = ("zip", "gz")

DAMAGES: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,  # a way to pack that nobody uses
    RuntimeError,  # a member that asks for a password
    ValueError,  # a name or a time that is none
    OverflowError,
)
"""What reading a broken archive may raise."""

DAMAGED = "damaged"
"""What bytes are that look like a container but do not open, or like nothing at all."""

_HEAD_BYTES = 64 * 1024
_BLANK_BYTES = b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

_FOREIGN: dict[bytes, str] = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PAR1": "Parquet",
    b"SQLite format 3": "SQLite",
    b"{\\rtf": "RTF",
}
_HTML = (b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<body", b"<div", b"<style")
_JSON_OPENING = re.compile(rb'(\[\s*)?(\{\s*("|\})|\[\s*\])')
_JSON_ANY = re.compile(rb'[\[{"0-9-]|null|true|false')


def recognise(path: Path, name: str) -> Format:
    """The format of the bytes at ``path``, which the ending of ``name`` must confirm.

    A name without an ending (a member of a ``.gz``) is believed to be what its bytes are.

    :raises Rejected: FILE_EMPTY, FILE_ENCRYPTED, FILE_UNKNOWN_FORMAT, FILE_WRONG_EXTENSION, FILE_UNREADABLE
    """
    ending = Path(name).suffix.lower()
    with path.open("rb") as handle:
        head = handle.read(_HEAD_BYTES)
        if not head.strip(_BLANK_BYTES) and not _any_content(handle):
            raise Rejected("FILE_EMPTY", "Tidak ada isi sama sekali.", "There is no content at all.")
    if ending and ending not in ENDINGS:
        raise Rejected("FILE_UNKNOWN_FORMAT", f"Akhiran {ending} tidak dikenal.", f"The ending {ending} is not read.")
    content = _content(path, head)
    claimed = ENDINGS.get(ending)
    if claimed == "json" and content == "text" and _may_be_json(head):
        content = "json"
    if claimed == "xls" and content == "OLE":
        content = "xls"  # its directory lies in the damaged or unseen part; the reader will say
    if content == DAMAGED:
        raise Rejected("FILE_UNREADABLE", "Isinya rusak atau terpotong.", "The content is damaged or cut off.")
    if claimed is None:
        claimed = _format(content)
        if claimed is None:
            raise Rejected("FILE_UNKNOWN_FORMAT", f"Isinya {content}.", f"The content is {content}.")
    if content != claimed:
        raise Rejected(
            "FILE_WRONG_EXTENSION",
            f"Nama berakhiran {ending}, tetapi isinya {_plain(content)}.",
            f"The name ends in {ending} but the content is {_plain(content)}.",
        )
    return claimed


def is_utf16_without_mark(head: bytes) -> Literal["utf-16-le", "utf-16-be"] | None:
    """UTF-16 that does not say so: every other byte of Latin text is zero."""
    sample = head[: 4096 - len(head) % 2]
    half = len(sample) // 2
    if half < 4:
        return None
    if sample[1::2].count(0) > 0.7 * half and sample[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None


def _any_content(handle: object) -> bool:
    read = handle.read  # type: ignore[attr-defined]  # any binary file
    while block := read(1 << 20):
        if block.strip(_BLANK_BYTES):
            return True
    return False


def _format(content: str) -> Format | None:
    return next((known for known in get_args(Format) if known == content), None)


def _plain(content: str) -> str:
    return {"text": "teks/text", "xlsx": "Excel .xlsx", "xls": "Excel .xls", "ods": "ODS", "json": "JSON"}.get(
        content, content
    )


def _content(path: Path, head: bytes) -> str:
    if head.startswith(b"PK"):
        return _zip_content(path)
    if head.startswith(_OLE):
        return _ole_content(path)
    foreign = next((name for start, name in _FOREIGN.items() if head.startswith(start)), None)
    if foreign:
        return foreign
    return "gz" if head.startswith(b"\x1f\x8b") else _text_content(head)


def _text_content(head: bytes) -> str:
    opening = head.lstrip(_BLANK_BYTES)[:512].lower()
    if head.startswith(_UTF16) or is_utf16_without_mark(head):
        return "text"
    if opening.startswith(_HTML):
        return "HTML"
    if opening.startswith(b"<?xml"):
        return "XML"
    if _JSON_OPENING.match(opening):
        return "json"
    return "text" if _is_text(head) else DAMAGED


def _may_be_json(head: bytes) -> bool:
    return head.startswith(_UTF16) or bool(_JSON_ANY.match(head.lstrip(_BLANK_BYTES)))


def _is_text(head: bytes) -> bool:
    """Few control characters: a stray NUL, or a tail of them after a crash, does not make a text file binary."""
    head = head.rstrip(b"\0")
    control = sum(head.count(byte) for byte in range(32) if byte not in b"\t\n\r\f\v")
    return control * 50 <= len(head)


def _zip_content(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mimetype, manifest = (_beginning(archive, name, names) for name in ("mimetype", "META-INF/manifest.xml"))
    except DAMAGES as error:
        if not is_damage(error):
            raise
        return DAMAGED
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        if b"encryption-data" in manifest:
            raise _encrypted("ODS")
        return "ods" if b"opendocument.spreadsheet" in mimetype else "OpenDocument"
    if "[Content_Types].xml" in names:
        return "xlsx" if "xl/workbook.xml" in names else "Office"
    return "zip"


def _beginning(archive: zipfile.ZipFile, name: str, names: set[str]) -> bytes:
    """As much of a member as says what the archive is: it may unpack to anything."""
    if name not in names:
        return b""
    with archive.open(name) as handle:
        return handle.read(_HEAD_BYTES)


def _ole_content(path: Path) -> str:
    """The kind of an OLE container, by the stream names in its directory (UTF-16)."""
    wanted = {name: name.encode("utf-16-le") for name in ("EncryptedPackage", "Workbook", "Book", "WordDocument")}
    found: set[str] = set()
    tail = b""
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            window = tail + block
            found |= {name for name, mark in wanted.items() if mark in window}
            tail = window[-64:]
    if "EncryptedPackage" in found:
        raise _encrypted("Excel")
    if "WordDocument" in found:
        return "Word"
    return "xls" if found & {"Workbook", "Book"} else "OLE"


def _encrypted(kind: str) -> Rejected:
    return Rejected(
        "FILE_ENCRYPTED", f"Berkas {kind} ini memerlukan kata sandi.", f"This {kind} file asks for a password."
    )
