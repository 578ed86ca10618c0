"""`ogi status`: the archivist's one screen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json, emit_table


@click.command()
@common_options
def status(archive: Path, as_json: bool) -> int:
    """Portals, last runs, what is blocked, what is due.

    Exit status 1 if something needs a person; what, stands last.
    """
    from archive.clock import SHANGHAI, utc_text
    from archive.folder import Archive
    from archive.index import reading
    from archive.overview import status as survey
    from crawler.schedule.entries import build_entries, plan

    opened = Archive.open(archive)
    now = datetime.now(UTC)
    with reading(opened) as db:
        found = survey(opened, db, now.astimezone(SHANGHAI).date())
    calendar = plan(build_entries(opened.settings.schedule), now, 7)
    found["next_runs"] = [{"at": utc_text(due), "entry": entry.name} for due, entry in calendar[:5]]
    if as_json:
        emit_json(found)
        return 1 if found["attention"] else 0
    size, due = found["size"], found["due"]
    click.echo(
        f"{found['archive']}: {size['reports']} reports, {size['versions']} versions, {size['figures']} figures; "
        f"{size['captures']} captures in {size['segments']} segments, {size['bytes'] / 1e6:.1f} MB"
    )
    last = found["last_run"]
    click.echo(f"Last run: {last['id']}, ended {last['ended_at']} ({last['clock']} clock)" if last else "No run yet.")
    verified = found["last_verify"]
    click.echo(
        f"Last verify: {verified['at']} ({'whole' if verified['ok'] else 'DAMAGED'})"
        if verified
        else "Not verified yet."
    )
    click.echo(
        f"Report year {due['year']} on {found['as_of']}: {due['published']} published, {due['late']} late, {due['missing']} missing, "
        f"{due['vanished']} vanished, {due['pending']} pending, {due['unknown']} unknown; next due date {due['next_due']}"
    )
    click.echo(
        f"Register: {found['register']['agencies']} agencies, {found['register']['proposed']} of them found while harvesting"
    )
    if found["next_runs"]:
        first = found["next_runs"][0]
        click.echo(f"Next in the calendar, if `ogi schedule` runs: {first['entry']} at {first['at']}")
    emit_table(
        found["portals"],
        {
            "portal": "portal",
            "state": "state",
            "last_pass_at": "last pass",
            "last_ok_at": "last complete",
            "listed": "listed",
            "reason": "reason",
        },
        "No portal has been harvested yet.",
    )
    for line in found["attention"]:
        click.echo(f"! {line}")
    return 1 if found["attention"] else 0
