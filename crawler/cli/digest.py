"""`ogi digest`: what happened since the last one, told where `ogi.toml` says."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json


@click.command()
@common_options
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(["text", "markdown", "html"]),
    help="How it is printed.",
)
@click.option(
    "--since",
    default=None,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Everything since a day (UTC), told before or not; sends and remembers nothing.",
)
@click.option("--dry-run", is_flag=True, help="Print it; send and remember nothing.")
@click.option("--again", is_flag=True, help="Also send messages whose sending was cut off and that may have arrived.")
def digest(archive: Path, as_json: bool, form: str, since: datetime | None, dry_run: bool, again: bool) -> int:
    """What was published, revised, withdrawn, late, missing or blocked since the last digest.

    It is printed, and sent by the [[notify]] rules of ogi.toml (mail, WeCom, DingTalk, Feishu, Telegram, webhooks: apprise's addresses).
    Each event is told once; a message that could not be sent waits in outbox/ and is tried again next time. Exit status 1: some still wait.
    """
    from archive.clock import SystemClock
    from archive.digest import DigestLog, collect, render
    from archive.folder import Archive
    from archive.index import open_index
    from archive.notify import Delivery, Outbox

    opened = Archive.open(archive)
    db = open_index(opened)
    try:
        found = collect(opened, db, SystemClock().now(), since=since.strftime("%Y-%m-%dT00:00:00Z") if since else None)
    finally:
        db.close()
    delivery = Delivery(0, 0, 0)
    if not dry_run and since is None:
        outbox = Outbox(opened.root)
        # The messages are safe in the outbox before their events count as told.
        outbox.put(found, opened.settings.notify)
        if found.events:
            DigestLog(opened.root).add(found)
        delivery = outbox.send(again=again)
    if as_json:
        emit_json(
            {
                "since": found.since or None,
                "at": found.at,
                "events": [event.to_json() for event in found.events],
                "sent": delivery.sent,
                "waiting": delivery.waiting,
                "uncertain": delivery.uncertain,
            }
        )
    else:
        click.echo(render(found, form), nl=False)
    if delivery.waiting or delivery.uncertain:
        click.echo(
            f"{delivery.waiting} message(s) wait in {opened.root / 'outbox'}, "
            f"{delivery.uncertain} may have arrived (see --again)",
            err=True,
        )
        return 1
    return 0
