"""`ogi serve`, `ogi publish`, `ogi withhold`: the public site."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json, say


@click.command()
@common_options
@click.option("--host", default=None, help="Address to listen on; default from ogi.toml (127.0.0.1).")
@click.option(
    "--port", default=None, metavar="N", type=click.IntRange(0, 65535), help="Port; default from ogi.toml (8001)."
)
def serve(archive: Path, as_json: bool, host: str | None, port: int | None) -> None:
    """Serve the site: pages for readers, Datasette's tables, SQL and JSON for everybody else.

    Reads the live database, also while a harvest writes it. Ctrl-C ends it. With --json, one document with the site's address is
    printed once it listens.
    """
    from archive.files.folder import Archive
    from archive.site.serve import run_site

    opened = Archive.open(archive)
    address = host or opened.settings.serve.host
    number = opened.settings.serve.port if port is None else port

    def tell(url: str) -> None:
        if as_json:
            emit_json({"archive": str(archive), "url": url})
        say(f"Serving {archive} on {url} — Ctrl-C ends it", err=True)

    run_site(opened, address, number, tell)


@click.command()
@common_options
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of the snapshot; replaced as a whole.",
)
@click.option(
    "--with-evidence/--without-evidence",
    default=True,
    show_default=True,
    help="Whether the snapshot has the WARC segments (hard links where possible), so that it shows originals.",
)
@click.option("--allow-fewer", is_flag=True, help="Let it have fewer reports than the snapshot that it replaces.")
def publish(archive: Path, as_json: bool, target: Path, with_evidence: bool, allow_fewer: bool) -> None:
    """Write a deployable, immutable snapshot of the site.

    Withheld reports are left out, of the segments as well. Serve it anywhere with `ogi serve --archive DIR`; publishing again replaces the folder at once.
    """
    from archive.clock import SystemClock
    from archive.files.folder import Archive
    from archive.site.publish import publish as write_snapshot

    opened = Archive.open(archive)
    place = target if target.is_absolute() or target.parts[:1] != ("exports",) else opened.root / target
    about = write_snapshot(opened, place, SystemClock().now(), with_evidence=with_evidence, allow_fewer=allow_fewer)
    if as_json:
        emit_json({"to": str(place), **about})
    else:
        say(
            f"{place}: {about['reports']} reports"
            + (f" as of {about['as_of']}" if about["as_of"] else "")
            + f"; serve it with `ogi serve --archive {place}`"
        )


@click.command()
@common_options
@click.argument("report")
@click.option("--reason", default="", help="Shown in place of the report. Needed unless --lift.")
@click.option("--url", default="", help="Withhold only this address of the report.")
@click.option("--lift", is_flag=True, help="Show it again.")
def withhold(archive: Path, as_json: bool, report: str, reason: str, url: str, lift: bool) -> None:
    """Withhold REPORT (or one of its addresses) from publication, with a reason that is shown.

    The evidence stays in the archive. The decision is kept in decisions.jsonl and survives a rebuild.
    """
    from archive.duties.decisions import withhold as decide
    from archive.files.folder import Archive
    from archive.index.database import open_index

    if not lift and not reason.strip():
        raise click.UsageError("--reason is needed: readers see why a report is withheld")
    opened = Archive.open(archive)
    with opened.lock():
        db = open_index(opened)
        try:
            decision = decide(opened, db, report, reason=reason, url=url, lift=lift)
        finally:
            db.close()
    if as_json:
        emit_json(
            {"report": report, "url": url or None, "withheld": not lift, "reason": reason or None, "at": decision.at}
        )
    else:
        say(f"{report}: {'shown again' if lift else 'withheld'}")
