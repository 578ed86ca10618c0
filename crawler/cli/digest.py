"""`ogi digest`: what happened since the last one, told where `ogi.toml` says."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.index import reading_index
from crawler.cli.lists import since_option
from crawler.cli.options import common_options
from crawler.cli.render import emit_json
from extract.messages import localize, speaking

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command()
@common_options
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(["text", "markdown", "html", "json"]),
    help="How it is printed.",
)
@since_option
@click.option("--dry-run", is_flag=True, help="Print it; send and remember nothing.")
@click.option("--test", is_flag=True, help="Send a message that tells nothing by every rule, and say which were taken.")
@click.option("--again", is_flag=True, help="Also send messages whose sending was cut off and that may have arrived.")
def digest(archive: Path, as_json: bool, form: str, since: str | None, dry_run: bool, test: bool, again: bool) -> int:
    """What was published, revised, withdrawn, late, missing or blocked since the last digest.

    Each event comes with the archive's page and both versions (where serve.base_url is set), the figures that changed, the day on which
    the list was last read whole, and what can be done.

    It is printed, and sent by the [[notify]] rules of ogi.toml (mail, WeCom, DingTalk, Feishu, Telegram: apprise's addresses; webhooks as JSON).
    Each event is told once; a message that could not be sent waits in outbox/ and is tried again next time. With --since: everything from
    that day on, told before or not; that sends and remembers nothing. Exit status 1: messages wait, or may or may not have arrived.
    """
    from archive.clock import SystemClock, utc_text
    from archive.files.folder import Archive
    from archive.publish.digest import Digest, collect, render, to_json
    from archive.publish.notify import Delivery, Outbox, check_rules, resolve_rules, try_rules

    opened = Archive.open(archive)
    check_rules(opened.settings.notify)
    speaks = speaking(os.environ.get("OGI_LANG") or opened.settings.archive.language)
    if test:
        with speaks:
            tried = try_rules(opened.settings.notify, utc_text(SystemClock().now()), opened.settings.serve.base_url)
        return _say_tried(tried, as_json=as_json)
    with speaks:

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
            emit_json({**to_json(found), **asdict(delivery)})
        else:
            click.echo(render(found, form), nl=False)
    if delivery.waiting or delivery.uncertain:
        click.echo(
            localize(
                "{waiting} message(s) wait in {folder}, {uncertain} may have arrived (see --again)",
                waiting=delivery.waiting,
                folder=outbox.folder,
                uncertain=delivery.uncertain,
            ),
            err=True,
        )
        return 1
    return 0


def _say_tried(tried: Sequence[tuple[str, bool]], *, as_json: bool) -> int:
    """Say which services took a message that tells nothing, in the language of who asked; gives the exit status."""
    if as_json:
        emit_json({"tried": [{"service": scheme, "taken": taken} for scheme, taken in tried]})
    elif not tried:
        click.echo(localize("No [[notify]] rule stands in ogi.toml: nobody would be told."))
    else:
        for scheme, taken in tried:
            said = localize("{service}: taken") if taken else localize("{service}: not taken")
            click.echo(said.format(service=f"{scheme}://…"))
    return 0 if tried and all(taken for _, taken in tried) else 1
