"""Who had to publish by when, and did: computed for any date from reports, changes and complete readings of lists.

A date's status says how it stood then by all that is known now: a report printed on 20 January and first seen in March was there in February.
Readings of lists and withdrawals count from their own day on. `archive.duties.judge` has the rules.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from archive.clock import SHANGHAI, shanghai_day, utc_text
from archive.duties.columns import PortalLists
from archive.duties.judge import Evidence, Obligation, SeenReport, iso, judge_duty, years_owed
from archive.duties.unread import unread_rows
from archive.index import duties, runs
from archive.index.duties import ObligationRow

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
    until = utc_text(datetime.combine(as_of + timedelta(days=1), time(), SHANGHAI))
    named = duties.agencies_by_column(db, portals)
    lists = {
        portal: PortalLists(
            duties.column_readings(db, portal, until), named.get(portal, {}), duties.lost_pass(db, portal, until)
        )
        for portal in (portals if portals is not None else duties.portals_with_passes(db))
    }
    return Evidence(
        as_of, lists=lists, portals=by_agency, unread=unread_rows(db, portals), found=duties.found_names(db, portals)
    )


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
