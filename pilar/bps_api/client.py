"""One request to the BPS Web API: polite, patient, and silent about its key."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from pilar import __version__

BASE_URL = "https://webapi.bps.go.id/v1/api/"
USER_AGENT = f"pilar/{__version__} (data warehouse of social assistance, East Java; httpx/{httpx.__version__})"
FIRST_TH_YEAR = 1900
"""BPS numbers years from here: ``th = year - 1900``."""

_LOCAL = {"127.0.0.1", "localhost", "::1"}


class FetchError(Exception):
    """Requests that failed, in plain words without address or key. Asking again later may help."""

    final = False
    """Whether no further request of this run can succeed."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = list(reasons)

    def about(self, what: str) -> Self:
        """The same with the request that it is about before each reason."""
        self.reasons = [f"{what}: {reason}" for reason in self.reasons]
        self.args = ("; ".join(self.reasons),)
        return self


class RefusedError(FetchError):
    """BPS understood the request and will not answer it. Asking again does not help."""


class _TransientError(FetchError):
    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__([reason])
        self.retry_after = retry_after


@dataclass(frozen=True)
class Patience:
    """How long to wait and how often to ask. BPS states no limit; other clients keep to 60 calls a minute."""

    attempts: int = 5
    first_wait_seconds: float = 2.0
    longest_wait_seconds: float = 120.0
    pause_seconds: float = 1.0
    timeout_seconds: float = 60.0


@dataclass(frozen=True)
class Answer:
    """A JSON body with its request. ``text`` is the body as received: numbers keep their digits."""

    request: dict[str, Any]
    years: tuple[int, ...]
    status_code: int
    content_type: str
    text: str
    body: Any


class _KeyAuth(httpx.Auth):
    """Adds the key as the request leaves, so that no address that we handle holds it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.url = request.url.copy_merge_params({"key": self._key})
        yield request


class Client:
    """Requests to one base address, with pauses between them. Use as a context manager."""

    def __init__(
        self,
        base_url: str,
        key: str,
        client: httpx.Client | None,
        patience: Patience,
        sleep: Callable[[float], None],
    ) -> None:
        self._url = f"{_base(base_url)}list"
        self._auth = _KeyAuth(key)
        self._hide = re.compile(re.escape(key))
        self._client = client
        self._patience = patience
        self._sleep = sleep
        self._asked = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(_quiet_transport())
        if self._client is None:
            self._client = self._stack.enter_context(httpx.Client(timeout=self._patience.timeout_seconds))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def ask(self, domain: str, variable: int, years: Sequence[int]) -> Answer:
        """The data of one variable. Retries what may pass; raises ``FetchError`` or ``RefusedError``."""
        if self._asked:
            self._sleep(self._patience.pause_seconds)
        self._asked += 1
        th = ";".join(str(year - FIRST_TH_YEAR) for year in years)
        parameters = {"model": "data", "domain": domain, "var": str(variable), "th": th}
        retrying = Retrying(
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._wait,
            retry=retry_if_exception_type(_TransientError),
            sleep=self._sleep,
            reraise=True,
        )
        response, body = retrying(self._once, parameters)
        return Answer(
            request={"method": "GET", "path": "list", "params": parameters},
            years=tuple(years),
            status_code=response.status_code,
            content_type=response.headers.get("content-type", ""),
            text=self._hide.sub("***", response.text),
            body=body,
        )

    def _once(self, parameters: dict[str, str]) -> tuple[httpx.Response, Any]:
        if self._client is None:
            raise RuntimeError("the client is not open")
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        try:
            response = self._client.get(self._url, params=parameters, headers=headers, auth=self._auth)
        except httpx.TransportError as error:  # its request holds the key: not chained
            raise _TransientError(f"no answer ({type(error).__name__})") from None
        except httpx.HTTPError as error:
            raise RefusedError([f"no usable answer ({type(error).__name__})"]) from None
        if response.status_code in (408, 429) or response.status_code >= 500:
            raise _TransientError(f"HTTP {response.status_code}", _retry_after(response.headers.get("retry-after")))
        if response.status_code != 200:
            raise RefusedError([f"HTTP {response.status_code}"])
        return response, _json(response.text)

    def _wait(self, state: RetryCallState) -> float:
        """What the server asks for, else longer each time; both with jitter, so that clients do not march in step."""
        jittered = wait_random_exponential(self._patience.first_wait_seconds, self._patience.longest_wait_seconds)(
            state
        )
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, _TransientError) else None
        if asked is None:
            return jittered
        return min(asked, self._patience.longest_wait_seconds) + min(jittered, self._patience.first_wait_seconds)


def _base(address: str) -> str:
    """The base address with scheme and slash. A key travels only encrypted, or within this machine."""
    full = address if "://" in address else f"https://{address}"
    url = httpx.URL(full)
    if url.scheme != "https" and url.host not in _LOCAL:
        raise RefusedError([f"{url.scheme}://{url.host} is not encrypted: the key would be readable on its way"])
    return full.rstrip("/") + "/"


def _json(text: str) -> Any:
    if text.lstrip().startswith("<"):
        raise RefusedError(["an HTML page instead of JSON (firewall)"])
    try:
        return json.loads(text)
    except ValueError:
        raise _TransientError("the answer is cut off or no JSON") from None


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
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


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
