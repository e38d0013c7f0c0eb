"""The command ``pilar``: each step of a night without Airflow, and read-only questions to the release.

Heavy libraries are imported inside commands, so that ``pilar --help`` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Self

import typer

from pilar import __version__
from pilar.config import Home
from pilar.config import home as home_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help=(
        "Pilar: who was paid, who is covered, are the claims true.\n\n"
        "A night is: land, load, check arrivals, build, check candidate, publish, report. "
        "`pilar run` does it all; exit code 0 published, 3 held by a gate, 1 failed."
    ),
)

HomeOption = Annotated[
    Path | None, typer.Option("--home", envvar="PILAR_HOME", help="Runtime folder (default ./var).", show_default=False)
]
NightOption = Annotated[str | None, typer.Option("--night", help="Night id (default: the newest).", show_default=False)]

JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command()
def run(
    home: HomeOption = None,
    force: Annotated[bool, typer.Option("--force", help="Build and publish even when nothing is new.")] = False,
) -> None:
    """Run a whole night without Airflow."""
    from pilar import night

    with _Progress() as progress:
        ended = night.run(home_of(home), force=force, tell=progress.tell)
    typer.echo(ended["text"])
    raise typer.Exit(ended["exit_code"])


@app.command()
def status(
    home: HomeOption = None,
    night_id: NightOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how a night ended, or how far it is. Exit code as that night's."""
    from pilar import night

    place, chosen = _night(home, night_id)
    ended = night.facts_of(place, chosen, "conclude")
    if as_json:
        typer.echo(
            json.dumps({name: night.facts_of(place, chosen, name) for name in ("plan", *night.STEPS, "conclude")})
        )
    elif ended:
        typer.echo(ended["text"])
    else:
        done = [name for name in ("plan", *night.STEPS) if night.facts_of(place, chosen, name)]
        typer.echo(f"night {chosen} has not ended; steps done: {', '.join(done) or 'none'}")
    raise typer.Exit(ended.get("exit_code", 1) if ended else 1)


@app.command()
def land(
    home: HomeOption = None,
    force: Annotated[bool, typer.Option("--force", help="Go on even when nothing is new.")] = False,
) -> None:
    """Begin a night: take what landed into raw/."""
    from pilar import night

    place = home_of(home)
    with night.alone(place):
        plan = night.begin(place, force=force)
        _tell(plan)
        for facts in night.ingest_all(place, plan["night_id"], plan["items"]):
            _tell(facts)
    typer.echo(plan["night_id"])


@app.command(
    epilog="The key stands in the environment, PILAR_BPS_KEY, never on the command line. "
    "Examples: pilar fetch; pilar fetch --years 2021-2023; pilar fetch --all; pilar fetch --check."
)
def fetch(
    home: HomeOption = None,
    years: Annotated[
        str, typer.Option("--years", metavar="YEARS", help="2021-2023, 2025 (default: this year and the last).")
    ] = "",
    *,
    every: Annotated[bool, typer.Option("--all", help="Every year that BPS has.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Fetch nothing; say whether BPS still has the variables under their titles.")
    ] = False,
    address: Annotated[
        str | None, typer.Option("--address", envvar="PILAR_BPS_ADDRESS", help="Base address of the API.")
    ] = None,
) -> None:
    """Land poverty figures of the BPS Web API that are new; without a key, say what the files in landing hold."""
    from pilar import bps_api

    if every + check + bool(years) > 1:
        raise typer.BadParameter("give --years, --all or --check")
    try:
        wanted = None if every else bps_api.years_in(years) or bps_api.usual_years()
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None
    place = home_of(home)
    key = os.environ.get("PILAR_BPS_KEY")
    if not key and not check:
        typer.echo(bps_api.without_key(place, wanted))
        return
    try:
        if check:
            for line in bps_api.check(key=key, base_url=address or bps_api.BASE_URL):
                typer.echo(line)
            return
        tell = partial(typer.echo, err=True)
        fetched = bps_api.fetch(place, wanted, key=key, base_url=address or bps_api.BASE_URL, tell=tell)
    except bps_api.FetchError as failed:
        for reason in failed.reasons:
            typer.echo(f"- {reason}", err=True)
        _fail(failed.advice)
    typer.echo(fetched.text)


@app.command()
def load(home: HomeOption = None, night_id: NightOption = None) -> None:
    """Register raw/ in the warehouse."""
    _step("load", home, night_id)


@app.command()
def build(home: HomeOption = None, night_id: NightOption = None) -> None:
    """Run dbt and write the candidate."""
    _step("build", home, night_id)


@app.command()
def check(
    gate: Annotated[
        str | None, typer.Argument(help="arrivals or candidate (default: the candidate once it is built).")
    ] = None,
    home: HomeOption = None,
    night_id: NightOption = None,
) -> None:
    """Let Great Expectations judge the arrivals or the candidate."""
    if gate is None:
        from pilar import night

        gate = "candidate" if night.facts_of(*_night(home, night_id), "build") else "arrivals"
    if gate not in {"arrivals", "candidate"}:
        raise typer.BadParameter("say `arrivals` or `candidate`")
    _step(f"gate_{gate}", home, night_id)


@app.command()
def publish(
    *,
    home: HomeOption = None,
    night_id: NightOption = None,
    rollback: Annotated[
        str | None, typer.Option("--rollback", metavar="RELEASE", help="Make an older release the current one.")
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Publish a held night at your word; needs --reason and --by.")
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Why, without a person's name or number; kept in the manifest.")
    ] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so; kept in the manifest.")] = "",
) -> None:
    """Flip to the candidate, or back to an older release; or publish a held night anyway."""
    if (anyway and rollback) or ((reason or by) and not anyway):
        raise typer.BadParameter("--reason and --by go with --anyway, and --anyway not with --rollback")
    if anyway:
        _publish_anyway(home, night_id, by=by, reason=reason)
    if rollback is None:
        _step("publish", home, night_id)
        return
    from pilar import publish as releases

    place = home_of(home)
    left = releases.current(place)
    release = releases.rollback(place, rollback)
    typer.echo(f"published/marts.duckdb is release {release.release_id} again")
    if left and left.release_id != release.release_id:
        typer.echo(f"what that takes back: pilar diff {left.release_id} {release.release_id}")


@app.command()
def report(home: HomeOption = None, night_id: NightOption = None) -> None:
    """Write the stewards' page anew."""
    _step("report", home, night_id)


@app.command(epilog="Example: pilar sql \"FROM roster_as_of('2023-11-20')\". Questions ready to ask: docs/queries.")
def sql(
    query: Annotated[
        str | None, typer.Argument(help="One SELECT, or the name of a table or view, or a macro call.")
    ] = None,
    *,
    home: HomeOption = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", exists=True, dir_okay=False, help="Take the query from a file.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated, every row, for programs.")] = False,
) -> None:
    """Ask the published release (read-only)."""
    from pilar.analyst.asking import query_of, session, show_fitting
    from pilar.analyst.export import write_csv

    if (query is None) == (file is None):
        raise typer.BadParameter("give a query, or a file with one")
    with _told_faults(), session(home_of(home)) as release:
        answer = release.sql(query_of(query if query is not None else file.read_text("utf-8") if file else ""))
        if answer is None:
            return
        if as_csv:
            write_csv(answer, sys.stdout.buffer)
        elif sys.stdout.isatty():
            show_fitting(answer)
        else:
            answer.show(max_width=200, max_rows=200)


@app.command("open")
def open_release(home: HomeOption = None) -> None:
    """Open the published release in Harlequin or the DuckDB CLI (read-only)."""
    from pilar.analyst import opening

    place = home_of(home)
    if not place.current_marts.exists():
        _fail(f"nothing is published under {place.root}; run a night first")
    try:
        opening.run(place.current_marts)
    except opening.NoProgram as missing:
        _fail(str(missing))


@app.command(
    epilog="Examples: pilar export mart_claims --to claims.xlsx; pilar export --all out --format parquet; "
    "pilar export --all out --format duckdb (a copy of the release that any program opens without a flag); "
    "pilar export open-data --to public (aggregates for everybody; exit code 3 if a small group would show)."
)
def export(
    asked: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE|SELECT|open-data", help="A table, a view, a macro call or a SELECT; or the open data."
        ),
    ] = None,
    *,
    home: HomeOption = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="File to write: .csv, .parquet or .xlsx; for open-data a folder for a copy."),
    ] = None,
    every: Annotated[
        Path | None, typer.Option("--all", metavar="FOLDER", help="Write every table and view into this folder.")
    ] = None,
    kind: Annotated[str, typer.Option("--format", help="With --all: csv, parquet, xlsx or duckdb.")] = "parquet",
    bom: Annotated[bool, typer.Option("--bom", help="Begin a CSV with the mark by which Excel knows UTF-8.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    inside: Annotated[
        int, typer.Option("--inside", help="open-data: fewest people in a count shown inside the government.")
    ] = 5,
    outside: Annotated[
        int, typer.Option("--outside", help="open-data: fewest people in a count shown to the public.")
    ] = 11,
) -> None:
    """Write tables of the published release as CSV, Parquet or XLSX; or aggregates for the public (open-data)."""
    from pilar.analyst import export as exporting
    from pilar.analyst.asking import session

    place = home_of(home)
    with _told_faults(), session(place) as release:
        if asked == "open-data" and every is None:
            _open_data(release, place, inside=inside, outside=outside, to=to)
        elif asked is not None and to is not None and every is None:
            size = exporting.export(release, asked, to, force=force, bom=bom)
            typer.echo(f"{to}: {size:,} bytes")
        elif every is not None and asked is None and to is None:
            written = exporting.export_all(release, place.current_marts, every, kind, force=force)
            typer.echo(f"{len(written)} files in {every}")
        else:
            raise typer.BadParameter("say what and --to which file, or --all and which folder")


@app.command(
    epilog="Example: pilar diff previous current --examples 3. Counts come first; exit code 0 whatever changed."
)
def diff(
    before: Annotated[str, typer.Argument(help="A release id, `previous` or `current`.")] = "previous",
    after: Annotated[str, typer.Argument(help="A release id, `previous` or `current`.")] = "current",
    *,
    home: HomeOption = None,
    examples: Annotated[int, typer.Option("--examples", min=0, help="Single changes to show in each list.")] = 10,
    every: Annotated[bool, typer.Option("--all", help="Show each single change, each payee among them.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what changed between two releases: people, rupiah, outcomes, cover, figures, claims, findings, files."""
    from pilar import publish as releases
    from pilar.difference import compare, text
    from pilar.showing import show

    older, newer = (releases.find(home_of(home), name) for name in (before, after))
    difference = compare(older.path, newer.path, examples=None if every else examples)
    if as_json:
        typer.echo(json.dumps(difference.as_dict(), ensure_ascii=False))
    else:
        show(text.blocks(difference))


@app.command(
    epilog="Example: pilar explain BJTM-231121-000667. Ends with 1, and keys that look alike, for an unknown key."
)
def explain(
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY", help="A reference number, participant_id, account_key, finding_key, file name or sha256."
        ),
    ],
    *,
    home: HomeOption = None,
    release: Annotated[str, typer.Option("--release", help="A release id, `previous` or `current`.")] = "current",
    as_json: JsonOption = False,
) -> None:
    """Retrace one thing to its files and rows: statements, attempts, promises, findings, verdicts, versions."""
    from pilar import publish as releases
    from pilar.explain import UnknownKey, text
    from pilar.explain import explain as chain_of
    from pilar.showing import show

    place = home_of(home)
    try:
        chain = chain_of(releases.find(place, release).path, key, place)
    except UnknownKey as unknown:
        _fail(str(unknown))
    if as_json:
        typer.echo(json.dumps(chain.as_dict(), ensure_ascii=False))
    else:
        show(text.blocks(chain))


@app.command()
def verify(
    home: HomeOption = None,
    backup: Annotated[
        Path | None, typer.Option("--backup", metavar="TARGET", help="Read the newest backup there instead.")
    ] = None,
) -> None:
    """Read all of raw/ (or a backup) whole and say whether its bytes are those that landed; mend what can be mended."""
    from pilar import night
    from pilar import verify as verifying
    from pilar.recovery import backup as backups

    if backup is not None:
        found = backups.newest(backup)
        wrong = backups.check(found)
        for path in wrong:
            typer.echo(f"damaged or missing: {path}")
        typer.echo(f"backup {found.backup_id}: {len(found.entries)} files, {found.size:,} bytes, {len(wrong)} damaged")
        raise typer.Exit(1 if wrong else 0)
    place = home_of(home)
    with night.alone(place):
        checked = verifying.check(place, every=True)
    for key in checked.mended:
        typer.echo(f"mended: raw/{key}")
    for one in checked.damage:
        lost = "its rows are gone too" if one.rows_lost else "its rows are whole and count as before"
        typer.echo(f"damaged: raw/{one.key} ({one.feed}/{one.file_name}); {lost}")
    if checked.damage:
        typer.echo("Land the very same files again, or copy their folders from a backup, then run this again.")
    typer.echo(f"{checked.contents} files in raw/: {len(checked.mended)} mended, {len(checked.damage)} damaged")
    raise typer.Exit(1 if checked.damage else 0)


@app.command()
def rebuild(home: HomeOption = None) -> None:
    """Make warehouse.duckdb again from raw/ and hold it to the release, table by table. Publishes nothing."""
    from pilar.recovery.rebuild import rebuild as make_again

    with _undisturbed(home_of(home)) as place:
        made = make_again(place)
    if made.failed_tests:
        typer.echo(f"dbt tests failed: {', '.join(made.failed_tests)}", err=True)
        raise typer.Exit(3)
    typer.echo(f"warehouse.duckdb is made again: {made.tables} tables")
    if made.damaged:
        typer.echo(f"{made.damaged} files of raw/ are damaged: see `pilar verify`")
    if made.release_id and not made.differing:
        typer.echo(f"equal to release {made.release_id}, table by table")
    elif made.release_id:
        typer.echo(f"other than release {made.release_id}: {', '.join(made.differing)}")
        typer.echo(f"because {' and '.join(made.reasons)}" if made.reasons else "and nothing explains it")
        typer.echo("`pilar run --force` publishes what the new warehouse says")
    raise typer.Exit(0 if made.is_right else 1)


@app.command(
    epilog="Example: pilar backup /media/backup/pilar --keep 14. Restore with: pilar restore /media/backup/pilar."
)
def backup(
    target: Annotated[Path, typer.Argument(help="Folder of backups, on another disk.")],
    *,
    home: HomeOption = None,
    with_key: Annotated[bool, typer.Option("--with-key", help="Put pii.key in as well.")] = False,
    all_releases: Annotated[
        bool, typer.Option("--all-releases", help="Every release on disk, not only the current one.")
    ] = False,
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="Remove all but so many backups afterwards.")
    ] = None,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for a night to end.")] = 0,
) -> None:
    """Copy what cannot be made again: raw/, what lies untaken in landing/, the release. Read back and checked."""
    from pilar import night
    from pilar.recovery import backup as backups

    place = home_of(home)
    if not place.root.is_dir():
        _fail(f"there is no {place.root}")
    with night.alone(place, wait_seconds=wait):
        made = backups.backup(place, target, with_key=with_key, all_releases=all_releases, keep=keep)
    typer.echo(
        f"backup {made.backup.folder}: {len(made.backup.entries)} files, {made.backup.size:,} bytes; "
        f"copied {made.copied} ({made.copied_bytes:,} bytes), the rest as in the backup before"
    )
    if made.removed:
        typer.echo(f"older backups removed: {', '.join(made.removed)}")
    typer.echo(backups.key_advice(place, made.backup))
    for path in made.damaged:
        typer.echo(f"damaged in {place.root}: {path}; see `pilar verify`", err=True)
    raise typer.Exit(1 if made.damaged else 0)


@app.command(epilog="Example: pilar restore /media/backup/pilar --home /srv/pilar --key /media/safe/pii.key")
def restore(
    source: Annotated[Path, typer.Argument(help="A backup, or a folder of backups (then the newest).")],
    *,
    home: HomeOption = None,
    key: Annotated[
        Path | None, typer.Option("--key", exists=True, dir_okay=False, help="The file with the pseudonyms' key.")
    ] = None,
) -> None:
    """Make a home of a backup, in an empty folder; never over one that lives."""
    from pilar.recovery import backup as backups

    found = backups.newest(source)
    with _undisturbed(home_of(home)) as place:
        backups.restore(place, found, key=key)
    typer.echo(f"{place.root} holds backup {found.backup_id}: {len(found.entries)} files, each as it was")
    if not (found.has_key or key):
        typer.echo(
            f"Now put the key of the pseudonyms into {place.key_file} (mode 0600); its fingerprint is "
            f"{found.key_fingerprint}. Without it every participant_id changes."
        )
    typer.echo("`pilar run --force` builds the warehouse and publishes the same content under a new id")


@app.command()
def person(home: HomeOption = None) -> None:
    """Write all that is held on one person (Law 27/2022, access): a document and JSON below reports/restricted/.

    The NIK is asked for, or read from standard input; it is never an argument, where others could see it.
    """
    from pilar import night
    from pilar.persons import access

    nik = _asked_nik()
    place = home_of(home)
    with night.alone(place):
        held = access.write(place, nik)
    typer.echo(f"{held.rows} rows of {held.files} files, {held.released} rows of the release")
    typer.echo(f"document: {held.document}")
    typer.echo(f"for programs: {held.data}")


@app.command()
def forget(
    *,
    home: HomeOption = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so; kept in the record of erasures.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Erase one person (Law 27/2022): from raw/, landing/, warehouse, reports and, by a night, releases.

    The money stays, as an anonymous person's. It cannot be undone. The NIK is asked for, or read from standard input.
    """
    from pilar import night
    from pilar.persons import erasure, rows

    nik = _asked_nik()
    with _undisturbed(home_of(home)) as place:
        found = rows.find(place, nik)
        typer.echo(f"{len(found.rows)} rows of {len(found.places())} files speak of this person")
        if not yes:
            typer.confirm("Erase them? This cannot be undone", abort=True)
        try:
            done = erasure.forget(place, nik, by=by)
        except erasure.CannotForget as refused:
            _fail(str(refused))
        typer.echo(f"erased: {done.rows} rows of {done.contents} files; {done.landed} files of landing/ removed")
        if done.shared:
            typer.echo(f"{done.shared} numbers or names stand with other people too and stay in their rows")
        with _Progress() as progress:
            ended = night.run_locked(place, force=True, tell=progress.tell)
    typer.echo(ended["text"])
    if ended["outcome"] != "published":
        typer.echo("The release from before stays until a night publishes; it is removed then.", err=True)
    typer.echo("Backups and exports from before still hold this person: remove them as your rules say.")
    raise typer.Exit(ended["exit_code"])


def _asked_nik() -> str:
    """A NIK from the terminal, unseen, or from standard input."""
    from pilar.persons.rows import UnfitNik, fit_nik

    typed = typer.prompt("NIK", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    try:
        return fit_nik(typed)
    except UnfitNik as unfit:
        _fail(str(unfit))


samples_app = typer.Typer(no_args_is_help=True, help="The sample landing folder.")
app.add_typer(samples_app, name="samples")


@samples_app.command("lay")
def samples_lay(
    home: HomeOption = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what had come by that day.")
    ] = None,
) -> None:
    """Copy samples/ into the landing folder, with the times at which they would have come."""
    from pilar import samples

    laid = samples.lay(home_of(home).make(), until=until.date() if until else date.max)
    typer.echo(f"{laid} sample files laid into {home_of(home).landing}")


@samples_app.command("write")
def samples_write(folder: Annotated[Path, typer.Argument(help="Where to.")] = Path("samples")) -> None:
    """Write the samples anew from their seed (needs the development requirements)."""
    from pilar import samples

    samples.write(folder)
    typer.echo(f"samples written to {folder}")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Entry point: whatever goes wrong is told in a sentence; ``PILAR_DEBUG=1`` shows the trace."""
    if os.environ.get("PILAR_DEBUG"):
        app()
    with _told_errors():
        app()


def _open_data(release: DuckDBPyConnection, place: Home, *, inside: int, outside: int, to: Path | None) -> None:
    from pilar import open_data
    from pilar.open_data.history import BrokenRecord

    try:
        done = open_data.export(release, place, inside=inside, outside=outside, to=to)
    except open_data.Refused as refused:
        typer.echo("pilar: open data refused, nothing was written:", err=True)
        for reason in refused.reasons:
            typer.echo(f"  - {reason}", err=True)
        raise typer.Exit(3) from None
    except (BrokenRecord, FileExistsError, ValueError) as fault:
        _fail(str(fault))
    for audience in open_data.AUDIENCES:
        typer.echo(f"{audience:<8} {done.shown[audience]:,} figures shown, {done.hidden[audience]:,} hidden")
    for year in done.held:
        typer.echo(f"{year}     earlier figures stand: the changes since are too small to show")
    typer.echo(str(to or done.folder))


def _step(name: str, home: Path | None, night_id: str | None) -> None:
    from pilar import night

    place, chosen = _night(home, night_id)
    with night.alone(place):
        facts: dict[str, Any] = getattr(night, name)(place, chosen)
    _tell(facts)
    raise typer.Exit(3 if facts["status"] == "held" else 0)


@contextmanager
def _undisturbed(place: Home) -> Iterator[Home]:
    """Nobody else works on the home: no night, and no standing services that could begin one."""
    from pilar import night
    from pilar.services.environment import lock, services_lock

    with night.alone(place), lock(services_lock(place)) as held:
        if held is None:
            _fail("Airflow is up over this home; end it first with `make down`")
        yield place


def _publish_anyway(home: Path | None, night_id: str | None, *, by: str, reason: str) -> NoReturn:
    from pilar import held, night

    place, chosen = _night(home, night_id)
    with night.alone(place):
        try:
            ended = night.publish_anyway(place, chosen, by=by, reason=reason)
        except held.NoAnswer as refused:
            _fail(str(refused))
    typer.echo(ended["text"])
    raise typer.Exit(ended["exit_code"])


def _night(home: Path | None, night_id: str | None) -> tuple[Home, str]:
    from pilar import night

    place = home_of(home)
    chosen = night_id or night.newest(place)
    if chosen is None or not (place.nights / chosen).is_dir():
        _fail(f"no such night under {place.nights}; begin one with `pilar land` or `pilar run`")
    return place, chosen


def _tell(facts: dict[str, Any]) -> None:
    name = facts["step"].replace("_", " ")
    typer.echo(f"{name:<15} {facts['status']:<8} {facts['seconds']:>7.1f} s  {facts['message']}", err=True)


class _Progress:
    """A bar that moves on a terminal, and a plain line for each step everywhere else."""

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            self._bar: Progress | None = Progress(console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("night", total=None)
            self._bar.start()
        else:
            self._bar = None
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def tell(self, facts: dict[str, Any]) -> None:
        if self._bar is None:
            _tell(facts)
        elif facts["step"] == "plan":
            from pilar import night

            self._bar.update(self._task, total=len(facts["items"]) + len(night.STEPS))
        else:
            self._bar.update(self._task, advance=1, description=f"{facts['step'].replace('_', ' '):<15}")


@contextmanager
def _told_errors() -> Iterator[None]:
    """An error is told in a sentence and ends with exit code 1, without a stack trace."""
    try:
        yield
    except typer.Exit:
        raise
    except Exception as error:
        from pilar.privacy.told import told

        typer.echo(f"pilar: {told(error)}", err=True)
        sys.exit(1)


@contextmanager
def _told_faults() -> Iterator[None]:
    """What a reader of a release can get wrong is told in a sentence: SQL, a name, a file that stands in the way."""
    import duckdb

    from pilar.analyst.asking import NothingPublished
    from pilar.analyst.export import ExportError

    try:
        yield
    except (duckdb.Error, NothingPublished, ExportError) as fault:
        _fail(str(fault))


def _fail(message: str) -> NoReturn:
    typer.echo(f"pilar: {message}", err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    main()
