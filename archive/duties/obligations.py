"""Who had to publish by when, and did: computed for any date from reports, changes and complete readings of lists.

A date's status says how it stood then by all that is known now: a report printed on 20 January and first seen in March was there in February.
Readings of lists and withdrawals count from their own day on. `archive.duties.judge` has the rules.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from archive.clock import shanghai_day
from archive.duties.judge import Evidence, Obligation, SeenReport, iso, judge_duty, years_owed
from archive.duties.unread import unread_rows
from archive.index import duties, runs
from archive.index.duties import INTERRUPTED, ObligationRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlite_utils import Database


def latest_date(db: Database) -> date | None:
    """The last day that the archive knows of: that of the latest pass. `None` for an empty archive."""
    at = runs.last_moment(db)
    return date.fromisoformat(shanghai_day(at)) if at else None


def obligations(
    db: Database, as_of: date, year: int | None = None, *, agencies: Iterable[str] | None = None
) -> Iterator[Obligation]:
    """All obligations as known on a date, by agency and year.

    Args:
        as_of: The date, in Shanghai.
        year: Only this report year.
        agencies: Only these agencies, by id.
    """
    some = list(agencies) if agencies is not None else None
    seen = _seen_reports(db, some)
    evidence = evidence_on(db, as_of, some)
    for agency in duties.agencies(db, some):
        own = seen.get(agency.id, {})
        for report_year in years_owed(agency, as_of, own):
            if year is None or report_year == year:
                yield judge_duty(agency, report_year, own, evidence)


def _seen_reports(db: Database, agencies: Sequence[str] | None) -> dict[str, dict[int, SeenReport]]:
    """Reports by agency and year."""
    changes: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for change in duties.withdrawals(db, agencies):
        changes[change.report].append((_day(change.at), change.kind))
    seen: dict[str, dict[int, SeenReport]] = defaultdict(dict)
    for report in duties.duty_reports(db, agencies):
        seen[report.agency][report.year] = SeenReport(
            id=report.id,
            printed_on=date.fromisoformat(report.published_on) if report.published_on else None,
            first_seen=_day(report.first_seen),
            absent_on=_day(report.absent_at) if report.absent_at else None,
            changes=tuple(changes.get(report.id, ())),
        )
    return seen


def evidence_on(db: Database, as_of: date, agencies: Sequence[str] | None = None) -> Evidence:
    """What the lists said up to a date; with `agencies` only of the portals that matter for them."""
    by_agency = duties.portals_by_agency(db, agencies)
    if agencies is None:
        portals = None
    else:
        own = {agency.portal for agency in duties.agencies(db, agencies) if agency.portal is not None}
        portals = sorted(own.union(*by_agency.values()))
    read: dict[str, str] = {}
    failed: dict[str, tuple[str, str]] = {}
    for portal in portals if portals is not None else duties.portals_with_passes(db):
        last_read, last_failed = _last_reading(db, portal, as_of)
        if last_read is not None:
            read[portal] = last_read
        if last_failed is not None:
            failed[portal] = last_failed
    return Evidence(as_of, read=read, failed=failed, portals=by_agency, unread=unread_rows(db, portals))


def _last_reading(db: Database, portal: str, as_of: date) -> tuple[str | None, tuple[str, str] | None]:
    """When a portal's lists were last read to their end, up to a date, and when they were last tried in vain since, and why.

    A pass in which a report's own page could not be fetched is not whole, but it has read the lists. Passes that we stopped say nothing.
    """
    day = as_of.isoformat()
    read: str | None = None
    failed: tuple[str, str] | None = None
    for found in duties.pass_readings(db, portal):
        if read is not None and found.at <= read:
            break  # a pass reads lists before it ends: older ones read them earlier
        if found.is_whole and found.read_at is not None:
            if shanghai_day(found.read_at) <= day:
                read = max(read or "", found.read_at)
        elif (
            not (found.is_ok or failed or (found.reason or "").startswith(INTERRUPTED))
            and shanghai_day(found.at) <= day
        ):
            failed = (found.at, found.reason or "failed")
    return read, failed


def refresh(db: Database) -> None:
    """Fill `obligations` as known on the archive's last day, in the caller's transaction."""
    as_of = latest_date(db)
    found = obligations(db, as_of) if as_of is not None else ()
    duties.replace_obligations(db, list(map(row_of, found)), iso(as_of) or "")


def row_of(found: Obligation) -> ObligationRow:
    """An obligation as a row."""
    return ObligationRow(
        agency=found.agency_id,
        year=found.year,
        kind=found.kind,
        region=found.region,
        portal=found.portal,
        due=found.due.isoformat(),
        status=found.status,
        published_on=iso(found.published_on),
        first_seen=iso(found.first_seen),
        days_late=found.days_late,
        report=found.report,
        reason=found.reason,
        list_read_at=found.list_read_at,
    )


def _day(at: str) -> date:
    return date.fromisoformat(shanghai_day(at))
