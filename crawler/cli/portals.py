"""`ogi probe` and `ogi portals`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json, emit_json_lines, emit_table

if TYPE_CHECKING:
    from archive.files.settings import Settings


@click.command()
@click.argument("url")
@common_options
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Save all pages and what was made of them in one file.",
)
@click.option(
    "--max-requests",
    metavar="N",
    type=click.IntRange(1),
    default=120,
    show_default=True,
    help="End the search after so many requests.",
)
@click.option("--no-units", is_flag=True, help="Don't look for the columns of departments and townships.")
def probe(url: str, archive: Path, as_json: bool, report: Path | None, max_requests: int, no_units: bool) -> int:
    """Name a portal's platform, find its annual-report columns, print a portal definition.

    URL is any page of the portal, best its home page; or the file that --report wrote, which is replayed without the portal.
    Exit status 1 if no column was found.
    """
    from archive.warc.segments import program_version
    from crawler.discovery import probe as probing
    from crawler.discovery.asking import FetchManners, PoliteFetcher
    from crawler.discovery.search import SearchLimits
    from crawler.http.contact import require_contact
    from crawler.portals.definitions import PortalDefinition

    limits = SearchLimits(requests=max_requests, units=0 if no_units else SearchLimits().units)
    if not url.startswith(("http://", "https://")):
        if not Path(url).is_file():
            raise click.BadParameter(
                "must begin with http:// or https://, or be a file that --report wrote", param_hint="URL"
            )
        result = probing.replay(Path(url), limits)
    else:
        settings = _settings(archive)
        require_contact(settings.operator.contact, [_checked(url)], _CONTACT.format(place=archive / "ogi.toml"))
        definition = PortalDefinition("probe", "", "", "auto", (), url, 2.0)
        fetcher = PoliteFetcher(url, FetchManners(settings.user_agent(program_version())), definition.allows)
        result = probing.probe(url, fetcher, limits=limits, watch=_watch if sys.stderr.isatty() else None)
    if report is not None:
        probing.save_report(result, report)
    if as_json:
        emit_json(result.to_json())
    else:
        click.echo(result.definition, nl=False)
    for problem in result.problems:
        click.echo(f"{result.url}: {problem}", err=True)
    return 0 if result.columns else 1


def _checked(url: str) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        valid = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid:
        raise click.BadParameter(f"{url!r} is no address", param_hint="URL")
    return url


def _watch(address: str) -> None:
    click.echo(f"asking {address}", err=True)


#: Where a contact can be written before there is an archive, and after.
_CONTACT = "set operator.contact in {place}, or OGI_OPERATOR_CONTACT in the environment, to a mail or web address"


def _settings(archive: Path) -> Settings:
    """The settings of the archive; those of the environment where there is none yet."""
    from archive.files.settings import OperatorSettings, Settings, load_settings

    file = archive / "ogi.toml"
    if file.is_file():
        return load_settings(file)
    contact, agent = os.environ.get("OGI_OPERATOR_CONTACT", ""), os.environ.get("OGI_OPERATOR_USER_AGENT", "")
    return Settings(operator=OperatorSettings(contact=contact, user_agent=agent))


@click.command()
@common_options
@click.option(
    "--portals",
    "paths",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="File or folder of definitions; repeatable. Default: the archive's folder portals/, else those shipped.",
)
def portals(archive: Path, as_json: bool, paths: tuple[Path, ...]) -> int:
    """List and check portal definitions. A definition that can't be used ends with exit status 2 and the key that is wrong."""
    from crawler.portals.definitions import load_portals, to_json

    own = archive / "portals"
    if not paths and own.is_dir() and any(own.glob("*.toml")):
        paths = (own,)
    definitions = load_portals(paths)
    if as_json:
        emit_json_lines(
            {
                **described["portal"],
                "expect": described["expect"],
                "agencies": described["agency"],
                "source": described["source"],
            }
            for described in map(to_json, definitions)
        )
        return 0
    rows = [
        {
            "id": definition.id,
            "name": definition.name,
            "region": definition.region,
            "platform": definition.platform,
            "columns": len(definition.start) or "to be found",
            "agencies": len(definition.agencies),
            "url": definition.url,
        }
        for definition in definitions
    ]
    columns = {
        "id": "id",
        "name": "name",
        "region": "region",
        "platform": "platform",
        "columns": "columns",
        "agencies": "agencies",
        "url": "address",
    }
    emit_table(rows, columns, "No portal definitions.")
    return 0
