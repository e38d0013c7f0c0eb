"""One request to the BPS Web API: polite, patient, bounded, and silent about its key."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import zlib
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from pilar import __version__

BASE_URL = "https://webapi.bps.go.id/v1/api/"
USER_AGENT = f"pilar/{__version__} (data warehouse of social assistance, East Java; httpx/{httpx.__version__})"

_LOCAL = {"127.0.0.1", "localhost", "::1"}
_SHORTEST_KEY = 8
"""A shorter text could stand in an answer by chance, and is no key of BPS (32 characters)."""


class FetchError(Exception):
    """Requests that failed, in plain words without address or key. Asking again later may help."""

    advice = "what came is kept; asking again later may bring the rest"

    def __init__(self, reasons: list[str], *, final: bool = False) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons
        self.final = final
        """Whether no further request of this run can succeed."""

    def about(self, what: str) -> Self:
        """The same with the request that it is about before each reason."""
        return type(self)([f"{what}: {reason}" for reason in self.reasons], final=self.final)


class RefusedError(FetchError):
    """BPS understood the request and will not answer it. Asking again does not help."""

    advice = "what came is kept; asking again does not help: see docs/bps-web-api.md"


class _TransientError(FetchError):
    retry_after: float | None = None


@dataclass(frozen=True)
class Patience:
    """How fast and how often to ask, and how long and how much to listen: every limit of the client."""

    calls_per_minute: float = 60.0
    """Of all requests, second tries included. BPS states no limit; other clients keep to this one."""
    attempts: int = 5
    first_wait_seconds: float = 2.0
    longest_wait_seconds: float = 120.0
    """A server that asks for a longer wait ends the run."""
    all_waits_seconds: float = 900.0
    """Of one run. A server that is down is then asked once for each thing still wanted, not ``attempts`` times."""
    silence_seconds: float = 60.0
    answer_seconds: float = 300.0
    """From first to last byte: a server that drips is given up, too."""
    answer_bytes: int = 32 * 1024**2


@dataclass(frozen=True)
class Answer:
    """A JSON body with its request. ``text`` is the body as received: numbers keep their digits."""

    request: dict[str, Any]
    status_code: int
    content_type: str
    text: str
    body: Any
    validators: dict[str, str] = field(default_factory=dict)
    """By request header: what to send so that the server answers only if something changed."""

    @property
    def not_modified(self) -> bool:
        return self.status_code == 304


class _KeyAuth(httpx.Auth):
    """Adds the key as the request leaves, so that no address that we handle holds it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.url = request.url.copy_merge_params({"key": self._key})
        yield request


class Client:
    """Requests to ``list`` below one base address, at a bounded rate. Use as a context manager.

    Asynchronous inside, because only so one deadline covers connecting, headers and body.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        patience: Patience,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        key = key.strip()
        if len(key) < _SHORTEST_KEY:
            raise RefusedError([f"the key has fewer than {_SHORTEST_KEY} characters: BPS gives out longer ones"])
        self._url = httpx.URL(f"{_base(base_url)}list")
        self._auth = _KeyAuth(key)
        self._hide = re.compile("|".join({re.escape(key), re.escape(quote(key, safe=""))}))
        self._patience = patience
        self._sleep = sleep
        self._clock = clock
        self._free_at = 0.0
        self._waited = 0.0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(_quiet_transport())
        self._runner = self._stack.enter_context(asyncio.Runner())
        self._http = httpx.AsyncClient(
            timeout=self._patience.silence_seconds,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"},
            auth=self._auth,
            follow_redirects=False,  # the key goes to no address that an answer names
            trust_env=self._url.host not in _LOCAL,  # nor, unencrypted, to a proxy
        )
        self._stack.callback(lambda: self._runner.run(self._http.aclose()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def ask(self, parameters: Mapping[str, str], validators: Mapping[str, str] | None = None) -> Answer:
        """The answer to one request. Retries what may pass; raises ``FetchError`` or ``RefusedError``.

        ``validators`` are those of an earlier answer; ``not_modified`` then says that it still holds.
        """
        retrying = Retrying(
            stop=self._enough,
            wait=self._wait,
            retry=retry_if_exception_type(_TransientError),
            sleep=self._rest,
            reraise=True,
        )
        return retrying(self._once, dict(parameters), dict(validators or {}))

    def _once(self, parameters: dict[str, str], validators: dict[str, str]) -> Answer:
        self._keep_the_rate()
        try:
            status, headers, content = self._runner.run(self._receive(parameters, validators))
        except TimeoutError:
            raise _TransientError([f"no whole answer within {self._patience.answer_seconds:g} seconds"]) from None
        except zlib.error:
            raise _TransientError(["the answer is packed wrongly"]) from None
        except httpx.TransportError as error:  # its request holds the key: not chained
            raise _TransientError([f"no whole answer ({type(error).__name__})"]) from None
        except httpx.HTTPError as error:
            raise RefusedError([f"no usable answer ({type(error).__name__})"]) from None
        self._judge(status, headers, content, asked_for_changes=bool(validators))
        text = self._hide.sub("***", _text(content))
        return Answer(
            request={"method": "GET", "path": "list", "params": parameters},
            status_code=status,
            content_type=self._hide.sub("***", headers.get("content-type", "")),
            text=text,
            body=None if status == 304 else _json(text),
            validators={
                name: self._hide.sub("***", value)
                for name, given in (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
                if (value := headers.get(given))
            },
        )

    async def _receive(
        self, parameters: dict[str, str], validators: dict[str, str]
    ) -> tuple[int, httpx.Headers, bytearray]:
        content = bytearray()
        async with (
            asyncio.timeout(self._patience.answer_seconds),
            self._http.stream("GET", self._url, params=parameters, headers=validators) as response,
        ):
            unpack = _unpacker(response.headers.get("content-encoding", ""))
            async for part in response.aiter_raw():
                content += unpack(part, self._patience.answer_bytes + 1 - len(content))
                if len(content) > self._patience.answer_bytes:
                    raise RefusedError([f"the answer is larger than {self._patience.answer_bytes:,} bytes"])
        return response.status_code, response.headers, content

    def _judge(self, status: int, headers: httpx.Headers, content: bytearray, *, asked_for_changes: bool) -> None:
        """Raise for every status but that of an answer."""
        if status in (408, 425, 429) or status >= 500:
            error = _TransientError([f"HTTP {status}"])
            error.retry_after = _retry_after(headers.get("retry-after"))
            if error.retry_after is not None and error.retry_after > self._patience.longest_wait_seconds:
                minutes = f"HTTP {status}: BPS asks to come back in {error.retry_after / 60:.0f} minutes"
                raise FetchError([minutes], final=True)
            raise error
        if status == 200 or (status == 304 and asked_for_changes):
            return
        if 300 <= status < 400:
            raise RefusedError([f"HTTP {status}: BPS sends to another address; the key goes to none but the given one"])
        page = " with an HTML page (firewall)" if content.lstrip()[:1] == b"<" else ""
        raise RefusedError([f"HTTP {status}{page}"])

    def _keep_the_rate(self) -> None:
        """Wait until another request may leave: the one place that all of them pass."""
        now = self._clock()
        if self._free_at > now:
            self._sleep(self._free_at - now)
        self._free_at = max(now, self._free_at) + 60 / self._patience.calls_per_minute

    def _enough(self, state: RetryCallState) -> bool:
        return state.attempt_number >= self._patience.attempts or self._waited >= self._patience.all_waits_seconds

    def _wait(self, state: RetryCallState) -> float:
        """What the server asks for, else longer each time; with jitter, so that clients do not march in step."""
        jittered = wait_random_exponential(self._patience.first_wait_seconds, self._patience.longest_wait_seconds)(
            state
        )
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, _TransientError) else None
        return jittered if asked is None else asked + min(jittered, self._patience.first_wait_seconds)

    def _rest(self, seconds: float) -> None:
        self._waited += seconds
        self._sleep(seconds)


def checked_key(key: str | None) -> str:
    """The key. Raises ``RefusedError`` without one."""
    if not key or not key.strip():
        raise RefusedError(["no key for the BPS Web API: put files into landing/poverty/ instead, or give a key"])
    return key


def _base(address: str) -> str:
    """The base address with scheme and slash. A key travels only encrypted, or within this machine."""
    full = address if "://" in address else f"https://{address}"
    try:
        url = httpx.URL(full)
    except httpx.InvalidURL:
        raise RefusedError(["the base address of the BPS Web API is no address"]) from None
    if url.scheme != "https" and url.host not in _LOCAL:
        raise RefusedError([f"{url.scheme}://{url.host} is not encrypted: the key would be readable on its way"])
    return full.rstrip("/") + "/"


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """Unpacks the next part of a body to at most so many bytes: a few kilobytes may unfold to gigabytes."""
    match encoding.strip().casefold():
        case "" | "identity":
            return lambda part, _: part
        case "gzip":
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress
    raise RefusedError(["the answer is packed in a way that was not asked for"])


def _text(content: bytearray) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _TransientError(["the answer is no text in UTF-8"]) from None


def _json(text: str) -> Any:
    if text.lstrip().startswith("<"):
        raise RefusedError(["an HTML page instead of JSON (firewall)"])
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except ValueError:
        raise _TransientError(["the answer is cut off or no JSON"]) from None
    except RecursionError:
        raise RefusedError(["the answer is nested too deeply"]) from None


def _no_number(name: str) -> None:
    raise ValueError(name)


def _retry_after(header: str | None) -> float | None:
    """Seconds of a ``Retry-After`` header, which holds seconds or a date."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


@contextmanager
def _quiet_transport() -> Generator[None, None, None]:
    """httpx logs each address at INFO, httpcore at DEBUG: with the key in it."""
    loggers = {name: logging.getLogger(name) for name in ("httpx", "httpcore")}
    before = {name: logger.level for name, logger in loggers.items()}
    for logger in loggers.values():
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for name, logger in loggers.items():
            logger.setLevel(before[name])
