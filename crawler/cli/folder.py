"""`ogi init`, `ogi verify`, `ogi rebuild`: the archive folder itself."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.options import common_options, place_options
from crawler.cli.render import emit_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@click.command()
@common_options
@click.option("--name", default="", help="Name of the archive, for its site.")
@click.option("--operator", default="", help="Who runs it: person or organisation.")
@click.option("--contact", default="", help="Mail or web address for portal owners; harvesting real portals needs it.")
@click.option("--sign", is_flag=True, help="Make an Ed25519 key and sign each manifest line with it.")
def init(archive: Path, as_json: bool, name: str, operator: str, contact: str, sign: bool) -> None:
    """Make an archive folder with a commented ogi.toml."""
    from archive.files.folder import Archive
    from archive.warc import signing

    values: dict[str, Any] = {"archive.name": name, "operator.name": operator, "operator.contact": contact}
    values = {key: value for key, value in values.items() if value}
    made = Archive.create(archive, {**values, "proof.sign": True} if sign else values)
    key_path = made.root / made.settings.proof.key
    key = signing.make_key(key_path) if sign else None
    if as_json:
        public = str(signing.public_path(key_path)) if key else None
        emit_json(
            {"archive": str(made.root), "settings": str(made.root / "ogi.toml"), "key": key, "public_key": public}
        )
        return
    click.echo(f"Made the archive {made.root}.")
    if key:
        click.echo(f"It signs with key {key}: keep a copy of {key_path}, and publish {signing.public_path(key_path)}.")
    if not contact:
        click.echo(f"Next: write your contact into {made.root / 'ogi.toml'}, then run `ogi harvest`.")


@click.command()
@common_options
@click.option(
    "--since",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Read only segments with records of this day (UTC) or later.",
)
@click.option("--sample", metavar="N", type=click.IntRange(min=0), help="Read only so many segments, chosen at random.")
@click.option(
    "--head",
    "head",
    is_flag=False,
    flag_value="",
    metavar="[HASH]",
    help="Only print the manifest chain's head, to keep elsewhere; with HASH: also check that a head kept elsewhere is in the chain.",
)
@click.option(
    "--deep/--no-deep",
    default=None,
    help="Also make the database again and compare every table; by default only where that takes seconds.",
)
@place_options
def verify(
    archive: Path,
    as_json: bool,
    since: datetime | None,
    sample: int | None,
    head: str | None,
    deep: bool | None,
    workers: int | None,
    cluster: str | None,
) -> int:
    """Prove that the archive is whole.

    Checks the manifest's chain and signatures, every segment and record against it, and the database against the
    records both ways. Exit status 1 if something is damaged; each damage is named with its place.
    """
    from archive.clock import SystemClock
    from archive.files.folder import Archive
    from archive.verify import run as verification
    from archive.verify.last import remember

    opened = Archive.open(archive)
    if head == "":
        found = verification.head(opened)
        if as_json:
            emit_json({"head": found})
        elif found is None:
            click.echo("The manifest has no line yet, so there is no head.", err=True)
        else:
            click.echo(found)
        return 0
    with _progress("Segments") as progress:
        report = verification.verify(
            opened,
            since=since.date() if since else None,
            sample=sample,
            kept_head=head,
            deep=deep,
            progress=progress,
            workers=workers,
            cluster=cluster,
        )
    try:
        remember(opened, report, SystemClock().now())
    except OSError as error:  # an archive on a read-only disk can be verified too
        click.echo(f"`ogi status` won't know of this verification: {error}", err=True)
    if as_json:
        emit_json(report.to_json())
        return 0 if report.is_whole else 1
    for damage in report.damages:
        click.echo(f"DAMAGED  {damage}")
    for note in report.notes:
        click.echo(f"note     {note}")
    extent = (
        f"{report.checked} of {report.segments} segments"
        if report.checked < report.segments
        else f"{report.segments} segments"
    )
    click.echo(f"{extent}, {report.records} records, {report.size} bytes read; {report.lines} manifest lines.")
    if report.is_whole:
        if report.checked < report.segments:
            click.echo("Whole as far as it was read: the manifest, and the segments that were chosen.")
        else:
            click.echo("Whole: nothing was changed, added, removed or reordered since it was written.")
        click.echo(f"Head of the chain: {report.head}" if report.head else "The manifest has no line yet.")
        return 0
    click.echo(
        f"{len(report.damages)} damages. Bring the named segments back from a copy; `ogi rebuild` mends the database."
    )
    return 1


@click.command()
@common_options
@place_options
def rebuild(archive: Path, as_json: bool, workers: int | None, cluster: str | None) -> None:
    """Make the database again from the WARC files alone.

    The new database replaces the old one only when it is complete. What people decided comes from decisions.jsonl.
    """
    from dataclasses import asdict

    from archive.files.folder import Archive
    from archive.history import ingest
    from archive.warc import segments
    from crawler.cli.progress import lines_on_terminal

    opened = Archive.open(archive)
    with opened.lock(), lines_on_terminal() as say:
        segments.recover(opened)
        summary = ingest.rebuild(opened, workers=workers, cluster=cluster, progress=say)
    if as_json:
        emit_json(asdict(summary))
        return
    changes = ", ".join(f"{count} {kind}" for kind, count in sorted(summary.changes.items())) or "no changes"
    click.echo(f"Rebuilt {opened.db_path} from {summary.segments} segments: {changes}.")


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on stderr, to be called with done and total; `None` if stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
