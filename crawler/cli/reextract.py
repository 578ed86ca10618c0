"""`ogi reextract`: today's extractor over everything archived, and what could not be taken in tried again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.options import common_options, place_options
from crawler.cli.render import emit_json, emit_text, say
from extract.messages import localize

if TYPE_CHECKING:
    from archive.files.folder import Archive
    from archive.history.reextract import ReextractSummary


@click.command()
@common_options
@click.option(
    "--quarantined",
    "only_quarantined",
    is_flag=True,
    help="Try again what could not be taken in: records in quarantine/, records of imported files, captures left out of the index.",
)
@place_options
def reextract(archive: Path, as_json: bool, only_quarantined: bool, workers: int | None, cluster: str | None) -> int:
    """Run today's extractor over every archived report again.

    Figures that come out differently are recorded as corrections of the archive, never as revisions by the agency.

    With --quarantined, what could not be taken in is tried first, and the reports are only read again if there is something. What still can't
    be taken is named with the reason; exit status 1 then. It costs nothing else, and can be tried again after an upgrade.
    """
    from archive.files.folder import Archive

    opened = Archive.open(archive)
    if only_quarantined:
        return _try_again(opened, as_json, workers, cluster)
    summary = _read_again(opened, workers, cluster)
    if as_json:
        emit_json(_to_json(summary))
    else:
        _show(summary)
    return 0


def _try_again(archive: Archive, as_json: bool, workers: int | None, cluster: str | None) -> int:
    from archive.clock import SystemClock
    from archive.history.again import take_again
    from archive.history.ingest import ingest_sealed
    from archive.history.quarantined import quarantined
    from archive.index.database import open_index
    from crawler.harvest.run import portal_paths
    from crawler.imports.again import import_again
    from crawler.portals.definitions import load_portals

    def names() -> list[Any]:
        db = open_index(archive)
        try:
            return quarantined(archive, db)
        finally:
            db.close()

    summary = None
    with archive.lock():
        ingest_sealed(archive, workers=workers, cluster=cluster)
        before = names()
        if before:
            clock = SystemClock()
            taken = import_again(archive, load_portals(portal_paths(archive, [])), clock)
            taken += take_again(archive, clock)
            if taken or any(one.kind == "capture" for one in before):
                summary = _read_again(archive, workers, cluster)
        left = names()
    if as_json:
        found = {"tried": len(before), "taken": len(before) - len(left), "left": [one.to_json() for one in left]}
        emit_json(found | (_to_json(summary) if summary is not None else {}))
        return 1 if left else 0
    for one in left:
        emit_text(f"{localize('left')}  {one.kind} {one.name}: {one.why}")
    if not before:
        say("Nothing is in quarantine.")
    else:
        say(f"{len(before)} tried again, {len(before) - len(left)} taken in, {len(left)} still in quarantine.")
    if summary is not None:
        _show(summary)
    return 1 if left else 0


def _read_again(archive: Archive, workers: int | None, cluster: str | None) -> ReextractSummary:
    from archive.history.reextract import reextract as read_again
    from crawler.cli.progress import lines_on_terminal

    with lines_on_terminal() as tell:
        return read_again(archive, cluster=cluster, workers=workers, progress=tell)


def _to_json(summary: ReextractSummary) -> dict[str, Any]:
    return {
        "versions": summary.versions,
        "corrections": summary.corrections,
        "reports": summary.reports,
        "extractor": summary.extractor,
    }


def _show(summary: ReextractSummary) -> None:
    say(f"{summary.versions} versions read with extractor {summary.extractor}.")
    if summary.corrections:
        say(
            f"{summary.corrections} figures of {summary.reports} reports came out differently: see the table corrections."
        )
    else:
        say("Every figure came out as before.")
