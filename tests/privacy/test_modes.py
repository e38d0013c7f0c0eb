"""Places of personal data that are open to others are closed, and somebody is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pilar import night
from pilar.config import Home
from pilar.privacy.modes import ModesRefused, close


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_new_home_is_its_owners_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        home = Home(tmp_path / "home").make()
        assert close(home) == []
    finally:
        os.umask(before)
    for path in (home.root, home.raw, home.restricted):
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_what_is_open_is_closed_and_told_once(home: Home) -> None:
    home.warehouse.touch()
    for path, mode in ((home.root, 0o755), (home.raw, 0o750), (home.restricted, 0o704), (home.warehouse, 0o644)):
        path.chmod(mode)
    plan = night.begin(home)
    assert plan["closed"] == [
        "home was open to others (mode 0755) and is now 0700",
        "home/raw was open to others (mode 0750) and is now 0700",
        "home/reports/restricted was open to others (mode 0704) and is now 0700",
        "home/warehouse.duckdb was open to others (mode 0644) and is now 0600",
    ]
    assert "home/raw was open to others" in plan["message"]
    assert night.begin(home, "20240101T000000Z")["closed"] == []


def test_what_cannot_be_closed_stops_the_night(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.raw.chmod(0o755)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(ModesRefused, match=r"raw is open to others and cannot be closed .*chmod 700 raw"):
        night.begin(home)
