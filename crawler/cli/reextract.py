"""`ogi reextract`: today's extractor over everything archived."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.cli.options import common_options, place_options
from crawler.cli.render import emit_json, say


@click.command()
@common_options
@place_options
def reextract(archive: Path, as_json: bool, workers: int | None, cluster: str | None) -> None:
    """Run today's extractor over every archived report again.

    Figures that come out differently are recorded as corrections of the archive, never as revisions by the agency.
    """
    from archive.files.folder import Archive
    from archive.history.reextract import reextract as read_again
    from crawler.cli.progress import lines_on_terminal

    with lines_on_terminal() as tell:
        summary = read_again(Archive.open(archive), cluster=cluster, workers=workers, progress=tell)
    if as_json:
        emit_json(
            {
                "versions": summary.versions,
                "corrections": summary.corrections,
                "reports": summary.reports,
                "extractor": summary.extractor,
            }
        )
        return
    say(f"{summary.versions} versions read with extractor {summary.extractor}.")
    if summary.corrections:
        say(
            f"{summary.corrections} figures of {summary.reports} reports came out differently: see the table corrections."
        )
    else:
        say("Every figure came out as before.")
