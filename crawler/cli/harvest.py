"""`ogi harvest`."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.options import cluster_option, common_options
from crawler.cli.render import emit_json, emit_table, say
from crawler.cli.words import counted
from extract.document.clean import escaped
from extract.messages import localize
from extract.messages.sentences import localized

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.harvest.run import HarvestSummary, Progress

_COLUMNS = {
    "portal": "portal",
    "state": "pass",
    "lists": "lists",
    "listed": "listed",
    "new": "new",
    "known": "known",
    "gone": "gone",
    "files": "files",
    "reason": "what is wrong",
}


class _Moment(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from archive.clock import SHANGHAI

        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no ISO time such as 2021-03-04T03:08:17Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


@click.command()
@common_options
@click.option("--portal", "only", multiple=True, metavar="ID", help="Harvest only this portal; repeatable.")
@click.option("--except", "left_out", multiple=True, metavar="ID", help="Leave this portal alone; repeatable.")
@click.option(
    "--portals",
    "paths",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="File or folder of portal definitions; repeatable. Default: the archive's folder portals/, else those shipped.",
)
@click.option("--full", is_flag=True, help="Look at every known report again, whatever its age.")
@click.option(
    "--second-looks",
    is_flag=True,
    help="Ask only for what waits for a second look: reports that looked gone, doubtful contents, rows gone from a list once.",
)
@click.option(
    "--rows",
    type=click.Choice(["failed"]),
    help="Ask only for the rows with this outcome in `ogi rows`, not for lists.",
)
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Hosts harvested at once; default from ogi.toml.")
@cluster_option
@click.option(
    "--clock",
    "start",
    type=_Moment(),
    metavar="TIME",
    help="Simulate this time (Asia/Shanghai if it names no zone); only for replicas on this machine.",
)
def harvest(
    archive: Path,
    as_json: bool,
    only: tuple[str, ...],
    left_out: tuple[str, ...],
    paths: tuple[Path, ...],
    full: bool,
    second_looks: bool,
    rows: str | None,
    workers: int | None,
    cluster: str | None,
    start: datetime | None,
) -> int:
    """One polite pass: lists, reports, attachments → WARC → versions, changes, figures, findings.

    With --second-looks or --rows, only what these name is asked for, and nothing is concluded about the rest: a report not asked for is
    neither missing nor gone, and a list not read is not whole.

    Exit status 1 if some portal's pass was not whole: blocked, incomplete, expectations unmet.
    """
    from archive.clock import clock_at
    from archive.files.folder import Archive
    from crawler.harvest.run import harvest as run_harvest
    from crawler.harvest.run import portal_paths
    from crawler.harvest.wanted import Restriction
    from crawler.portals.definitions import load_portals

    if full and (second_looks or rows):
        raise click.UsageError("--full looks at every known report: leave it out with --second-looks or --rows")
    folder = Archive.open(archive)
    portals = [portal for portal in load_portals(portal_paths(folder, paths)) if portal.id not in left_out]
    with _progress() as progress:
        summary = run_harvest(
            folder,
            portals,
            clock=clock_at(start),
            full=full,
            restriction=Restriction(second_looks, rows or ""),
            only=only,
            workers=workers,
            cluster=cluster,
            progress=progress,
            log_level=logging.getLevelName(logging.getLogger().getEffectiveLevel()),
        )
    if as_json:
        emit_json(summary.to_json())
    else:
        _show(summary)
    return 0 if summary.is_ok else 1


def _show(summary: HarvestSummary) -> None:
    for line in summary.recovered:
        say(line, err=True)
    for line in summary.unreadable:
        say(f"not readable: {line}", err=True)
    table = []
    for result in summary.portals:
        counts = result.reports
        table.append(
            {
                "portal": result.portal,
                "state": "ok" if result.ok else "FAILED",
                "lists": f"{result.lists_complete}/{result.lists}",
                "listed": result.listed,
                **{key: counts.get(key, 0) for key in ("new", "gone")},
                "known": sum(counts.get(key, 0) for key in ("same", "stored", "not due", "unchecked")),
                "files": sum(result.attachments.values()),
                "reason": result.reason,
            }
        )
    emit_table(table, _COLUMNS, "No portal was harvested.")
    for result in summary.portals:
        if result.told:
            said = ", ".join(f"{count} {outcome}" for outcome, count in result.rows.items())
            say(f"{result.portal}: {sum(result.rows.values())} rows: {said} (`ogi rows --portal {result.portal}`)")
            for told in result.told:
                say(f"  {told}")
    if summary.changes:
        say(f"changes: {counted(dict(sorted(summary.changes.items())))} (see `ogi changes`)")


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on a terminal, nothing elsewhere."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from crawler.cli.progress import screen

    console = screen()
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        task = bar.add_task(localize("planning"), total=None)

        def tell(text: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=escaped(localized(text)) or None)

        yield tell
