"""One duty, judged from what is known: pure.

Due dates. 《政府信息公开条例》 as revised in 2019, art. 49: departments (and, in practice, townships) by 31 January of the next year, governments
by 31 March. Until then the regulation of 2008 asked everybody for 31 March; the revised one is in force since 15 May 2019, so reports for 2018
and before were due on 31 March.

The day that counts as published is the printed one, unless the archive knows better: a complete reading of the list that did not have the
report on a later day than the printed one (then the day it was first seen counts), or no printed day at all.

`missing` says that a complete reading of the lists after the due date did not name the report, and that nothing kept us from reading them
since (`archive.duties.columns`: each column by itself): while a portal is blocked, what it hasn't shown before is `unknown`. It ages: a report may have been published since the last reading,
so after `fresh_days` the status is `unknown` again. So is a report that a list names and that could not be read.
Where several portals are watched for an agency, all of them must have been read. An agency that no definition names must have been there: one
that a reform dissolved, or of which nothing was seen for years, is `unknown` too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from archive.clock import shanghai_day
from archive.duties.columns import PortalLists
from archive.index.codes import ChangeKind, DutyStatus
from extract.lexicon.organs import dissolved, due_date, may_be_short_for
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archive.duties.unread import Unread
    from archive.index.types import AgencyRow, JsonObject

#: A portal that was not read to its end for so many days isn't watched.
STALE_DAYS = 400
#: Source of an agency that nobody described.
FOUND = "found"
#: So long a complete reading of the lists carries `missing`: in the months in which reports appear, and in the others (monthly harvests).
FRESH_DAYS_IN_SEASON, FRESH_DAYS = 45, 100
_LAST_MONTH_OF_SEASON = 5
#: So many years after its last report an agency that no definition names is taken to be there; reforms merge organs every five years.
STILL_THERE_YEARS = 2


@dataclass(frozen=True, slots=True)
class Obligation:
    """One agency's duty for one year, as it stood on a date.

    Attributes:
        published_on: The printed date; the day first seen if that is known better, or none is printed.
        printed_on: The date that the report itself gives.
        first_seen: The day the archive first saw the report.
        days_late: Days after the due date, `None` unless late.
        reason: Why the status is `unknown`, or what a date rests on.
        list_read_at: When the portal's lists were last read to their end, up to the date.
    """

    agency_id: str
    agency: str
    kind: str
    region: str | None
    year: int
    due: date
    status: DutyStatus
    published_on: date | None
    first_seen: date | None
    days_late: int | None
    report: str | None
    portal: str | None
    reason: str | None
    list_read_at: str | None
    printed_on: date | None = None

    def to_json(self) -> JsonObject:
        """The contract's object, with the evidence."""
        return {
            "agency": self.agency,
            "kind": self.kind,
            "region": self.region,
            "year": self.year,
            "due": self.due.isoformat(),
            "status": self.status,
            "published_on": iso(self.published_on),
            "days_late": self.days_late,
            "report": self.report,
            "portal": self.portal,
            "printed_on": iso(self.printed_on),
            "first_seen": iso(self.first_seen),
            "reason": self.reason,
            "list_read_at": self.list_read_at,
        }


@dataclass(frozen=True, slots=True)
class SeenReport:
    """A report as far as duties need it; days are of Shanghai. `changes`: when it vanished and came back, in order."""

    id: str
    printed_on: date | None
    first_seen: date
    absent_on: date | None
    changes: tuple[tuple[date, str], ...]

    @property
    def published_on(self) -> date | None:
        """The day that counts; `None` if only an upper bound is known."""
        printed = self.printed_on
        if printed is not None and printed <= self.first_seen and (self.absent_on is None or printed >= self.absent_on):
            return printed
        return self.first_seen if self.absent_on is not None or printed is not None else None

    def is_there(self, as_of: date) -> bool:
        """Whether it was published by a date, as far as is known now."""
        return (self.published_on or self.first_seen) <= as_of

    def is_gone(self, as_of: date) -> bool:
        """Whether it had vanished by a date and not come back."""
        last = [kind for day, kind in self.changes if day <= as_of]
        return bool(last) and last[-1] in (ChangeKind.VANISHED, ChangeKind.REPLACED)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the lists said up to a date, and whether they could be read.

    Attributes:
        lists: For each portal, how its lists were read.
        portals: For each agency, the portals that it is expected on.
        unread: Listed reports that could not be archived, by portal and report year.
        found: For each portal, the names of agencies that nobody described, printed on their reports.
    """

    as_of: date
    lists: Mapping[str, PortalLists]
    portals: Mapping[str, Sequence[str]]
    unread: Mapping[tuple[str, int], Sequence[Unread]]
    found: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def watched(self, agency: AgencyRow) -> list[str]:
        """The portals on which an agency may publish, its own first; others only while anybody visits them."""
        since = (self.as_of - timedelta(days=STALE_DAYS)).isoformat()
        own = [agency.portal] if agency.portal is not None else []
        others = [portal for portal in self.portals.get(agency.id, ()) if portal not in own]
        return own + [portal for portal in others if self.lists_of(portal).last_visit >= since]

    def fuller_name(self, agency: AgencyRow) -> str | None:
        """The name of an agency that nobody described and that may be this one: a menu's name is often a short one."""
        names = self.found.get(agency.portal or "", ())
        return next((name for name in names if may_be_short_for(agency.name, name)), None)

    def lists_of(self, portal: str) -> PortalLists:
        """The lists of a portal; of one that nobody read there are none."""
        return self.lists.get(portal) or PortalLists()

    def doubt(self, portal: str, agency: str, year: int, due: date) -> str | None:
        """Why nobody can say that an agency's report is not on a portal; `None` if it isn't."""
        lists = self.lists_of(portal)
        last_read, (failed_at, failed_why) = lists.read_at(agency), lists.failed_at(agency)
        if last_read is None or shanghai_day(last_read) <= due.isoformat():
            if failed_at > (last_read or ""):
                return localizable(
                    f"no complete reading of the lists after the due date; the last pass said: {failed_why}"
                )
            if last_read is None:
                return localizable("the lists have not been read to their end")
            return localizable(f"the lists were last read to their end on {shanghai_day(last_read)}")
        if failed_at > last_read:  # the report may be there by now
            return localizable(
                f"not there on {shanghai_day(last_read)}; since then the lists could not be read: {failed_why}"
            )
        for listed in self.unread.get((portal, year), ()):
            if listed.agency in (None, agency) and shanghai_day(listed.since) <= self.as_of.isoformat():
                return listed.text
        if (self.as_of - date.fromisoformat(shanghai_day(last_read))).days > fresh_days(self.as_of):
            return localizable(f"not there on {shanghai_day(last_read)}, when the lists were last read whole")
        return None


def fresh_days(as_of: date) -> int:
    """For how many days before a date a complete reading of the lists says what they don't name."""
    return FRESH_DAYS_IN_SEASON if as_of.month <= _LAST_MONTH_OF_SEASON else FRESH_DAYS


def years_owed(agency: AgencyRow, as_of: date, seen: Mapping[int, SeenReport]) -> list[int]:
    """Report years for which an agency owes a report on a date: from its first expected year on, until it was merged or ended."""
    since = agency.since
    if since is None:  # somebody named it without a year: expected since then, or since its first report
        named = date.fromisoformat(shanghai_day(agency.first_seen)).year if agency.first_seen else as_of.year
        since = min([*seen, min(named, as_of.year) - 1])
    until = agency.until if agency.until is not None else as_of.year - 1
    return list(range(since, min(until, as_of.year - 1) + 1))


def _existence_doubt(agency: AgencyRow, year: int, last_seen: int | None) -> str | None:
    """Why nobody can say that an agency still was there to owe a report; `None` where that is shown.

    A definition shows it, and so does a report of that year or a later one. An agency that is known by an old report alone may be merged.
    """
    if agency.source != "found" or last_seen is None or year <= last_seen:
        return None
    reform = dissolved(agency.name)
    if reform is not None and year > reform.last_year:
        return localizable(
            f"organs of this name were dissolved: {reform.source}; nothing newer than its report for {last_seen} is known"
        )
    if year > last_seen + STILL_THERE_YEARS:
        return localizable(
            f"nothing newer than its report for {last_seen} shows that the agency still exists; no definition names it"
        )
    return None


def judge_duty(agency: AgencyRow, year: int, reports: Mapping[int, SeenReport], evidence: Evidence) -> Obligation:
    """An agency's duty for a year, as known on the evidence's day; `reports` are all that were seen of it, by year."""
    as_of, due = evidence.as_of, due_date(agency.kind, year)
    seen = reports.get(year)
    report = seen if seen is not None and seen.is_there(as_of) else None
    ended = _existence_doubt(agency, year, max(reports, default=None))
    portals = evidence.watched(agency)
    readings = [evidence.lists_of(portal).read_at(agency.id) for portal in portals]
    if report is not None:
        status, days_late, reason = _published(report, due, as_of)
    elif ended is not None:
        status, days_late, reason = DutyStatus.UNKNOWN, None, ended
    else:
        (status, reason), days_late = _not_seen(agency, year, due, portals, evidence), None
    return Obligation(
        agency_id=agency.id,
        agency=agency.name,
        kind=agency.kind,
        region=agency.region,
        year=year,
        due=due,
        status=status,
        published_on=report.published_on or report.first_seen if report is not None else None,
        first_seen=report.first_seen if report is not None else None,
        days_late=days_late,
        report=report.id if report is not None else None,
        portal=agency.portal,
        reason=reason,
        list_read_at=min(filter(None, readings)) if readings and all(readings) else None,
        printed_on=report.printed_on if report is not None else None,
    )


def _published(report: SeenReport, due: date, as_of: date) -> tuple[DutyStatus, int | None, str | None]:
    """Status, days late and reason where there is a report."""
    counted = report.published_on
    reason = _date_reason(report, counted) or _seen_later(report, as_of)
    if report.is_gone(as_of):
        return DutyStatus.VANISHED, None, reason
    if counted is not None and counted > due:
        return DutyStatus.LATE, (counted - due).days, reason
    return DutyStatus.PUBLISHED, None, reason


def _not_seen(
    agency: AgencyRow, year: int, due: date, portals: Sequence[str], evidence: Evidence
) -> tuple[DutyStatus, str | None]:
    """Status and reason where no report was seen."""
    if evidence.as_of <= due:
        return DutyStatus.PENDING, None
    if not portals:
        return DutyStatus.UNKNOWN, localizable("no portal is known for this agency")
    if agency.source != FOUND and (fuller := evidence.fuller_name(agency)) is not None:
        return DutyStatus.UNKNOWN, localizable(
            f"{fuller}, which published here, may be the same agency under its full name"
        )
    doubts = [(portal, evidence.doubt(portal, agency.id, year, due)) for portal in portals]
    said = [doubt if len(portals) == 1 else f"{portal}: {doubt}" for portal, doubt in doubts if doubt is not None]
    return (DutyStatus.UNKNOWN, "; ".join(said)) if said else (DutyStatus.MISSING, None)


def _date_reason(report: SeenReport, counted: date | None) -> str | None:
    if counted is None:
        return localizable("no date is printed; published on or before the day it was first seen")
    if report.printed_on is None:
        return localizable("no date is printed; the day it was first seen counts")
    if counted != report.printed_on:
        return localizable(f"printed {report.printed_on.isoformat()}; the day it was first seen is known better")
    return None


def _seen_later(report: SeenReport, as_of: date) -> str | None:
    return (
        localizable(f"first seen on {report.first_seen.isoformat()}; the printed date counts")
        if report.first_seen > as_of
        else None
    )


def iso(day: date | None) -> str | None:
    """A day as ISO text."""
    return day.isoformat() if day is not None else None
