"""The gate: whatever went wrong before it, nothing that tells too much is written."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from pilar import open_data
from pilar.analyst.asking import session
from pilar.cli import app
from pilar.config import Home
from pilar.open_data import editions, gate, tables
from pilar.open_data import package as packages
from pilar.open_data.suppress import Pattern, hide
from tests.open_data.conftest import Export
from tests.open_data.invented import EVENT, Invented, lay

MOJOKERTO_TAGANA = ("people", "2023", "3576", "TAGANA", "ALL")
MOJOKERTO_TKSK = ("people", "2023", "3576", "TKSK", "ALL")
NEXT = "20240106T170000Z"


def everything_in(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes()
        for folder in (home / "published" / "open", home / "open-data")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def refuses(package: open_data.Exported, export: Export, tmp_path: Path) -> Callable[..., list[str]]:
    """After a package, something is wrong: the next package must be refused, and leave everything as it was."""

    def refuse(wrong: Callable[[], object], told: Invented | None = None) -> list[str]:
        shutil.copytree(package.folder.parents[2], tmp_path / "home", symlinks=True, dirs_exist_ok=True)
        before = everything_in(tmp_path / "home")
        assert len(before) > 30
        wrong()
        with pytest.raises(open_data.Refused) as refused:
            export(told or Invented().with_people(NEXT, TKSK_3501=(14, 16)))
        assert everything_in(tmp_path / "home") == before
        assert not list((tmp_path / "home" / "published" / "open").glob(".making*"))
        return refused.value.reasons

    return refuse


def showing(key: tuple[str, ...]) -> Callable[..., Pattern]:
    """A chooser that forgets to hide one figure."""

    def forgetful(*arguments: Any) -> Pattern:
        pattern = hide(*arguments)
        assert key in pattern.hidden
        return dataclasses.replace(pattern, hidden=pattern.hidden - {key})

    return forgetful


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (MOJOKERTO_TAGANA, "table people: a small group follows from what is published"),
        (MOJOKERTO_TKSK, "table people: a count under 11"),
    ],
)
def test_a_figure_too_many(
    refuses: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
    key: tuple[str, ...],
    reason: str,
) -> None:
    reasons = refuses(lambda: monkeypatch.setattr(editions, "hide", showing(key)))
    assert f"outside: {reason}" in reasons
    assert f"inside: {reason.replace('11', '5')}" in reasons


def spoil(monkeypatch: pytest.MonkeyPatch, table: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Tables that are not what was decided: the first row that ``change`` does not mind is another."""
    rows_of = tables.rows

    def spoiled(*arguments: Any) -> dict[str, pa.Table]:
        made = rows_of(*arguments)
        rows = made[table].to_pylist()
        for row in rows:
            kept = dict(row)
            change(row)
            if row != kept:
                break
        return made | {table: pa.Table.from_pylist(rows, schema=made[table].schema)}

    monkeypatch.setattr(tables, "rows", spoiled)


def another_count(row: dict[str, Any]) -> None:
    if row["status"] == "shown" and row["people"]:
        row["people"] += 1


def money_of_a_hidden_count(row: dict[str, Any]) -> None:
    if row["status"] == "hidden":
        row["entitled_idr"] = 3000000


def people_of_a_hidden_kabkota(row: dict[str, Any]) -> None:
    if row["region_code"] == "3576":
        row["districts_without_tksk"] = 0


def another_bound(row: dict[str, Any]) -> None:
    if row["at_least_pct"]:
        row["at_least_pct"] += 4


@pytest.mark.parametrize(
    ("table", "change", "reason"),
    [
        ("people", another_count, "the tables do not show the figures that were proven"),
        ("premium_cover", another_bound, "table premium_cover: a bound that was not proven"),
        ("money", money_of_a_hidden_count, "table money: a value beside the status hidden"),
        (
            "region_profile",
            people_of_a_hidden_kabkota,
            "table region_profile: districts without a TKSK where the number of TKSK is hidden",
        ),
    ],
)
def test_files_that_say_something_else(
    refuses: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    change: Callable[[dict[str, Any]], None],
    reason: str,
) -> None:
    reasons = refuses(lambda: spoil(monkeypatch, table, change))
    assert reasons == [f"inside: {reason}", f"outside: {reason}"]


def test_a_file_that_is_not_the_one_described(
    refuses: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = packages.write

    def write_and_spoil(about: packages.Package, folder: Path) -> None:
        write(about, folder)
        text = (folder / "data" / "poverty.csv").read_text("utf-8")
        (folder / "data" / "poverty.csv").write_text(text.replace("12.1800", "12.1900"), "utf-8")

    reasons = refuses(lambda: monkeypatch.setattr(packages, "write", write_and_spoil))
    assert "outside: data/poverty.csv: not the file that is described" in reasons
    assert "outside: table poverty: CSV and Parquet differ" in reasons


def test_personal_data(tmp_path: Path) -> None:
    """A pseudonym in a claim and an identity number in an event's name: each is told by its place alone."""
    home = Home(tmp_path / "home").make()
    path = lay(home, Invented())
    with duckdb.connect(str(path)) as release:
        release.execute("UPDATE mart_claims SET claim_text = 'p_abcdefghijklmnop menerima.' WHERE claim_id = 'fall'")
        release.execute("UPDATE dim_event SET event_name = 'Tali Asih 3522014509820001' WHERE event_id = ?", [EVENT])
    with session(home) as opened, pytest.raises(open_data.Refused) as refused:
        open_data.export(opened, home)
    assert "outside: table claims, column claim_text: a person's pseudonym" in refused.value.reasons
    assert [reason for reason in refused.value.reasons if "main.money.event_name: digit_run in" in reason]
    assert not [reason for reason in refused.value.reasons if "3522014509820001" in reason or "abcdef" in reason]
    assert not home.open_data_record.exists()
    assert not list((home.published / "open").iterdir())


def test_worlds_of_another_table_prove_nothing(
    refuses: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proof is checked, not believed: without its worlds nothing passes."""

    def unproven(*arguments: Any) -> Pattern:
        return dataclasses.replace(hide(*arguments), worlds=())

    assert any("follows" in reason for reason in refuses(lambda: monkeypatch.setattr(editions, "hide", unproven)))


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home").make()
    monkeypatch.setenv("PILAR_HOME", str(home.root))
    run = CliRunner()
    nothing = run.invoke(app, ["export", "open-data"])
    assert (nothing.exit_code, "nothing is published" in nothing.stderr) == (1, True)

    monkeypatch.setattr(gate, "_personal", lambda *_: ())
    lay(home, Invented())
    done = run.invoke(app, ["export", "open-data", "--to", str(tmp_path / "public")])
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, str(tmp_path / "public"))
    assert done.stdout.startswith("inside   97 figures shown, 37 hidden\noutside  92 figures shown, 42 hidden\n")
    assert sorted(path.name for path in (tmp_path / "public").iterdir()) == ["inside", "outside"]

    lay(home, Invented().with_people(NEXT, TAGANA_3523=(31, 16)))
    held = run.invoke(app, ["export", "open-data"])
    assert (held.exit_code, "2023     earlier figures stand" in held.stdout) == (0, True)

    before = everything_in(home.root)
    refused = run.invoke(app, ["export", "open-data", "--outside", "30", "--to", str(tmp_path / "public")])
    assert refused.exit_code == 3
    assert "refused, nothing was written" in refused.stderr
    assert "  - table people: a small group follows from what is published" in refused.stderr
    assert everything_in(home.root) == before

    wrong = run.invoke(app, ["export", "open-data", "--inside", "12", "--outside", "5"])
    assert (wrong.exit_code, "thresholds must be 2 or more" in wrong.stderr) == (1, True)
    plain = run.invoke(app, ["export", "mart_claims", "--to", str(tmp_path / "claims.csv")])
    assert (plain.exit_code, (tmp_path / "claims.csv").exists()) == (0, True)
