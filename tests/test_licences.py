"""docs/licences.md lists every package that Pilar runs with; `make audit` never takes silence for a clean bill."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from pilar.config import PROJECT

COPYLEFT = {"docutils", "psycopg", "psycopg-binary", "psycopg2-binary", "text-unidecode"}
"""Each has its sentence on the page."""


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PROJECT / ".ci" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_locks_and_the_packages_say() -> None:
    licences = tool("licences")
    assert sorted(licences.written()) == licences.packages()
    changed = {
        name: (told, licences.licence(name))
        for name, told in licences.written().items()
        if licences.licence(name) not in (told, licences.UNKNOWN)
    }
    assert changed == {}
    assert licences.PAGE.read_text("utf-8").startswith(licences.HEAD)


def test_every_licence_is_known_and_copyleft_has_its_reason() -> None:
    told = tool("licences").written()
    assert [name for name, licence in told.items() if licence.startswith(("not installed", "stated in"))] == []
    assert {name for name, licence in told.items() if "GPL" in licence} == COPYLEFT


FOUND = {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}
CLEAN = {"name": "b", "version": "2", "vulns": []}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (3)"}


@pytest.mark.parametrize(
    ("dependencies", "ends", "says"),
    [
        ([CLEAN, SKIPPED], 0, "1 packages audited by pypi, 0 with known vulnerabilities"),
        ([CLEAN, FOUND], 1, "a 1: PYSEC-1"),
        ([SKIPPED], 2, "NOT AUDITED"),
        (None, 2, "NOT AUDITED"),
    ],
)
def test_an_audit_that_looked_nothing_up_says_so(
    dependencies: list[dict[str, object]] | None,
    ends: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    audit = tool("audit")

    def ended(order: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert Path(order[0]).name == "pip-audit"
        out = "" if dependencies is None else json.dumps({"dependencies": dependencies, "fixes": []})
        return subprocess.CompletedProcess(order, 1, out, "ConnectionError")

    monkeypatch.setattr(audit.subprocess, "run", ended)
    assert audit.main() == ends
    assert says in capsys.readouterr().out
