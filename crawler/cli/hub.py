"""`ogi hub`: several archives' sites, say one a province, behind one address."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crawler.cli.options import json_option, verbose_option
from crawler.cli.render import emit_json, emit_json_lines

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def _hub_option(function: F) -> F:
    return click.option(
        "--hub",
        "folder",
        envvar="OGI_HUB",
        default="./ogi-hub",
        show_default=True,
        show_envvar=True,
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="The hub's folder.",
    )(json_option(verbose_option(function)))


@click.group()
def hub() -> None:
    """Several archives behind one address: search, the matrix of duties, and the pages of each.

    The hub holds lists only (agencies, reports, duties). Texts, figures and originals stay in the archives, whose sites it asks.
    """


@hub.command()
@_hub_option
@click.argument("provinces", nargs=-1, metavar="[NAME=URL]…")
def gather(folder: Path, as_json: bool, provinces: tuple[str, ...]) -> int:
    """Bring the lists of all archives into the hub; NAME=URL adds one, or gives it another address.

    An archive's site whose address ends with /p/NAME (serve.base_url = "https://HUB/p/NAME" in its ogi.toml) is shown
    through the hub; to others the hub leads. One that doesn't answer keeps what was known of it, and its pages say so. Exit
    status 1 if one failed.
    """
    from archive.clock import SystemClock
    from archive.site.hub.gather import gather as bring

    pairs = [item.partition("=") for item in provinces]
    for (name, sign, url), item in zip(pairs, provinces, strict=True):
        if not (name and sign and url):
            raise click.UsageError(f"{item!r} is no NAME=URL, such as zhejiang=http://10.0.0.7:8001/p/zhejiang")
    found = bring(folder, {name: url for name, _, url in pairs}, SystemClock(), lambda line: click.echo(line, err=True))
    if as_json:
        emit_json_lines(asdict(one) for one in found)
    else:
        for one in found:
            click.echo(f"{one.name}: {one.reason or f'gathered, as of {one.as_of}'}")
    return 1 if any(one.reason is not None for one in found) else 0


@hub.command()
@_hub_option
@click.argument("name")
def remove(folder: Path, as_json: bool, name: str) -> None:
    """Forget an archive and everything of it."""
    from archive.site.hub.store import open_hub, provinces, remove_province

    with open_hub(folder) as db:
        known = [one.name for one in provinces(db)]
        if name not in known:
            raise click.UsageError(f"the hub has no {name}; it has {', '.join(known) or 'none'}")
        remove_province(db, name)
    if as_json:
        emit_json({"removed": name})


@hub.command()
@_hub_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, metavar="N", type=click.IntRange(0, 65535), help="Port.")
def serve(folder: Path, as_json: bool, host: str, port: int) -> None:
    """Serve the hub. Ctrl-C ends it. `ogi hub gather` may run at the same time."""
    from archive.site.hub.app import Hub
    from archive.site.hub.store import open_hub
    from archive.site.serve import run_app

    with open_hub(folder):
        pass  # that there is one is printed before anything listens

    def tell(url: str) -> None:
        if as_json:
            emit_json({"hub": str(folder), "url": url})
        click.echo(f"Serving {folder} on {url} — Ctrl-C ends it", err=True)

    run_app(Hub(folder), host, port, tell)
