"""Where things lie and what the limits are."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

PROJECT = Path(__file__).resolve().parent.parent
"""The checkout: dbt_project/, expectations/ and samples/ lie beside the package."""

DISPLAY_ZONE = ZoneInfo("Asia/Jakarta")
"""Times are stored in UTC and shown in this zone."""


@dataclass(frozen=True)
class Home:
    """The runtime folder (``PILAR_HOME``): every path below it, in one place."""

    root: Path

    @property
    def landing(self) -> Path:
        """Files as they came: ``landing/<feed>/[<submitter>/]…``."""
        return self.root / "landing"

    @property
    def raw(self) -> Path:
        """Immutable bytes: ``raw/<feed>/<sha256>/``."""
        return self.root / "raw"

    @property
    def warehouse(self) -> Path:
        """The build. Only a task that holds the pool slot ``warehouse`` opens it."""
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def current_marts(self) -> Path:
        """Symlink to the released file; what analysts open."""
        return self.published / "marts.duckdb"

    @property
    def releases(self) -> Path:
        return self.published / "releases"

    @property
    def open_data_record(self) -> Path:
        """What open data ever published and what was true then (0600): no next package without it. Back it up."""
        return self.root / "open-data" / "editions.json"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def restricted(self) -> Path:
        """What names people; mode 0700."""
        return self.reports / "restricted"

    @property
    def workbooks(self) -> Path:
        """Submitters' annotated workbooks."""
        return self.restricted / "workbooks"

    @property
    def data_docs(self) -> Path:
        """Great Expectations Data Docs, judged without personal values."""
        return self.reports / "data_docs"

    @property
    def nights(self) -> Path:
        """What each step of each night did: ``nights/<night_id>/<step>.json``."""
        return self.root / "nights"

    @property
    def messages(self) -> Path:
        """Each night's message, where no channel is set up or the channel failed."""
        return self.root / "messages"

    @property
    def dbt(self) -> Path:
        """dbt's ``target/`` and logs, out of the checkout."""
        return self.root / "dbt"

    @property
    def spill(self) -> Path:
        """What does not fit into DuckDB's memory, while it is needed (0700): see :mod:`pilar.duck`."""
        return self.root / "spill"

    @property
    def airflow(self) -> Path:
        return self.root / "airflow"

    @property
    def desk(self) -> Path:
        """What the analysts' desk keeps for itself: marimo's settings and log."""
        return self.root / "desk"

    @property
    def limits_file(self) -> Path:
        """Limits of this runtime folder, for whoever cannot set an environment: see :func:`limits`."""
        return self.root / "limits.env"

    @property
    def key_file(self) -> Path:
        """The pseudonym key when ``PILAR_PII_KEY`` is not set; mode 0600. Back it up."""
        return self.root / "pii.key"

    def make(self) -> Home:
        """Create the folders (0700 at the root: everything below may hold personal data). What is there keeps its mode;
        a night closes it and says so (:mod:`pilar.privacy.modes`)."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.landing, self.releases, self.reports, self.nights):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.raw, self.restricted):
            folder.mkdir(mode=0o700, exist_ok=True)
        return self


@dataclass(frozen=True)
class Limits:
    """Defaults an operator may change by ``PILAR_<FIELD>``, in the environment or in ``limits.env``.

    Whatever begins with ``max_`` bounds what one landed file may cost; a file above it is refused, and the refusal
    names the limit. See ``docs/hostile-input.md``.
    """

    settle_seconds: float = 2.0
    """A landing file is taken only if size and mtime have rested this long."""
    max_file_bytes: int = 2 * 1024**3
    """Of the file as it landed."""
    max_unpacked_bytes: int = 8 * 1024**3
    """Of all members of an archive together, and of the parts of a workbook; also of what reading a file may write."""
    max_unpacked_ratio: int = 250
    """How many times larger than its packed bytes an archive or workbook may be, beyond its first 64 MiB."""
    max_archive_members: int = 1000
    max_json_bytes: int = 256 * 1024**2
    """JSON is parsed whole; a larger table belongs into a text file."""
    max_figures_bytes: int = 64 * 1024**2
    """Of a published table in a text file, which is looked at whole."""
    max_rows: int = 50_000_000
    """Rows of one file, all its sheets and members together."""
    max_columns: int = 16_384
    """Of one sheet or text file; as many as Excel has."""
    max_sheet_cells: int = 20_000_000
    """Of the rectangle that a sheet fills."""
    max_cell_bytes: int = 131_072
    """Of one value as UTF-8; Excel's own limit is 32,767 characters."""
    max_reading_memory_bytes: int = 4 * 1024**3
    """Address space of the process that reads a file."""
    max_reading_seconds: int = 300
    """CPU time of the process that reads a file. By the clock it may take three times as long: a busy disk is not the
    file's fault."""
    spare_bytes: int = 256 * 1024**2
    """Room on the disk that a night leaves free beside what it is expected to write."""
    keep_releases: int = 7
    keep_restricted_days: int = 90
    keep_nights: int = 60
    max_workbook_rows: int = 20_000
    """Rows of a submitter's file that are written out again in its annotated workbook; a longer file's only lists the
    wrong rows."""
    answer_hours: float = 20.0
    """How long a held night waits for an answer before yesterday's release is kept; never into the next night."""
    memory_limit: str = "3GB"
    """Of each DuckDB connection of the night; beyond it DuckDB spills to disk. The process needs some hundred MiB more,
    and shall stay below 4 GiB."""
    threads: int = 2

    @property
    def fingerprint(self) -> str:
        """Twelve characters that change with any ``max_`` limit."""
        told = sorted((name, value) for name, value in vars(self).items() if name.startswith("max_"))
        return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


def home(root: Path | str | None = None) -> Home:
    """The runtime folder: the argument, else ``PILAR_HOME``, else ``./var``."""
    chosen = root or os.environ.get("PILAR_HOME") or "var"
    return Home(Path(chosen).expanduser().resolve())


def limits() -> Limits:
    """The defaults, changed by ``limits.env`` of the runtime folder, changed by the environment.

    :raises ValueError: a value of the wrong type or below zero, or a line of the file that sets no limit; it is named
    """
    known = {f"PILAR_{name.upper()}": name for name in vars(Limits())}
    settings = _settings(home().limits_file, known) | {name: os.environ[name] for name in known if name in os.environ}
    given: dict[str, object] = {}
    for variable, text in settings.items():
        kind = type(getattr(Limits(), known[variable]))
        try:
            given[known[variable]] = kind(text)
        except ValueError:
            raise ValueError(f"{variable} must be a {kind.__name__}") from None
        if text.strip().startswith("-"):
            raise ValueError(f"{variable} must not be below zero")
    return Limits(**given)  # type: ignore[arg-type]


def _settings(path: Path, known: Container[str]) -> dict[str, str]:
    """``NAME=value`` lines; empty ones and those that begin with ``#`` say nothing."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name, _, value = (part.strip() for part in line.partition("="))
        if not line.strip() or name.startswith("#"):
            continue
        if name not in known:
            raise ValueError(f"{path}, line {number}: {name} is no limit")
        found[name] = value
    return found
