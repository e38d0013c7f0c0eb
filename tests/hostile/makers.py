"""Hostile files, built byte by byte: bombs, forgeries and what a person's machine may do to a table."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

HEADER = ("NIK", "NAMA", "PILAR", "KAB/KOTA")
PERSON = ("3522010101900001", "SITI CONTOH", "PKH", "3523")
ROSTER = "\n".join(";".join(row) for row in (HEADER, PERSON)) + "\n"


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A .zip with these members, the same bytes on every run."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2023, 11, 20, 0, 0, 0))
            info.compress_type = method
            archive.writestr(info, content)
    return out.getvalue()


def zeros(size: int) -> bytes:
    """A raw deflate stream of so many blanks, made without ever holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b" " * (1 << 20)
    parts = [packer.compress(block) for _ in range(size >> 20)]
    return b"".join([*parts, packer.flush()])


def zip_bomb(size: int, name: str = "a.csv") -> bytes:
    """One member that unpacks to ``size`` bytes of blanks, about a thousand times what is packed."""
    return _archive([(name, zeros(size), size)])


def overlapping(copies: int) -> bytes:
    """Many entries of the directory that all point at one member's bytes: each is unpacked anew."""
    table = (ROSTER + "\n" * (1 << 20)).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(table) + packer.flush()
    crc, size = zlib.crc32(table), len(table)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(packed), size, 5, 0) + b"0.csv" + packed
    entries = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 33, crc, len(packed), size, 5, *[0] * 6) + b"0.csv"
        for _ in range(copies)
    )
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, copies, copies, len(entries), len(local), 0)
    return local + entries + end


def _archive(members: list[tuple[str, bytes, int]]) -> bytes:
    body, entries = b"", b""
    for name, packed, size in members:
        crc = 0
        for _ in range(size >> 20):
            crc = zlib.crc32(b" " * (1 << 20), crc)
        told = name.encode()
        at = len(body)
        body += (
            struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(packed), size, len(told), 0) + told + packed
        )
        entries += (
            struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 33, crc, len(packed), size, len(told), *[0] * 5, at)
            + told
        )
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(members), len(members), len(entries), len(body), 0)
    return body + entries + end


def gzip_bomb(size: int) -> bytes:
    """A .gz that unpacks to ``size`` bytes of blanks."""
    packed = zeros(size)
    crc = 0
    for _ in range(size >> 20):
        crc = zlib.crc32(b" " * (1 << 20), crc)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + packed + struct.pack("<2I", crc, size & 0xFFFFFFFF)


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def workbook_xml(name: str, hidden: str | None = None) -> str:
    """The list of sheets: one, and perhaps the same once more, hidden."""
    more = f'<sheet name="{hidden}" sheetId="2" state="hidden" r:id="rId1"/>' if hidden else ""
    return (
        '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="rId1"/>{more}</sheets></workbook>'
    )


_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DATE_STYLE = {
    "xl/styles.xml": (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Target="worksheets/sheet1.xml" Type="{_RELATIONS}/worksheet"/>'
        f'<Relationship Id="rId2" Target="styles.xml" Type="{_RELATIONS}/styles"/></Relationships>'
    ),
}
"""Parts with which the style ``s="1"`` of a cell is a date."""

_XLSX = {
    "[Content_Types].xml": (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>'
    ),
    "_rels/.rels": (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Target="xl/workbook.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
    ),
    "xl/workbook.xml": workbook_xml("Data"),
    "xl/_rels/workbook.xml.rels": (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Target="worksheets/sheet1.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>'
    ),
}


def text_cell(text: str, place: str = "") -> str:
    at = f' r="{place}"' if place else ""
    return f'<c{at} t="inlineStr"><is><t>{text}</t></is></c>'


def row(*cells: str) -> str:
    return "<row>" + "".join(cell if cell.startswith("<c") else text_cell(cell) for cell in cells) + "</row>"


def xlsx(*rows: str, prolog: str = "", parts: Mapping[str, bytes | str] | None = None) -> bytes:
    """A workbook whose one sheet has these ``<row>`` elements; ``parts`` replace or add to its own."""
    sheet = (
        f'<?xml version="1.0"?>{prolog}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{''.join(rows)}</sheetData></worksheet>"
    )
    all_parts = {**_XLSX, "xl/worksheets/sheet1.xml": sheet, **(parts or {})}
    return zipped({name: part.encode() if isinstance(part, str) else part for name, part in all_parts.items()})


_ODS_SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def ods_cells(*texts: str) -> str:
    return "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
    )


def ods_row(*texts: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{ods_cells(*texts)}</table:table-row>'


def ods(*rows: str, prolog: str = "") -> bytes:
    """An OpenDocument sheet of these ``<table:table-row>`` elements."""
    content = (
        f'<?xml version="1.0"?>{prolog}<office:document-content {_ODS_SPACES}><office:body><office:spreadsheet>'
        f'<table:table table:name="Data">{"".join(rows)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": b'<manifest:manifest xmlns:manifest="x"/>',
        }
    )


LAUGHS = (
    "<!DOCTYPE x ["
    + '<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + '<!ENTITY file SYSTEM "file:///etc/hostname">]>'
)
"""Ten entities, each ten of the one before: a billion laughs; and one that names a file of this machine."""
