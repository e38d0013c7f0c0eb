"""Attacks with two packages: what one hides must not follow from both, nor who came or left in between."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pilar import open_data
from pilar.config import Home
from pilar.open_data import history
from pilar.recovery import backup
from tests.open_data.attack import Attack, changes_found_out, found_out, package_of, rows
from tests.open_data.conftest import Export, exporter
from tests.open_data.invented import Invented

NEXT = "20240106T170000Z"
LAST = "20240107T170000Z"
THRESHOLDS = {"inside": 5, "outside": 11}


def nothing_follows(packages: list[tuple[open_data.Exported, Invented]], thresholds: dict[str, int]) -> None:
    """The joint attack, for each audience; inside reads what is outside, too."""
    truth = {told.release_id: told.truth() for _, told in packages}
    for audience, threshold in thresholds.items():
        attack = Attack()
        for package, told in packages:
            for readable in {audience, "outside"}:
                attack.read(package_of(package.folder / readable), told.rates)
        there = {name[0]: truth[name[0]] for name in attack.totals}
        attack.suppose_alike(there)
        assert found_out(attack, there, threshold) == []
        assert changes_found_out(attack, there, threshold) == []


def releases_in(package: open_data.Exported) -> set[str]:
    """The releases that the shown figures are from."""
    return {row["as_of_release"] for row in rows(package.folder / "outside", "people")} - {""}


def test_one_person_more_does_not_show(export: Export) -> None:
    """One man more in Tuban's Tagana: every total would tell, so the figures before stand, and are told as such."""
    before = Invented()
    after = before.with_people(NEXT, TAGANA_3523=(31, 16))
    first, second = export(before), export(after)
    assert second.held == ("2023",)
    assert releases_in(second) == {before.release_id}
    assert "release 20240105T170000Z" in (second.folder / "outside" / "README.txt").read_text("utf-8")
    assert package_of(first.folder / "outside")["people"] == package_of(second.folder / "outside")["people"]


def test_a_new_region_comes_with_one_person_more_elsewhere(export: Export) -> None:
    """The new figures tell more, so they go out; what changed by one is hidden, and nothing else tells it."""
    before = Invented()
    after = before.with_people(NEXT, PKH_3501=(60, 70), TAGANA_3501=(25, 15), TKSK_3501=(12, 14), TAGANA_3523=(31, 16))
    first, second = export(before), export(after)
    assert second.held == ()
    assert releases_in(second) == {NEXT}
    hidden = {
        (row["area_code"], row["pillar_code"], row["sex"])
        for row in rows(second.folder / "inside", "people")
        if row["status"] == "hidden"
    }
    assert {("3523", "TAGANA", "ALL"), ("3523", "ALL", "ALL"), ("3523", "ALL", "L")} <= hidden
    nothing_follows([(first, before), (second, after)], THRESHOLDS)


def test_a_small_group_that_grew_stays_secret(export: Export) -> None:
    """3 TKSK yesterday, 30 today: today's figures go out, and yesterday's three do not follow from them."""
    before = Invented()
    after = before.with_people(NEXT, TKSK_3576=(14, 16))
    first, second = export(before), export(after)
    assert releases_in(second) == {NEXT}
    nothing_follows([(first, before), (second, after)], THRESHOLDS)


def test_three_packages_in_a_row(export: Export) -> None:
    told = [Invented()]
    told.append(told[0].with_people(NEXT, TKSK_3576=(14, 16)))
    told.append(told[1].with_people(LAST, TKSK_3576=(2, 2), PKH_3501=(60, 70), TKSK_3501=(12, 14)))
    packages = [export(one) for one in told]
    nothing_follows(list(zip(packages, told, strict=True)), {"inside": 5})


def test_the_same_figures_in_a_later_release_are_the_same_package_but_for_its_name(export: Export) -> None:
    first, second = export(Invented()), export(Invented(release_id=NEXT))
    assert second.held == ()
    assert releases_in(second) == {Invented().release_id}
    assert package_of(first.folder / "outside") == package_of(second.folder / "outside")


def test_a_lower_threshold_shows_more_and_no_more_than_it_may(export: Export) -> None:
    before, after = Invented(), Invented(release_id=NEXT)
    first, second = export(before), export(after, inside=3, outside=5)
    assert second.shown["outside"] > first.shown["outside"]
    truth = {before.release_id: before.truth(), NEXT: after.truth()}
    attack = Attack()
    for package, told in ((first, before), (second, after)):
        attack.read(package_of(package.folder / "outside"), told.rates)
    attack.suppose_alike(truth)
    attack.hidden = {what: sums for what, sums in attack.hidden.items() if what.startswith(NEXT)}
    assert found_out(attack, truth, 5) == []


def test_a_higher_threshold_comes_too_late(export: Export, tmp_path: Path) -> None:
    """What is out cannot be taken back: the gate says so, and nothing changes."""
    first = export(Invented())
    record = Home(tmp_path / "home").open_data_record.read_bytes()
    with pytest.raises(open_data.Refused) as refused:
        export(Invented(release_id=NEXT), inside=5, outside=30)
    assert "table people: a small group follows from what is published" in refused.value.reasons
    assert not any(character.isdigit() for reason in refused.value.reasons for character in reason)
    assert [path for path in first.folder.parent.iterdir() if path.name != "current"] == [first.folder]
    assert (first.folder.parent / "current").resolve() == first.folder
    assert Home(tmp_path / "home").open_data_record.read_bytes() == record


def test_a_release_that_was_taken_back_is_published_as_before(export: Export) -> None:
    """After a rollback the older release's figures are out already: they go out again, word for word."""
    before = Invented()
    after = before.with_people(NEXT, TKSK_3576=(14, 16))
    first, _, third = export(before), export(after), export(before)
    assert third.folder == first.folder
    assert third.held == ()


def test_without_its_memory_it_publishes_nothing(export: Export, tmp_path: Path) -> None:
    first = export(Invented())
    record = Home(tmp_path / "home").open_data_record
    assert record.stat().st_mode & 0o077 == 0
    kept = record.read_text("utf-8")
    record.write_text(kept[: len(kept) // 2], "utf-8")
    with pytest.raises(history.BrokenRecord, match="restore it from a backup"):
        export(Invented(release_id=NEXT))
    record.unlink()
    with pytest.raises(history.BrokenRecord, match="is gone"):
        export(Invented(release_id=NEXT))
    record.write_text(kept, "utf-8")
    assert export(Invented()).folder == first.folder


def test_inside_shows_whatever_outside_does(export: Export) -> None:
    package = export(Invented())
    for table in ("people", "money", "money_outcomes", "premium_cover"):
        for inside, outside in zip(
            rows(package.folder / "inside", table), rows(package.folder / "outside", table), strict=True
        ):
            assert outside["status"] != "shown" or inside == outside
    assert package.shown["inside"] > package.shown["outside"]


@pytest.mark.usefixtures("swift")
def test_the_attack_finds_what_a_forgetful_export_gives_away(tmp_path: Path) -> None:
    """From two homes that know nothing of each other: the new man shows, and so do yesterday's three TKSK."""
    before = Invented()
    after = before.with_people(NEXT, TAGANA_3523=(31, 16), TKSK_3576=(14, 16))
    attack, truth = Attack(), {before.release_id: before.truth(), NEXT: after.truth()}
    for told in (before, after):
        package = exporter(tmp_path / told.release_id)(told)
        attack.read(package_of(package.folder / "outside"), told.rates)
    attack.suppose_alike(truth)
    assert f"{before.release_id} people 3576 TKSK ALL is from 3.0 to 3.0" in found_out(attack, truth, 11)
    assert f"{NEXT} people 3500 TAGANA ALL changed by 1.0 to 1.0" in changes_found_out(attack, truth, 11)


def test_a_backup_brings_its_memory_along(export: Export, tmp_path: Path) -> None:
    """After a restore the next package is compared with those that are out."""
    export(Invented())
    home = Home(tmp_path / "home")
    restored = Home(tmp_path / "restored")
    backup.restore(restored, backup.backup(home, tmp_path / "backups", with_key=True).backup)
    assert restored.open_data_record.read_bytes() == home.open_data_record.read_bytes()
    assert restored.open_data_record.stat().st_mode & 0o077 == 0
    shutil.rmtree(restored.releases)
    again = exporter(restored.root)(Invented().with_people(NEXT, TAGANA_3523=(31, 16)))
    assert again.held == ("2023",)
