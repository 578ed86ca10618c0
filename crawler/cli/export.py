"""`ogi export`: a data package of the tables, or a WACZ of captures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json, say

if TYPE_CHECKING:
    from archive.files.folder import Archive


@click.command()
@common_options
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    help="Folder of the package; for wacz and cdxj: the file, or a folder for it. With --release: exports/NAME of the archive, if none is named.",
)
@click.option(
    "--format",
    "form",
    default=None,
    show_default="csv",
    type=click.Choice(["csv", "parquet", "xlsx", "wacz", "cdxj", "bag"]),
    help="csv (if none is named), parquet, xlsx: a data package; wacz: captures for replay; cdxj: their index; bag: the archive for hand-over (BagIt with PREMIS).",
)
@click.option(
    "--release",
    metavar="NAME",
    default=None,
    help="Freeze everything under a name: tables as CSV and Parquet, the database, a manifest with digests; with --format, a package in that "
    "format alone. A release is never overwritten.",
)
@click.option("--allow-fewer", is_flag=True, help="Let a package have fewer reports than the one that it replaces.")
@click.option("--report", "reports", multiple=True, help="wacz: only the captures of this report; repeatable.")
@click.option("--url", "urls", multiple=True, help="wacz: only the captures of this address; repeatable.")
def export(
    archive: Path,
    as_json: bool,
    target: Path | None,
    form: str | None,
    release: str | None,
    allow_fewer: bool,
    reports: tuple[str, ...],
    urls: tuple[str, ...],
) -> None:
    """Write a data package (tables, dictionary, licence, provenance, head of the chain), or captures for replay.

    A package has the long table of figures, wide panels, reports, changes, findings and obligations, with a Frictionless descriptor
    (datapackage.json). WACZ files open in pywb and ReplayWeb.page. A release has all of it in every format, by year and province, and links
    what did not change since the one before; the site offers it under /releases/. A bag holds what is public of the archive, with its life in PREMIS 3,
    for another institution; `ogi verify` checks it.
    """
    from archive.files.folder import Archive

    opened = Archive.open(archive)
    if target is not None and target.resolve().is_relative_to(opened.warc_dir.resolve()):
        raise click.BadParameter(
            f"{target} is where the archive's segments are: choose another folder", param_hint="--to"
        )
    kind = form or ("all" if release else "csv")
    written = _export(opened, target, kind, release, _Captures(reports, urls), allow_fewer=allow_fewer)
    _tell(written, kind, release, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Captures:
    """Which captures a WACZ holds: those of some reports and addresses; all if none is named."""

    reports: tuple[str, ...]
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    target: Path
    files: list[Path]


def _export(
    opened: Archive, target: Path | None, kind: str, release: str | None, captures: _Captures, *, allow_fewer: bool
) -> _Written:
    if kind == "all":
        return _release(opened, str(release), target, allow_fewer=allow_fewer)
    if target is None:
        raise click.UsageError("Missing option '--to'.")
    if kind == "bag":
        return _Written(target, _export_bag(opened, target))
    if kind in ("wacz", "cdxj"):
        return _Written(target, _export_captures(opened, target, kind, captures.reports, captures.urls))
    return _Written(target, _export_package(opened, target, kind, release, allow_fewer=allow_fewer))


def _tell(written: _Written, kind: str, release: str | None, *, as_json: bool) -> None:
    if as_json:
        files = [str(path) for path in written.files]
        emit_json({"to": str(written.target), "format": kind, "release": release, "files": files})
    elif kind == "all":
        say(f"{len(written.files)} files; the manifest with their digests:", err=True)
        click.echo(str(written.target / "manifest.json"))
    else:
        for path in written.files:
            click.echo(str(path))


def _export_bag(opened: Archive, target: Path) -> list[Path]:
    from archive.clock import SystemClock
    from archive.site.bag import write_bag

    write_bag(opened, target, SystemClock().now())
    return sorted(path for path in target.rglob("*") if path.is_file())


def _export_package(opened: Archive, target: Path, form: str, release: str | None, *, allow_fewer: bool) -> list[Path]:
    from archive.publish.export import export_package
    from crawler.cli.progress import lines_on_terminal

    with lines_on_terminal() as tell:
        progress = tell and (lambda name: tell(f"writing {name}"))
        return export_package(opened, target, form=form, release=release, allow_fewer=allow_fewer, progress=progress)


def _release(opened: Archive, name: str, target: Path | None, *, allow_fewer: bool) -> _Written:
    """Make a release; gives its folder and files."""
    from archive.clock import SystemClock
    from archive.site.release import make_release
    from crawler.cli.progress import lines_on_terminal

    with lines_on_terminal() as tell:
        say_part = tell and (lambda text: tell(f"writing {text}"))
        folder = make_release(opened, name, SystemClock().now(), target=target, allow_fewer=allow_fewer, tell=say_part)
    return _Written(folder, sorted(path for path in folder.rglob("*") if path.is_file()))


def _export_captures(
    opened: Archive, target: Path, form: str, reports: tuple[str, ...], urls: tuple[str, ...]
) -> list[Path]:
    from archive.clock import SystemClock
    from archive.index.hidden import hidden_captures
    from archive.publish.export import addresses_of_reports

    if target.is_dir() or not target.suffix:
        target = target / f"captures.{form}"
    hidden = hidden_captures(opened.db_path)
    if form == "cdxj":
        from archive.warc.cdxj import cdxj_lines

        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("".join(line + "\n" for line in cdxj_lines(opened, leave_out=hidden)), encoding="utf-8")
        return [target]
    from archive.warc.wacz import write_wacz

    chosen = {*urls, *addresses_of_reports(opened, reports)} if urls or reports else None
    beside = target.with_suffix(".cdxj")
    return [
        write_wacz(opened, target, created=SystemClock().now(), urls=chosen, index=beside, leave_out=hidden).path,
        beside,
    ]
