"""`ogi import`: captures made by others, and documents saved by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.options import common_options, place_options
from crawler.cli.render import emit_json, say
from crawler.cli.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.imports.files import ImportSummary

#: A day without a time, in the forms of ISO 8601 that Python reads: `2021-03-04`, `20210304`, `2021-W09-4`, `2021W094`.
_DAY = re.compile(r"\d{4}(?:-?\d{2}-?\d{2}|-?W\d{2}(?:-?\d)?)")


@click.command("import")
@common_options
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--portals",
    "portal_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Portal definitions, a file or a folder; repeatable.",
)
@click.option("--url", default=None, help="For loose documents: the address where they stood.")
@click.option(
    "--date",
    "date",
    default=None,
    help="For loose documents: when they stood there (2021-03-04, or with a time and zone).",
)
@click.option("--agency", default=None, help="For loose documents: whose report it is, if the document doesn't say.")
@click.option("--all", "everything", is_flag=True, help="Also keep captures that concern no report.")
@place_options
def import_(
    archive: Path,
    as_json: bool,
    files: tuple[Path, ...],
    portal_paths: tuple[Path, ...],
    url: str | None,
    date: str | None,
    agency: str | None,
    everything: bool,
    workers: int | None,
    cluster: str | None,
) -> int:
    """Bring FILES into the archive: what others captured, kept byte for byte as it came.

    WARC, ARC, WACZ and HAR files made by others (wget, Heritrix, Browsertrix, pywb, browsers), compressed or not, damaged ones as far as they go; or
    loose documents with --url and --date. What rests on them says so. They show that something was there: that a report is gone, missing or
    delisted rests on looks of this archive alone. A record that can't be taken costs itself, and is set aside. Importing a file again adds nothing.
    Exit status 1: parts of a file could not be taken.
    """
    from archive.clock import SystemClock
    from archive.files.folder import Archive
    from crawler.harvest.run import portal_paths as default_paths
    from crawler.imports.documents import import_documents
    from crawler.imports.files import check_files, import_archives
    from crawler.portals.definitions import load_portals

    check_files(files)
    opened = Archive.open(archive)
    portals = load_portals(default_paths(opened, list(portal_paths)))
    captures, documents = _by_form(files, has_place=url is not None and date is not None)
    clock = SystemClock()
    if documents:
        summary = import_documents(opened, documents, str(url), _moment(str(date)), portals, clock, agency=agency)
    else:
        summary = import_archives(
            opened,
            captures,
            portals,
            clock,
            everything=everything,
            tell=lambda text: say(text, err=True),
            workers=workers,
            cluster=cluster,
        )
    if as_json:
        emit_json(summary.to_json())
    else:
        _show(summary)
    for problem in summary.problems:
        say(f"not read: {problem}", err=True)
    return 1 if summary.problems else 0


def _by_form(files: Sequence[Path], *, has_place: bool) -> tuple[list[Path], list[Path]]:
    """Captures made by others, and loose documents; one command takes one of the two, documents with where and when they stood."""
    from archive.warc.containers import form_of, require_unpacked

    captures = [file for file in files if form_of(file) is not None]
    documents = [file for file in files if file not in captures]
    for file in documents:
        require_unpacked(file)
    if documents and not has_place:
        raise click.UsageError(f"{documents[0]} is a loose document: say with --url and --date where and when it stood")
    if documents and captures:
        raise click.UsageError("import captures and loose documents by separate commands")
    return captures, documents


def _show(summary: ImportSummary) -> None:
    changes = counted(summary.ingested.changes if summary.ingested else {})
    say(
        f"{summary.written} captures brought in, {summary.known} were here already, {summary.passed_over} concern no report"
        + (f"; {changes}" if changes else "")
    )


def _moment(text: str) -> datetime:
    """A day (noon in Shanghai, so that it is that day there and in UTC) or a time; without a zone it is Shanghai's."""
    from archive.clock import SHANGHAI

    try:
        found = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        if _DAY.fullmatch(text.strip()):
            found = found.replace(hour=12)
        return (found if found.tzinfo else found.replace(tzinfo=SHANGHAI)).astimezone(UTC)
    except (ValueError, OverflowError):  # a day at an end of the calendar has no neighbour in UTC
        raise click.UsageError(f"--date {text!r} is no date: write 2021-03-04 or 2021-03-04T11:08:17+08:00") from None
