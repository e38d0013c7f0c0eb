"""A BPS Web API on this machine: the lists and data of a few variables, the API's own errors, and any fault on top."""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

KEY = "rahasia0123456789abcdef"
Query = dict[str, str]
BAD_KEY = {"status": "Error", "message": "You are not Allowed to take this action. Please re-check your key"}
NOT_AVAILABLE = {"status": "OK", "data-availability": "list-not-available", "data": ""}

TITLES = {
    ("0000", 619): ("Jumlah Penduduk Miskin (Ribu Jiwa) Menurut Kabupaten/Kota", "Ribu Jiwa"),
    ("0000", 621): ("Persentase Penduduk Miskin (P0) Menurut Kabupaten/Kota", "Persen"),
    ("0000", 624): ("Garis Kemiskinan Menurut Kabupaten/Kota", "Rupiah/kapita/bulan"),
    ("3500", 497): ("Persentase Penduduk Miskin Menurut Kabupaten/Kota di Jawa Timur", "Persen"),
}


@dataclass
class Reply:
    """What the server sends. A drip is a byte now and then, until the client has gone."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = b""
    drip: bool = False
    drip_headers: bool = False
    silent: bool = False

    @property
    def is_slow(self) -> bool:
        return self.drip or self.drip_headers or self.silent

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def data(variable: int, years: list[int], domain: str = "0000", **changes: Any) -> dict[str, Any]:
    """An answer for East Java and Tuban."""
    title, unit = TITLES[domain, variable]
    content = {
        f"{region}{variable}0{year - 1900}0": _value(variable, region, year)
        for region in (3500, 3523)
        for year in years
    }
    answer: dict[str, Any] = {
        "status": "OK",
        "data-availability": "available",
        "last_update": "2025-12-01 13:45:51",
        "var": [{"val": variable, "label": title, "unit": unit, "note": "<p>x</p>"}],
        "turvar": [{"val": "0", "label": "Tidak ada"}],
        "vervar": [{"val": 3500, "label": "<b>JAWA TIMUR</b>"}, {"val": 3523, "label": "Tuban"}],
        "tahun": [{"val": year - 1900, "label": str(year)} for year in years],
        "turtahun": [{"val": 0, "label": "Tahun"}],
        "datacontent": content,
        "related": [],
    }
    return answer | changes


def _value(variable: int, region: int, year: int) -> float:
    return 500000 + region + year if variable == 624 else round(10 + region / 10000 + year / 100000, 2)


def page_of(items: list[dict[str, Any]], number: int, per_page: int = 10) -> dict[str, Any]:
    """A page of a list, as BPS gives it."""
    pages = -(-len(items) // per_page)
    part = items[(number - 1) * per_page : number * per_page]
    head = {"page": number, "pages": pages, "per_page": per_page, "count": len(part), "total": len(items)}
    return {"status": "OK", "data-availability": "available", "data": [head, part]} if part else NOT_AVAILABLE


class Bps:
    """The API. Tests change ``years``, ``variables``, ``answers`` or put a ``fault`` before it."""

    def __init__(self) -> None:
        self.base_url = ""
        self.years = {variable: list(range(2016, 2026)) for variable in TITLES}
        self.variables: dict[str, list[dict[str, Any]]] = {"0000": [], "3500": []}
        for (domain, number), (title, unit) in TITLES.items():
            self.variables[domain].append({"var_id": number, "title": title, "unit": unit})
        self.answers: dict[tuple[str, str, str], Any] = {}
        """Bodies by (domain, var, th) that stand for those made up."""
        self.fault: Callable[[Query], Reply | None] = lambda _: None
        """Sees each request first; ``None`` lets it through."""
        self.queries: list[Query] = []
        self.headers: list[dict[str, str]] = []
        self.now: Callable[[], float] = lambda: 0.0
        self.asked_at: list[float] = []
        self.stopped = threading.Event()

    def asked_for_data(self) -> list[tuple[str, str, str]]:
        """(domain, var, th) of the requests for data, in order."""
        return [(q["domain"], q["var"], q["th"]) for q in self.queries if q["model"] == "data"]

    def reply(self, query: Query) -> Reply:
        """The API's own answer."""
        if query.get("key") != KEY:
            return Reply(body=BAD_KEY)
        if query["model"] == "var":
            return Reply(body=page_of(self.variables[query["domain"]], int(query["page"])))
        domain, variable = query["domain"], int(query["var"])
        years = self.years.get((domain, variable), [])
        if query["model"] == "th":
            items = [{"th_id": year - 1900, "th": str(year)} for year in reversed(years)]
            return Reply(body=page_of(items, int(query["page"])))
        asked = [int(th) + 1900 for th in query["th"].split(";")]
        most = 3 if domain == "0000" else 2
        if len(asked) > most:
            message = (
                f"The maximum allowed number of years for the 'th' parameter is {most}. You provided {len(asked)}."
            )
            return Reply(body={"status": "Error", "message": message})
        given = self.answers.get((domain, query["var"], query["th"]))
        if given is None:
            given = data(variable, asked, domain) if set(asked) <= set(years) else NOT_AVAILABLE
        return given if isinstance(given, Reply) else Reply(body=given)


class _Handler(BaseHTTPRequestHandler):
    bps: Bps

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.bps.queries.append(query)
        self.bps.headers.append({name.casefold(): value for name, value in self.headers.items()})
        self.bps.asked_at.append(self.bps.now())
        reply = self.bps.fault(query) or self.bps.reply(query)
        if reply.silent:
            self.bps.stopped.wait(10)
            return
        if reply.drip_headers:
            self._drip(b"HTTP/1.0 200 OK\r\n" + b"X-Drip: 1\r\n" * 1000)
            return
        self.send_response(reply.status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(reply.content))} | reply.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.drip:
            self._drip(reply.content)
        else:
            self.wfile.write(reply.content)

    def _drip(self, content: bytes) -> None:
        for at in range(len(content)):
            if self.bps.stopped.wait(0.02):
                return
            self.wfile.write(content[at : at + 1])

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Bps]:
    """A server while the block runs."""
    bps = Bps()
    handler = type("Handler", (_Handler,), {"bps": bps})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that gave up is no error here
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    bps.base_url = f"http://127.0.0.1:{server.server_port}/v1/api"
    try:
        yield bps
    finally:
        bps.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


class ReachesOutside(AssertionError):
    """A test was about to leave this machine."""


def _is_here(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return name in {"localhost", socket.gethostname(), "None"} or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def stay_on_this_machine(patch: pytest.MonkeyPatch) -> None:
    """Refuse every look-up of a name and every connection beyond loopback."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not _is_here(address[0]):
            raise ReachesOutside(f"connection to {address[0]}")
        connect(self, address)

    def look_up_here(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_here(host):
            raise ReachesOutside(f"look-up of {host}")
        return look_up(host, *args, **kwargs)

    patch.setattr(socket.socket, "connect", connect_here)
    patch.setattr(socket, "getaddrinfo", look_up_here)
