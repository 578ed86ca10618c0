"""`ogi schedule`: the archive runs itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json_lines, emit_table, say
from extract.messages import localizable, localize, word

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from crawler.schedule.entries import CalendarEntry


@click.command()
@common_options
@click.option(
    "--portals",
    "paths",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path, exists=True),
    help="File or folder of portal definitions for the harvests; repeatable. Default: the archive's folder portals/, else those shipped.",
)
@click.option("--dry-run", is_flag=True, help="Print what would run when, and run nothing.")
@click.option(
    "--days", default=30, show_default=True, metavar="N", type=click.IntRange(1, 400), help="How far --dry-run looks."
)
@click.option(
    "--from",
    "start",
    default=None,
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day of --dry-run; default: now.",
)
@click.option(
    "--metrics-port",
    default=None,
    metavar="N",
    type=click.IntRange(0, 65535),
    help="Serve /healthz and /metrics on 127.0.0.1.",
)
def schedule(
    archive: Path,
    as_json: bool,
    paths: tuple[Path, ...],
    dry_run: bool,
    days: int,
    start: datetime | None,
    metrics_port: int | None,
) -> None:
    """Harvest, re-check, verify, publish and tell, for ever, on the season's calendar (Asia/Shanghai).

    Entries stand in ogi.toml as [[schedule.job]]; without any, the season of the Regulation's due dates holds: daily around 31 January and
    31 March, twice a week between them, weekly until 21 May, monthly for the rest; second looks daily from May on. A run that was missed is made up once; one that is due
    in quiet hours starts after them. SIGTERM ends it within 30 s.
    """
    from zoneinfo import ZoneInfo

    from archive.clock import SystemClock
    from archive.files.folder import Archive
    from crawler.harvest.run import check_harvest, portal_paths
    from crawler.portals.definitions import load_portals
    from crawler.schedule.entries import build_entries, check_entries
    from crawler.schedule.service import run_service
    from extract.errors import OgiError

    opened = Archive.open(archive)
    entries = build_entries(opened.settings.schedule, opened.settings.quiet())
    more = [part for path in paths for part in ("--portals", str(path.resolve()))]
    entries = tuple(
        replace(one, command=(*one.command, *more)) if one.command[0] == "harvest" else one for one in entries
    )
    _check_options(entries)
    try:
        portals = load_portals(portal_paths(opened, paths))
    except OgiError as error:
        if dry_run:
            raise
        say(f"No harvest can run: {error}", err=True)  # everything else can, and the failures will be reported
    else:
        check_entries(entries, {portal.id for portal in portals}, SystemClock().now())
        try:
            check_harvest(opened, portals, SystemClock())
        except OgiError as error:
            say(f"Every harvest will fail: {error}", err=True)
    if not dry_run:
        words = localizable(f"Calendar of {archive}: {len(entries)} entries — Ctrl-C or SIGTERM ends it")
        run_service(opened, entries, SystemClock(), metrics_port, lambda: say(words, err=True))
        return
    _show_plan(entries, ZoneInfo(opened.settings.schedule.timezone), start, days, as_json=as_json)


def _show_plan(
    entries: tuple[CalendarEntry, ...], zone: ZoneInfo, start: datetime | None, days: int, *, as_json: bool
) -> None:
    """What would run when, on the clock of a zone."""
    from archive.clock import SystemClock, utc_text
    from crawler.schedule.entries import plan

    first = start.replace(tzinfo=zone) if start else SystemClock().now().astimezone(zone)
    rows: list[dict[str, Any]] = [
        {
            "due": utc_text(due),
            "local": due.astimezone(zone).strftime("%a %Y-%m-%d %H:%M"),
            "job": entry.name,
            "run": " ".join(entry.command),
        }
        for due, entry in plan(entries, first, days)
    ]
    if as_json:
        emit_json_lines(rows)
        return
    columns = {"local": localize("when ({zone})", zone=zone.key), "job": "job", "run": "ogi …"}
    for row in rows:
        day, _, rest = row["local"].partition(" ")
        row["local"] = f"{word(day)} {rest}"
    emit_table(rows, columns, empty="Nothing is due in that time.")


def _check_options(entries: Iterable[CalendarEntry]) -> None:
    """Raise `BadSettings` for an entry whose command doesn't take its options."""
    from archive.errors import BadSettings
    from crawler.cli import cli

    for entry in entries:
        name, *words = entry.command
        command = cli.get_command(click.Context(cli), name)
        assert command is not None  # entries are built from commands that exist
        try:
            command.make_parser(click.Context(command)).parse_args(words)
        except click.UsageError as error:
            raise BadSettings(
                f"schedule.job {entry.name!r} in ogi.toml: `ogi {name}`: {error.format_message()}"
            ) from None
