"""The archivist's one screen: what is archived, how the portals answer, what is due, what needs a person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

from archive.clock import shanghai_day
from archive.duties.obligations import latest_date, obligations
from archive.history.quarantined import count_own, count_quarantined
from archive.index import overview
from archive.index.codes import DutyStatus
from archive.index.listings import latest_readings
from archive.index.runs import segment_names
from archive.verify.last import last_verification
from archive.warc import statements
from extract.lexicon.organs import KINDS, due_date
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.index.types import ListReadingRow, PortalRow
    from archive.lists.status_data import ArchiveStatus, ColumnStatus, DueState, OutboxState, PortalState, RegisterState
    from archive.verify.last import LastVerification

#: Days without a complete pass after which a portal needs a person, in and out of season.
STALE_DAYS = 45
#: Days after which a verification is old, in an archive that was ever verified.
VERIFY_DAYS = 45
#: So many names are given of each gap in the register.
MAX_NAMES = 20


def today_of(db: Database, today: date) -> date:
    """The day that "today" means for an archive: its own last day if its clock was simulated."""
    if overview.last_clock(db) == "simulated":
        return latest_date(db) or today
    return today


def status(archive: Archive, db: Database, today: date) -> ArchiveStatus:
    """Everything that `ogi status` shows. `attention` holds a line for each thing that needs a person.

    Args:
        today: The present day in Shanghai.
    """
    as_of = today_of(db, today)
    readings = latest_readings(db)
    columns: dict[str, list[ListReadingRow]] = {}
    for reading in readings:
        columns.setdefault(reading.portal, []).append(reading)
    portals = [_portal(found, columns.get(found.id, []), as_of) for found in overview.portals(db)]
    segments = statements.capture_entries(archive)
    indexed = segment_names(db)
    found: ArchiveStatus = {
        "archive": str(archive.root),
        "as_of": as_of.isoformat(),
        "portals": portals,
        "columns": [_column(reading) for reading in readings],
        "portals_by_state": overview.portals_by_state(db),
        "last_run": overview.last_run(db),
        "size": {
            "segments": len(segments),
            "bytes": sum(entry.info.size for entry in segments),
            "records": sum(entry.info.records for entry in segments),
            **overview.sizes(db),
            "index_bytes": archive.db_path.stat().st_size if archive.db_path.exists() else 0,
        },
        "reports_by_status": overview.reports_by_status(db),
        "last_verify": last_verification(archive),
        "due": _due(db, as_of),
        "register": _register(db, as_of),
        "outbox": {
            "waiting": len(list((archive.root / "outbox").glob("*.json"))),
            "uncertain": len(list((archive.root / "outbox").glob("*.sending"))),
        },
        "not_indexed": sum(entry.segment not in indexed for entry in segments),
        "quarantined": count_quarantined(archive, db),
        "attention": [],
    }
    found["attention"] = _attention(found, as_of, count_own(archive, db))
    return found


def _register(db: Database, as_of: date) -> RegisterState:
    """How many agencies are known, and what the register lacks: names of some, so that a person can begin."""
    year_ago = (as_of - timedelta(days=365)).isoformat()
    gaps = overview.register_gaps(db)
    return cast(
        "RegisterState",
        {
            **overview.agency_counts(db, year_ago),
            **{gap: {"n": len(names), "names": names[:MAX_NAMES]} for gap, names in gaps.items()},
        },
    )


def _column(reading: ListReadingRow) -> ColumnStatus:
    """How a column was read, and what proves that it was read to its end."""
    return {
        "portal": reading.portal,
        "column": reading.url,
        "whole": reading.is_complete,
        "proof": reading.proof if reading.is_complete else None,
        "quote": reading.quote,
        "rows": reading.rows if reading.rows is not None else reading.entries,
        "read_at": reading.at,
        "reason": reading.reason,
    }


def _portal(found: PortalRow, readings: list[ListReadingRow], as_of: date) -> PortalState:
    last_ok = found.last_ok_at
    lists = {reading.url: reading.is_complete for reading in readings}
    return {
        "portal": found.id,
        "name": found.name,
        "state": found.state,
        "reason": found.reason,
        "last_pass_at": found.last_pass_at,
        "last_ok_at": last_ok,
        "failing_since": found.failing_since,
        "listed": found.listed,
        "expected": found.expected,
        "lists": len(lists),
        "lists_complete": sum(lists.values()),
        "columns_moved": [url for url in found.columns if lists and url not in lists],
        "days_since_ok": (as_of - date.fromisoformat(shanghai_day(last_ok))).days if last_ok else None,
    }


def _due(db: Database, as_of: date) -> DueState:
    """How the obligations of the last report year stand, and the next due date with the number of agencies that still owe for it."""
    year = as_of.year - 1
    counts: dict[str, int] = dict.fromkeys(DutyStatus, 0)
    pending: dict[date, int] = {}
    for obligation in obligations(db, as_of, year):
        counts[obligation.status] += 1
        if obligation.status is DutyStatus.PENDING:
            pending[obligation.due] = pending.get(obligation.due, 0) + 1
    coming = min(
        day for kind in KINDS for report_year in (year, year + 1) if (day := due_date(kind, report_year)) >= as_of
    )
    still_open = pending.get(coming, 0)
    if coming.year > as_of.year:  # for the year that is under way, nobody owes anything before its end
        kinds = overview.kinds_that_report(db, as_of.year)
        still_open = sum(due_date(kind, as_of.year) == coming for kind in kinds)
    said = {"year": year, **counts, "next_due": coming.isoformat(), "next_due_open": still_open}
    return cast("DueState", said)


def _attention(found: ArchiveStatus, as_of: date, own_quarantined: int) -> list[str]:
    """What somebody should see to, a line each: portals, the index, the last check, what was left aside, messages, unknown names."""
    return [
        *(line for portal in found["portals"] for line in _of_portal(portal)),
        *_of_index(found),
        *_of_verify(found["last_verify"], as_of),
        *_of_quarantine(own_quarantined),
        *_of_messages(found["outbox"]),
        *_of_names(found["register"]),
    ]


def _of_index(found: ArchiveStatus) -> Iterator[str]:
    if found["not_indexed"]:
        yield localizable(
            f"{found['not_indexed']} sealed segments are not in the index: run `ogi harvest` or `ogi rebuild`"
        )


def _of_quarantine(own_quarantined: int) -> Iterator[str]:
    """What this archive took itself and could not keep; what stands in somebody's file is not lost."""
    if own_quarantined:
        yield localizable(
            f"{own_quarantined} records and captures of this archive are in quarantine: `ogi reextract --quarantined` names them and tries again, "
            "now or after an upgrade; please report them"
        )


def _of_messages(outbox: OutboxState) -> Iterator[str]:
    if outbox["waiting"]:
        yield localizable(
            f"{outbox['waiting']} messages could not be sent and wait: see [[notify]] in ogi.toml, then `ogi digest`"
        )
    if outbox["uncertain"]:
        yield localizable(
            f"{outbox['uncertain']} messages may or may not have arrived: `ogi digest --again` sends them again"
        )


def _of_names(register: RegisterState) -> Iterator[str]:
    if unresolved := register["unresolved_names"]:
        yield localizable(
            f"{unresolved} reports name no agency that could be told: `ogi agencies alias` or `add` (notices, agency-unknown)"
        )


def _of_portal(portal: PortalState) -> Iterator[str]:
    """The first thing that is amiss with a portal."""
    if portal["state"] in ("blocked", "failing"):
        since = shanghai_day(portal["failing_since"]) if portal["failing_since"] else "its first pass"
        whole = f", {portal['lists_complete']} of {portal['lists']} lists whole" if portal["lists"] else ""
        yield localizable(
            f"{portal['portal']}: {portal['state']} since {since}{whole} ({portal['reason'] or 'no reason given'})"
        )
    elif portal["columns_moved"]:
        yield localizable(
            f"{portal['portal']}: the column {portal['columns_moved'][0]} is gone and was found again elsewhere; "
            "see `ogi portals` and change start in the definition"
        )
    elif portal["days_since_ok"] is not None and portal["days_since_ok"] > STALE_DAYS:
        yield localizable(f"{portal['portal']}: no complete pass for {portal['days_since_ok']} days")


def _of_verify(verified: LastVerification | None, as_of: date) -> Iterator[str]:
    """What the last check of the archive found or could not prove, and whether it was long ago."""
    if verified is None:
        return
    if verified.get("ok") is False:
        yield localizable("the last `ogi verify` found damage: run it again and see what it names")
    elif not verified["whole"]:
        claims = ", ".join(verified["lacking"])
        yield (
            localizable(f"the last `ogi verify` could not prove the archive whole ({claims}): run it again and see why")
            if claims
            else localizable("the last `ogi verify` could not prove the archive whole: there is nothing in it")
        )
    if verified["ok"] and verified["at"] is not None and (age := _days_since(verified["at"], as_of)) > VERIFY_DAYS:
        yield localizable(f"not verified for {age} days: run `ogi verify`")


def _days_since(at: str, day: date) -> int:
    return (day - date.fromisoformat(shanghai_day(at))).days
