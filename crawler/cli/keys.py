"""`ogi keys`: the archive's signing keys through time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json, say


class _Moment(click.ParamType[str]):
    """A day or a moment, as UTC text."""

    name = "date"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from archive.clock import utc_text

        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date such as 2026-11-30 or 2026-11-30T08:00:00Z", param, ctx)
        return utc_text(found if found.tzinfo else found.replace(tzinfo=UTC))


@click.group()
def keys() -> None:
    """The archive's signing keys: put a new one in an old one's place."""


@keys.command()
@common_options
@click.option("--lost", is_flag=True, help="Nobody has the old private key any more: the new one signs alone.")
@click.option(
    "--compromised",
    "since",
    type=_Moment(),
    metavar="DATE",
    help="Somebody else may have the old key since DATE: what it signed proves nothing by itself from then on.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why, in your words; it stands in the statement.")
def rotate(archive: Path, as_json: bool, lost: bool, since: str | None, reason: str) -> int:
    """Make a new signing key, and let it sign from now on.

    A statement that both keys sign is sealed in the chain: who trusts the old key may follow it (`ogi verify --key OLD` stays proved), unless the
    old one is lost. The old pair stays in keys/ under its own name: move its private half to a safe place, or destroy it. Publish the new key.
    """
    from archive.duties.rotation import rotate as exchange
    from archive.files.folder import Archive

    if lost and since is not None:
        raise click.UsageError("say --lost or --compromised: who has the key is known to somebody else, or to nobody")
    opened = Archive.open(archive)
    why = "lost" if lost else "compromised" if since is not None else "rotated"
    with opened.lock():
        done = exchange(opened, why, reason, since=since or "")
    told = done.rotation
    if as_json:
        emit_json(
            {
                "old": str(told.old), "new": str(told.new), "reason": told.reason, "since": told.since or None, "first_line": told.line,
                "sealed_in_line": done.line, "retired": str(done.retired) if done.retired else None,
            }
        )  # fmt: skip
        return 0
    say(f"Key {told.new.fingerprint[:16]} signs from line {told.line} on: {told.new}")
    say(
        f"The statement stands in line {done.line}; publish the new key, and tell those who trust {told.old.fingerprint[:16]}."
    )
    if done.retired is not None:
        say(f"The old private key lies in {done.retired}: move it to a safe place, or destroy it.")
    return 0
