"""`ogi status`: the archivist's one screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.index import reading_index
from crawler.cli.options import common_options
from crawler.cli.render import emit_json, emit_table, emit_text
from extract.messages import localizable, localize, word
from extract.messages.sentences import localized

if TYPE_CHECKING:
    from archive.files.folder import Archive
    from archive.lists.status_data import ArchiveStatus
    from archive.verify.last import LastVerification


@click.command()
@common_options
def status(archive: Path, as_json: bool) -> int:
    """Portals, last runs, what is blocked, what is due.

    Exit status 1 if something needs a person; what, stands last.
    """
    from archive.clock import SHANGHAI
    from archive.files.folder import Archive
    from archive.lists.overview import status as survey

    opened = Archive.open(archive)
    now = datetime.now(UTC)
    with reading_index(opened) as db:
        found = survey(opened, db, now.astimezone(SHANGHAI).date())
    _add_calendar(opened, found, now)
    if as_json:
        emit_json(found)
    else:
        _show(found, now)
    return 1 if found["attention"] else 0


def _add_calendar(archive: Archive, found: ArchiveStatus, now: datetime) -> None:
    """The next runs, of each portal too, and what became of the last ones."""
    from archive.clock import utc_text
    from crawler.schedule.entries import HORIZON_DAYS, build_entries, plan
    from crawler.schedule.state import ScheduleState

    entries = build_entries(archive.settings.schedule, archive.settings.quiet())
    calendar = plan(entries, now, HORIZON_DAYS)
    found["next_runs"] = [{"at": utc_text(due), "entry": entry.name} for due, entry in calendar[:5]]
    for portal in found["portals"]:
        runs = (due for due, entry in calendar if entry.harvests(portal["portal"]))
        first = next(runs, None)
        portal["next_run"] = utc_text(first) if first else None
    state = ScheduleState(archive.root)
    found["calendar"] = {
        "is_used": bool(state.since),
        "last_runs": [
            {"entry": name, "due": run.due, "finished_at": run.finished_at or None, "status": run.status}
            for name, run in sorted(state.runs.items())
        ],
    }
    found["attention"] += [
        localizable(f"calendar: {name} {run.status} (due {run.due}); the log of `ogi schedule` says more")
        for name, run in sorted(state.runs.items())
        if run.finished_at and not run.status.startswith("done")
    ]


def _verified(last: LastVerification | None) -> str:
    """What the last verification said, claim by claim where it isn't whole."""
    if last is None:
        return localizable("Not verified yet.")
    said = localizable(
        "whole" if last["ok"] and last["whole"] else "not proved whole" if last["ok"] else f"DAMAGED: {last['first']}"
    )
    at = _minute(last["at"])
    claims = " · ".join(f"{name} {word(one)}" for name, one in last["claims"].items() if one != "proved")
    if not claims:
        return localize("Last verify: {at}, {said}", at=at, said=localized(said))
    return localize("Last verify: {at}, {said} ({claims})", at=at, said=localized(said), claims=claims)


def _show(found: ArchiveStatus, now: datetime) -> None:
    _show_archive(found)
    _show_duties(found)
    _show_calendar(found)
    _show_portals(found, now)
    for line in found["attention"]:
        emit_text(f"! {localized(line)}")


def _show_archive(found: ArchiveStatus) -> None:
    """What the archive holds, when it was last harvested, and whether it was found whole."""
    size = found["size"]
    emit_text(
        f"{found['archive']}: {size['reports']} reports, {size['versions']} versions, {size['figures']} figures; "
        f"{size['captures']} captures in {size['segments']} segments, {size['bytes'] / 1e6:.1f} MB"
    )
    last = found["last_run"]
    if last is None:
        emit_text("No run yet.")
    else:
        run, at = last["id"], _minute(last["ended_at"])
        is_simulated = last["clock"] != "system"
        emit_text(f"Last run: {run}, ended {at} (simulated clock)" if is_simulated else f"Last run: {run}, ended {at}")
    emit_text(_verified(found["last_verify"]))
    if found["quarantined"]:
        emit_text(
            f"In quarantine: {found['quarantined']} records and captures, nothing rests on them; `ogi reextract --quarantined` names them and tries again"
        )


def _show_duties(found: ArchiveStatus) -> None:
    """Who published and who owes, and how well the register of agencies is kept."""
    due, register = found["due"], found["register"]
    emit_text(
        f"Report year {due['year']} on {found['as_of']}: {due['published']} published, {due['late']} late, {due['missing']} missing, "
        f"{due['vanished']} vanished, {due['pending']} pending, {due['unknown']} unknown"
    )
    emit_text(f"Next due date: {due['next_due']}, {due['next_due_open']} agencies still owe for it")
    emit_text(
        f"Register: {register['agencies']} agencies, {register['proposed']} of them found while harvesting (kind told from the name); "
        f"{register['without_region']['n']} without region, {register['without_portal']['n']} without portal"
    )


def _show_calendar(found: ArchiveStatus) -> None:
    if found["next_runs"]:
        first = found["next_runs"][0]
        emit_text(
            (
                "Next in the calendar: "
                if found["calendar"]["is_used"]
                else "Next in the calendar, if `ogi schedule` runs: "
            )
            + f"{first['entry']} at {_minute(first['at'])}"
        )


def _show_portals(found: ArchiveStatus, now: datetime) -> None:
    """The portals as a table, and the lists that were not read to their end."""
    states = ", ".join(f"{count} {state}" for state, count in found["portals_by_state"].items())
    emit_text(f"Portals: {states or localize('none')}. Times are of Asia/Shanghai.")
    emit_table(
        [
            portal
            | {name: _short(portal[name], now) for name in ("last_pass_at", "last_ok_at", "next_run")}
            | {"lists": f"{portal['lists_complete']}/{portal['lists']}", "proof": _proof(found, portal["portal"])}
            for portal in found["portals"]
        ],
        {
            "portal": "portal",
            "state": "state",
            "lists": "lists whole",
            "proof": "proof",
            "listed": "listed",
            "last_pass_at": "last pass",
            "last_ok_at": "last whole",
            "next_run": "next run",
        },
        "No portal has been harvested yet.",
    )
    for column in found["columns"]:
        if not column["whole"]:
            emit_text(f"  {column['portal']}: {column['column']} is incomplete: {column['reason']}")


def _proof(found: ArchiveStatus, portal: str) -> str:
    """The weakest proof among a portal's columns: what the judgements about it rest on."""
    from archive.index.codes import ProofKind, weakest

    columns = [column for column in found["columns"] if column["portal"] == portal]
    if any(not column["whole"] for column in columns):
        return "open"
    kind = weakest(ProofKind(column["proof"]) for column in columns if column["proof"])
    return kind.value if kind is not None else ""


def _minute(at: str | None) -> str:
    from archive.clock import shanghai_minute  # start-up time: `ogi --help` needs no clock

    return shanghai_minute(at) if at else ""


def _short(at: str | None, now: datetime) -> str:
    """Day and time in Shanghai without the year where it is near, else the date."""
    if not at:
        return ""
    is_near = abs(datetime.fromisoformat(at) - now) < timedelta(days=300)
    return _minute(at)[5:] if is_near else _minute(at)[:10]
