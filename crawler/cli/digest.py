"""`ogi digest`: what happened since the last one, told where `ogi.toml` says."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.cli.index import reading_index
from crawler.cli.lists import since_option
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
@since_option
@click.option("--dry-run", is_flag=True, help="Print it; send and remember nothing.")
@click.option("--again", is_flag=True, help="Also send messages whose sending was cut off and that may have arrived.")
def digest(archive: Path, as_json: bool, form: str, since: str | None, dry_run: bool, again: bool) -> int:
    """What was published, revised, withdrawn, late, missing or blocked since the last digest.

    It is printed, and sent by the [[notify]] rules of ogi.toml (mail, WeCom, DingTalk, Feishu, Telegram, webhooks: apprise's addresses).
    Each event is told once; a message that could not be sent waits in outbox/ and is tried again next time. With --since: everything from
    that day on, told before or not; that sends and remembers nothing. Exit status 1: messages wait, or may or may not have arrived.
    """
    from archive.clock import SystemClock
    from archive.files.folder import Archive
    from archive.publish.digest import Digest, collect, render
    from archive.publish.notify import Delivery, Outbox, check_rules, resolve_rules

    opened = Archive.open(archive)
    check_rules(opened.settings.notify)

    def collected() -> Digest:
        with reading_index(opened) as db:
            return collect(opened, db, SystemClock().now(), since=since)

    outbox, delivery = Outbox(opened.root), Delivery()
    if dry_run or since is not None:
        found = collected()
    else:
        with reading_index(opened) as db:
            rules = resolve_rules(db, opened.settings.notify)
        found, delivery = outbox.tell(collected, rules, again=again)
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
            f"{delivery.waiting} message(s) wait in {outbox.folder}, "
            f"{delivery.uncertain} may have arrived (see --again)",
            err=True,
        )
        return 1
    return 0
