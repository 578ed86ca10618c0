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
from archive.duties.judge import STALE_DAYS, Evidence, Obligation, SeenReport, fresh_days, iso, judge_duty, years_owed
from archive.duties.unread import unread_rows
from archive.index import duties, runs, touched
from archive.index.codes import DutyStatus
from archive.index.duties import ObligationRow
from archive.index.meta import get_meta, set_meta

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlite_utils import Database

#: The key of `meta` that tells for which day `obligations` stands.
_JUDGED_ON = "duties_as_of"
#: So many agencies are judged one by one whatever the register's size; beyond, where they are more than this part of it, all are.
_SOME, _MUCH = 200, 0.5
#: `ogi verify` judges one of so many shares of the agencies again, so all within a month of days.
SHARES = 30


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
    """Bring `obligations` up to the archive's last day, in the caller's transaction.

    Judged again is what was touched since the last time (`archive.index.touched`), and what the days between change by themselves. Everything is
    where nothing was judged before, where a year or a season of reports begins, and where most of the register was touched.
    """
    as_of = latest_date(db)
    before = get_meta(db, _JUDGED_ON)
    changed = _changed(db, date.fromisoformat(before), as_of) if before is not None and as_of is not None else None
    if changed is not None and len(changed) > _SOME and len(changed) > _MUCH * touched.agency_count(db):
        changed = None
    if as_of is None:
        duties.replace_obligations(db, ())
    elif changed is None or changed:
        some = sorted(changed) if changed is not None else None
        duties.replace_obligations(db, list(map(row_of, obligations(db, as_of, agencies=some))), some)
    touched.forget_touched(db)
    set_meta(db, _JUDGED_ON, iso(as_of))


def is_judged(db: Database) -> bool:
    """Whether `obligations` is brought up to the last day, with nothing touched since."""
    as_of = latest_date(db)
    return as_of is not None and get_meta(db, _JUDGED_ON) == iso(as_of) and not touched.is_any_touched(db)


def differing_duties(db: Database, share: int | None = None, shares: int = SHARES) -> list[str]:
    """Agencies whose kept obligations aren't what judging them now gives.

    Args:
        share: Which of so many shares of all agencies; by default another one on each day of the archive.
    """
    as_of = latest_date(db)
    if as_of is None:
        return []
    some = touched.agencies_in_share(db, as_of.toordinal() if share is None else share, shares)
    judged: dict[str, set[ObligationRow]] = defaultdict(set)
    for found in obligations(db, as_of, agencies=some):
        judged[found.agency_id].add(row_of(found))
    kept: dict[str, set[ObligationRow]] = defaultdict(set)
    for row in duties.obligations_of(db, some):
        kept[row.agency].add(row)
    return sorted(agency for agency in some if judged[agency] != kept[agency])


def _changed(db: Database, before: date, as_of: date) -> set[str] | None:
    """Agencies whose obligations may have changed since a day; `None` for all.

    Of time alone these change: duties whose due date has passed, `missing` ones whose last reading has aged, and those that rest on a portal that
    is watched no more.
    """
    if as_of < before or as_of.year != before.year or fresh_days(as_of) != fresh_days(before):
        return None
    found = touched.touched_agencies(db)
    if as_of == before:
        return found
    portals = touched.portals_looked_at(db, _begins(before + timedelta(days=1)), "~")
    for days in (fresh_days(as_of), STALE_DAYS):  # a day more at both ends, for readings in the night
        first, last = before - timedelta(days=days + 1), as_of - timedelta(days=days - 1)
        portals |= touched.portals_looked_at(db, _begins(first), _begins(last + timedelta(days=1)))
    return (
        found
        | touched.agencies_watched_on(db, portals)
        | touched.agencies_due(db, DutyStatus.PENDING, iso(as_of) or "")
    )


def _begins(day: date) -> str:
    return utc_text(datetime.combine(day, time(), SHANGHAI))


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
