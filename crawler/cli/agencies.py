"""`ogi agencies`: the register of who must publish."""

from __future__ import annotations

import csv
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.index import reading_index
from crawler.cli.lists import local, narrowing
from crawler.cli.options import common_options
from crawler.cli.render import emit_json, emit_json_lines, emit_table, say
from extract.lexicon.organs import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

    from archive.files.folder import Archive

#: Columns of the register as CSV; aliases are separated by `|`.
FIELDS = ("name", "kind", "region", "portal", "parent", "since", "until", "successor", "aliases", "source")


@contextmanager
def _deciding(path: Path) -> Iterator[tuple[Archive, Database]]:
    """The archive, locked, and its index."""
    from archive.files.folder import Archive
    from archive.history.ingest import ingest_sealed
    from archive.index.database import open_index

    opened = Archive.open(path)
    with opened.lock():
        ingest_sealed(opened)
        db = open_index(opened)
        try:
            yield opened, db
        finally:
            db.close()


@click.group(invoke_without_command=True)
@common_options
@narrowing
@click.option("--kind", type=click.Choice([kind.value for kind in KINDS]), help="Only agencies of this kind.")
@click.pass_context
def agencies(
    ctx: click.Context,
    archive: Path,
    as_json: bool,
    year: int | None,
    agency: str | None,
    portal: str | None,
    region: str | None,
    kind: str | None,
) -> None:
    """The register of who must publish: list, add, rename, merge, import, export.

    Without a sub-command it lists. With --year only those expected to publish for that year.
    """
    # options before the sub-command hold for it too
    ctx.default_map = {name: {"archive": str(archive), "as_json": as_json} for name in agencies.commands}
    if ctx.invoked_subcommand is not None:
        return
    from archive.files.folder import Archive
    from archive.index.known_names import check_names
    from archive.lists.queries import Filter, list_agencies

    with reading_index(Archive.open(archive)) as db:
        check_names(db, portal=portal, region=region, agency=agency)
        found = [
            one
            for one in list_agencies(db, Filter(agency=agency, portal=portal, region=region, kind=kind))
            if year is None or ((one["since"] or 0) <= year <= (one["until"] or 9999))
        ]
    if as_json:
        emit_json_lines(found)
        return
    shown = [one | {"aliases": "、".join(one["aliases"])} for one in found]
    emit_table(
        shown,
        {
            "name": "name",
            "kind": "kind",
            "region": "region",
            "portal": "portal",
            "since": "since",
            "until": "until",
            "successor": "successor",
            "source": "source",
            "reports": "reports",
            "aliases": "aliases",
        },
        "The register is empty. Portal definitions and harvests fill it.",
    )


def _said(as_json: bool, data: dict[str, Any], text: str) -> None:
    if as_json:
        emit_json(data)
    else:
        say(text)


@agencies.command()
@common_options
@click.argument("name")
@click.option("--kind", type=click.Choice([kind.value for kind in KINDS]), help="Told from the name if not given.")
@click.option("--region", help="GB/T 2260 code.")
@click.option("--portal", help="Id of the portal on which it publishes.")
@click.option("--parent", help="The agency above it.")
@click.option("--since", type=int, help="First report year expected.")
@click.option("--until", type=int, help="Last report year expected.")
@click.option("--alias", "aliases", multiple=True, help="Another name under which it appears; repeatable.")
def add(archive: Path, as_json: bool, name: str, aliases: tuple[str, ...], **given: Any) -> None:
    """Add an agency, or change what the register says of it; what isn't given stays."""
    from archive.duties.agencies import describe_agency, find_agency
    from archive.duties.decisions import decide
    from archive.index.register import has_portal

    with _deciding(archive) as (opened, db):
        parent, portal = given.pop("parent"), given.pop("portal")
        said = {key: member for key, member in given.items() if member is not None}
        agency, place = describe_agency(db, name, portal, said | ({"aliases": list(aliases)} if aliases else {}))
        if parent:
            agency["parent"] = find_agency(db, parent)
        if place and not has_portal(db, place):
            say(f"No portal {place} has been harvested yet: until it is, nothing can be said of {name}.", err=True)
        decide(opened, db, "agency-add", {"agency": agency, "portal": place})
    _said(as_json, {"name": name, "added": True}, f"{name} is in the register.")


@agencies.command()
@common_options
@click.argument("agency")
@click.argument("name")
def rename(archive: Path, as_json: bool, agency: str, name: str) -> None:
    """Give AGENCY a new NAME; the old one stays as an alias."""
    from archive.duties.agencies import rename_agency

    with _deciding(archive) as (opened, db):
        rename_agency(opened, db, agency, name)
    _said(as_json, {"agency": agency, "name": name}, f"{agency} is now {name}.")


@agencies.command()
@common_options
@click.argument("agency")
@click.argument("alias")
def alias(archive: Path, as_json: bool, agency: str, alias: str) -> None:
    """Let ALIAS mean AGENCY; reports found under that name become its reports."""
    from archive.duties.agencies import find_agency
    from archive.duties.decisions import check_name, decide

    with _deciding(archive) as (opened, db):
        alias = check_name(alias)
        decide(opened, db, "agency-alias", {"agency": find_agency(db, agency), "alias": alias})
    _said(as_json, {"agency": agency, "alias": alias}, f"{alias} means {agency}.")


@agencies.command()
@common_options
@click.argument("agency")
@click.option("--into", required=True, help="The agency that took over its duties.")
@click.option("--year", type=int, required=True, help="First report year that the successor publishes for both.")
def merge(archive: Path, as_json: bool, agency: str, into: str, year: int) -> None:
    """AGENCY was merged into another: it owes nothing from YEAR on, its successor does."""
    from archive.duties.agencies import merge_agency

    with _deciding(archive) as (opened, db):
        merge_agency(opened, db, agency, into, year)
    _said(
        as_json, {"agency": agency, "into": into, "year": year}, f"{agency} owes no report from {year} on; {into} does."
    )


@agencies.command()
@common_options
@click.argument("agency", required=False)
def history(archive: Path, as_json: bool, agency: str | None) -> None:
    """What people decided about the register, or about one AGENCY: added, renamed, merged, other names."""
    from archive.duties.agencies import find_agency, register_history
    from archive.files.folder import Archive

    opened = Archive.open(archive)
    with reading_index(opened) as db:
        found = register_history(opened, db, find_agency(db, agency) if agency else None)
    if as_json:
        emit_json_lines(found)
        return
    shown = [
        one
        | {"at": local(one["at"])}
        | {"details": ", ".join(f"{key} {_plain(member)}" for key, member in one["details"].items())}
        for one in found
    ]
    emit_table(
        shown,
        {"at": "when (Shanghai)", "what": "what", "agency": "agency", "details": "details"},
        "Nobody has decided anything about the register.",
    )


def _plain(member: Any) -> str:
    return "、".join(map(str, member)) if isinstance(member, list) else str(member)


@agencies.command("export")
@common_options
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def export_(archive: Path, as_json: bool, file: Path | None) -> None:
    """Write the register as CSV, to FILE or to the standard output."""
    from archive.files.folder import Archive
    from archive.lists.queries import list_agencies
    from archive.publish.spreadsheet import harmless

    with reading_index(Archive.open(archive)) as db:
        found = list(list_agencies(db))
    if as_json:
        emit_json_lines(found)
        return
    stream = file.open("w", encoding="utf-8", newline="") if file else sys.stdout
    try:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(FIELDS)
        for one in found:
            writer.writerow(harmless("|".join(one[key]) if key == "aliases" else one[key]) for key in FIELDS)
    finally:
        if file:
            stream.close()


@agencies.command("import")
@common_options
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(archive: Path, as_json: bool, file: Path) -> None:
    """Take agencies from a CSV file as `export` writes it.

    Only the column name is required; columns that the file lacks change nothing, nor do rows that say nothing new.
    """
    from archive.duties.agencies import import_agencies
    from archive.publish.spreadsheet import as_written

    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            lines = [
                {key: as_written(value) if isinstance(value, str) else value for key, value in line.items()}
                for line in csv.DictReader(stream)
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise click.BadParameter(
            f"{str(file)!r} is no CSV file in UTF-8 ({error}): save it as `ogi agencies export` writes it",
            param_hint="FILE",
        ) from None
    with _deciding(archive) as (opened, db):
        changed = import_agencies(opened, db, lines, str(file))
    _said(
        as_json,
        {"rows": len(lines), "changed": changed},
        f"{len(lines)} rows read, {changed} agencies added or changed.",
    )
