"""`ogi backfill`: earlier captures of known reports, from web archives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.files.folder import Archive
    from archive.files.settings import BackfillArchive


class _Stamp(click.ParamType[str]):
    """A year or a day, as the beginning of a CDX time stamp."""

    name = "year"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", value):
            self.fail(f"{value!r} is no year such as 2019 (or 2019-03, 2019-03-05)", param, ctx)
        return value.replace("-", "")


@click.command()
@common_options
@click.option("--from", "names", multiple=True, metavar="NAME", help="Ask only this [[backfill]] archive; repeatable.")
@click.option(
    "--portal", "portals", multiple=True, metavar="ID", help="Only addresses of this portal's reports; repeatable."
)
@click.option("--report", "reports", multiple=True, metavar="ID", help="Only addresses of this report; repeatable.")
@click.option("--since", type=_Stamp(), metavar="Y", help="Only captures of this year (or day) and later.")
@click.option("--until", type=_Stamp(), metavar="Y", help="Only captures of this year (or day) and before.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Fetch at most N captures from each archive.")
@click.option(
    "--lists", "with_lists", is_flag=True, help="Ask for old list pages too, and for the reports that they alone name."
)
@click.option(
    "--dry-run", "is_dry", is_flag=True, help="Ask the indexes alone, list what would be fetched, store nothing."
)
def backfill(
    archive: Path,
    as_json: bool,
    names: tuple[str, ...],
    portals: tuple[str, ...],
    reports: tuple[str, ...],
    since: str | None,
    until: str | None,
    limit: int | None,
    with_lists: bool,
    is_dry: bool,
) -> int:
    """Ask web archives for earlier captures of known reports and their files, and keep them as captures by others.

    Only archives named in ogi.toml ([[backfill]]: name, kind, index, replay) are asked, one request at a time with harvest.delay between two, and
    only under your operator.contact. Of captures in a row that an index says to be the same, the first is fetched and held against the index's
    digest; one that differs is set aside, makes no version, and isn't asked for again. What an archive doesn't have proves nothing. With --lists, old
    list pages are asked for first: reports that they name and no list of the archive's own looks ever did are candidates, which are asked for too and
    listed (later by `ogi rows --elsewhere`). Nothing is concluded from what an old list names or lacks. An archive that
    answers 403, 429 or 503, or not at all, isn't asked any further: not before its Retry-After, or ten minutes, doubling to six hours.
    Exit status 1: an archive stopped, or a capture did not come as asked; what came before is kept.
    """
    from archive.clock import SystemClock
    from archive.files.folder import Archive
    from crawler.harvest.run import portal_paths
    from crawler.imports.backfill import Wanted
    from crawler.imports.backfill import backfill as ask
    from crawler.portals.definitions import load_portals

    if with_lists and reports:
        raise click.UsageError("--lists asks for the lists of portals: narrow it with --portal, not with --report")
    opened = Archive.open(archive)
    chosen = _sources(opened, archive / "ogi.toml", names)
    _check_known(opened, portals, reports)
    definitions = load_portals(portal_paths(opened, []))
    wanted, clock = Wanted(portals, reports, since or "", until or "", limit, with_lists), SystemClock()
    is_well = True
    for source in chosen:
        done = ask(opened, source, wanted, definitions, clock, lambda text: say(text, err=True), is_dry=is_dry)
        found = done.to_json()
        is_well = is_well and not done.stopped and not found["problems"]
        if as_json:
            emit_json({**found, "dry_run": is_dry})
        else:
            _say(found, is_dry=is_dry)
        for problem in found["problems"]:
            say(f"not brought in: {problem}", err=True)
        if done.stopped:
            say(f"{source.name} was not asked any further: {done.stopped}", err=True)
    return 0 if is_well else 1


def _sources(opened: Archive, place: Path, names: Sequence[str]) -> list[BackfillArchive]:
    """The web archives to ask: those named, or all that the settings at `place` name; they may be asked under the operator's contact."""
    from archive.errors import BadSettings
    from crawler.http.contact import require_contact

    configured = {source.name: source for source in opened.settings.backfill}
    if not configured:
        raise BadSettings(f"no web archive is named: write a [[backfill]] entry (name, kind, index, replay) in {place}")
    if unknown := [name for name in names if name not in configured]:
        raise click.UsageError(
            f"{place} names no [[backfill]] archive {unknown[0]!r}; it names {', '.join(configured)}"
        )
    chosen = [configured[name] for name in dict.fromkeys(names or configured)]
    contact = opened.settings.operator.contact
    require_contact(
        contact, [url for one in chosen for url in (one.index, one.replay)], f"set operator.contact in {place}"
    )
    return chosen


def _check_known(opened: Archive, portals: Sequence[str], reports: Sequence[str]) -> None:
    """Refuse a portal or report that the archive doesn't know."""
    from archive.index.database import open_index
    from archive.index.known_names import check_names, check_reports

    db = open_index(opened)
    try:
        for portal in portals:
            check_names(db, portal=portal)
        check_reports(db, reports)
    finally:
        db.close()


def _say(found: dict[str, object], *, is_dry: bool) -> None:
    captures = found["captures"]
    assert isinstance(captures, list)
    if is_dry:
        for one in captures:
            say(f"{one['at']}  {one['url']}")
    plan = f"{len(captures)} would be fetched, {found['bytes']} bytes by its index, some {found['minutes']} minutes"
    what = plan if is_dry else f"{found['written']} captures brought in"
    say(f"{found['name']}: asked for {found['addresses']} addresses; {what}, {found['known']} are known already")
    for kind in ("left", "changes"):
        counts = found[kind]
        assert isinstance(counts, dict)
        for name, count in counts.items():
            say(f"  {count} {name}" + (" (not taken)" if kind == "left" else ""))
    _say_candidates(found["candidates"])


def _say_candidates(candidates: object) -> None:
    assert isinstance(candidates, list)
    if candidates:
        say(
            f"  {len(candidates)} candidates: old lists name them, nothing here does; that is no sign that they are missing"
        )
    for one in candidates:
        say(f"    {one['title'] or ''}  {one['url']}  ({one['why']})")
