"""`ogi init`, `ogi verify`, `ogi rebuild`: the archive folder itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.options import common_options, place_options
from crawler.cli.render import emit_json, say
from crawler.cli.words import counted
from extract.messages import localizable

if TYPE_CHECKING:
    pass


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
    say(f"Made the archive {made.root}.")
    if key:
        say(f"It signs with key {key}: keep a copy of {key_path}, and publish {signing.public_path(key_path)}.")
    if not contact:
        say(f"Next: write your contact into {made.root / 'ogi.toml'}, then run `ogi harvest`.")


@click.command()
@common_options
@click.option(
    "--accept-rollback",
    metavar="REASON",
    help="Take the archive as it is, although it had more or other lines when this machine saw it last: a restored backup. "
    "The reason is a decision, and every later verification shows it.",
)
@place_options
def rebuild(
    archive: Path, as_json: bool, accept_rollback: str | None, workers: int | None, cluster: str | None
) -> None:
    """Make the database again from the WARC files alone.

    The new database replaces the old one only when it is complete. What people decided comes from decisions.jsonl.
    """
    from dataclasses import asdict

    from archive.duties import rollback
    from archive.files.folder import Archive
    from archive.history import ingest
    from archive.warc.closing import recover
    from crawler.cli.progress import lines_on_terminal

    opened = Archive.open(archive)
    with opened.lock(), lines_on_terminal() as tell:
        if accept_rollback is not None and rollback.accept_rollback(opened, accept_rollback) is None:
            say("There is no rollback to accept: the archive continues what this machine saw of it.", err=True)
        recover(opened)
        summary = ingest.rebuild(opened, workers=workers, cluster=cluster, progress=tell)
    if as_json:
        emit_json(asdict(summary))
        return
    changes = counted(dict(sorted(summary.changes.items()))) or localizable("no changes")
    say(f"Rebuilt {opened.db_path} from {summary.segments} segments: {changes}.")
