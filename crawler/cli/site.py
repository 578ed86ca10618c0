"""`ogi serve`, `ogi publish`, `ogi withhold`: the public site."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.cli.options import archive_option, verbose_option


@click.command()
@archive_option
@verbose_option
@click.option("--host", default=None, help="Address to listen on; default from ogi.toml (127.0.0.1).")
@click.option("--port", default=None, type=click.IntRange(0, 65535), help="Port; default from ogi.toml (8001).")
def serve(archive: Path, host: str | None, port: int | None) -> None:
    """Serve the site: pages for readers, Datasette's tables, SQL and JSON for everybody else.

    Reads the live database, also while a harvest writes it. Ctrl-C ends it.
    """
    from archive.folder import Archive
    from archive.site.serve import run_site

    opened = Archive.open(archive)
    address = host or opened.settings.serve.host
    number = opened.settings.serve.port if port is None else port
    click.echo(f"Serving {archive} on http://{address}:{number}/ — Ctrl-C ends it", err=True)
    run_site(opened, address, number)
