"""`ogi export`: a data package of the tables, or a WACZ of captures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json

if TYPE_CHECKING:
    from archive.files.folder import Archive


@click.command()
@common_options
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of the package; for wacz and cdxj: the file, or a folder for it.",
)
@click.option(
    "--format",
    "form",
    default="csv",
    show_default=True,
    type=click.Choice(["csv", "parquet", "xlsx", "wacz", "cdxj"]),
    help="csv, parquet, xlsx: a data package; wacz: captures for replay; cdxj: their index.",
)
@click.option("--release", default=None, help="Freeze the package under a name; a release is never overwritten.")
@click.option("--allow-fewer", is_flag=True, help="Let a package have fewer reports than the one that it replaces.")
@click.option("--report", "reports", multiple=True, help="wacz: only the captures of this report; repeatable.")
@click.option("--url", "urls", multiple=True, help="wacz: only the captures of this address; repeatable.")
def export(
    archive: Path,
    as_json: bool,
    target: Path,
    form: str,
    release: str | None,
    allow_fewer: bool,
    reports: tuple[str, ...],
    urls: tuple[str, ...],
) -> None:
    """Write a data package (tables, dictionary, licence, provenance, head of the chain), or captures for replay.

    A package has the long table of figures, wide panels, reports, changes, findings and obligations, with a Frictionless descriptor
    (datapackage.json). WACZ files open in pywb and ReplayWeb.page.
    """
    from archive.files.folder import Archive

    opened = Archive.open(archive)
    if target.resolve().is_relative_to(opened.warc_dir.resolve()):
        raise click.BadParameter(
            f"{target} is where the archive's segments are: choose another folder", param_hint="--to"
        )
    if form in ("wacz", "cdxj"):
        written = _export_captures(opened, target, form, reports, urls)
    else:
        from archive.publish.export import export_package
        from crawler.cli.progress import lines_on_terminal

        with lines_on_terminal() as tell:
            written = export_package(
                opened,
                target,
                form=form,
                release=release,
                allow_fewer=allow_fewer,
                progress=tell and (lambda name: tell(f"writing {name}")),
            )
    if as_json:
        emit_json({"to": str(target), "format": form, "release": release, "files": [str(path) for path in written]})
    else:
        for path in written:
            click.echo(str(path))


def _export_captures(
    opened: Archive, target: Path, form: str, reports: tuple[str, ...], urls: tuple[str, ...]
) -> list[Path]:
    from archive.clock import SystemClock
    from archive.publish.export import addresses_of_reports
    from archive.site.guard import hidden_captures

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
