"""`ogi probe` and `ogi portals`."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from crawler.cli.options import common_options
from crawler.cli.render import emit_json, emit_json_lines, emit_table, emit_text, say
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.files.settings import Settings
    from archive.work.helper import Helper
    from crawler.discovery.probe import ProbeResult
    from crawler.discovery.search import SearchLimits
    from crawler.discovery.trying import TriedColumn
    from crawler.portals.definitions import PortalDefinition


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
    from archive.work.helper import PAGE_BYTES, Helper
    from crawler.discovery import probe as probing
    from crawler.discovery.search import SearchLimits

    limits = SearchLimits(requests=max_requests, units=0 if no_units else SearchLimits().units)
    with closing(Helper(resident_bytes=PAGE_BYTES)) as apart:
        result = _probe(url, archive, limits, apart)
    if report is not None:
        probing.save_report(result, report)
    if as_json:
        emit_json(result.to_json())
    else:
        click.echo(result.definition, nl=False)
    for problem in result.problems:
        say(f"{result.url}: {problem}", err=True)
    return 0 if result.columns else 1


def _probe(url: str, archive: Path, limits: SearchLimits, apart: Helper) -> ProbeResult:
    """Probe a portal, or replay a file."""
    from archive.warc.segments import program_version
    from crawler.discovery import probe as probing
    from crawler.discovery.asking import FetchManners, PoliteFetcher
    from crawler.http.contact import require_contact
    from crawler.portals.definitions import PortalDefinition

    if not url.startswith(("http://", "https://")):
        if not Path(url).is_file():
            raise click.BadParameter(
                "must begin with http:// or https://, or be a file that --report wrote", param_hint="URL"
            )
        return probing.replay(Path(url), limits, apart)
    settings = _settings(archive)
    require_contact(settings.operator.contact, [_checked(url)], _CONTACT.format(place=archive / "ogi.toml"))
    definition = PortalDefinition("probe", "", "", "auto", (), url, 2.0)
    fetcher = PoliteFetcher(url, FetchManners(settings.user_agent(program_version())), definition.allows)
    watch = _watch if sys.stderr.isatty() else None
    return probing.probe(url, fetcher, limits=limits, watch=watch, apart=apart)


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
    say(f"asking {address}", err=True)


#: Where a contact can be written before there is an archive, and after.
_CONTACT = localizable(
    "set operator.contact in {place}, or OGI_OPERATOR_CONTACT in the environment, to a mail or web address"
)


def _check_named(archive: Path) -> None:
    """An archive that `--archive` names must be one; at the place where it is by default, there may be none yet."""
    from archive.files.folder import Archive

    if click.get_current_context().get_parameter_source("archive") is ParameterSource.COMMANDLINE:
        Archive.open(archive)


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
@click.option(
    "--try",
    "tried",
    metavar="FILE|ID",
    help="Read the lists of one definition once, store nothing, and show rows, further pages and what proves the end.",
)
def portals(archive: Path, as_json: bool, paths: tuple[Path, ...], tried: str | None) -> int:
    """List and check portal definitions. A definition that can't be used ends with exit status 2 and the key that is wrong.

    With --try exit status 1 says that a list was not read to its end.
    """
    from crawler.portals.definitions import load_portals, to_json

    _check_named(archive)
    own = archive / "portals"
    if tried is not None and (tried.endswith(".toml") or Path(tried).is_file()):
        paths = (Path(tried),)
    if not paths and own.is_dir() and any(own.glob("*.toml")):
        paths = (own,)
    definitions = load_portals(paths)
    if tried is not None:
        return _try_lists(archive, definitions, tried, as_json=as_json)
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
            "columns": len(definition.start) or localizable("to be found"),
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


def _try_lists(archive: Path, definitions: Sequence[PortalDefinition], tried: str, *, as_json: bool) -> int:
    """Read the lists of the definition that is meant, and show what came."""
    from archive.warc.segments import program_version
    from archive.work.helper import PAGE_BYTES, Helper
    from crawler.discovery.asking import FetchManners, PoliteFetcher
    from crawler.discovery.trying import try_lists
    from crawler.http.contact import require_contact

    meant = [one for one in definitions if tried in (one.id, one.source) or len(definitions) == 1]
    if not meant:
        known = ", ".join(one.id for one in definitions)
        raise click.BadParameter(f"there is no definition {tried!r}; known are {known}", param_hint="--try")
    (portal,) = meant[:1]
    if not portal.start:
        raise click.BadParameter(
            f"{portal.id} has no start; `ogi probe {portal.url}` finds columns", param_hint="--try"
        )
    settings = _settings(archive)
    require_contact(settings.operator.contact, portal.start, _CONTACT.format(place=archive / "ogi.toml"))
    manners = FetchManners(settings.user_agent(program_version()))
    fetcher = PoliteFetcher(portal.start[0], manners, portal.allows)
    with closing(Helper(resident_bytes=PAGE_BYTES)) as apart:
        found = try_lists(portal, fetcher, apart)
    if as_json:
        emit_json_lines({"portal": portal.id, **column.to_json()} for column in found)
    else:
        for column in found:
            _show_trial(column)
    return 0 if all(column.whole for column in found) else 1


def _show_trial(column: TriedColumn) -> None:
    emit_text(column.column)
    proof = localizable(f"whole, by {column.proof}" if column.whole else "incomplete")
    emit_text(
        f"  {proof}: {column.quote or column.reason}"
        + (f" ({column.reason})" if column.quote and column.reason else "")
    )
    emit_text(f"  {column.rows} rows, {len(column.requests)} requests, read as {column.how or 'nothing'}")
    for request in column.requests:
        emit_text(f"    asked {request}")
    for entry in column.entries:
        emit_text(
            "  " + "  ".join(filter(None, (entry.date or "no date   ", entry.title, entry.agency or "", entry.url)))
        )
