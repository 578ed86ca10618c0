"""Who had to publish by when, and did: computed for any date from reports, changes and complete readings of lists.

A date's status says how it stood then by all that is known now: a report printed on 20 January and first seen in March was there in February.
Readings of lists and withdrawals count from their own day on.

Due dates. 《政府信息公开条例》 as revised in 2019, art. 49: departments (and, in practice, townships) by 31 January of the next year, governments
by 31 March. Until then the regulation of 2008 asked everybody for 31 March; the revised one is in force since 15 May 2019, so reports for 2018
and before were due on 31 March.

The day that counts as published is the printed one, unless the archive knows better: a complete reading of the list that did not have the
report on a later day than the printed one (then the day it was first seen counts), or no printed day at all.

`missing` says that a complete reading of the lists after the due date did not name the report, and that nothing kept us from reading them
since: while a portal is blocked, what it hasn't shown before is `unknown`. It ages: a report may have been published since the last reading,
so after `fresh_days` the status is `unknown` again. So is a report that a list names and that could not be read.
Where several portals are watched for an agency, all of them must have been read.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from archive.clock import shanghai_day
from archive.duties.unread import Unread, unread_rows
from archive.index.codes import ChangeKind, DutyStatus
from archive.index.rows import rows, value
from extract.lexicon.organs import due_date
from extract.lexicon.regions import packaged_regions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlite_utils import Database

#: A portal that was not read to its end for so many days isn't watched.
STALE_DAYS = 400
#: So long a complete reading of the lists carries `missing`: in the months in which reports appear, and in the others (monthly harvests).
FRESH_DAYS_IN_SEASON, FRESH_DAYS = 45, 100
_LAST_MONTH_OF_SEASON = 5
#: What can be said of a duty that is due; the others are open.
_DECIDED = (DutyStatus.PUBLISHED, DutyStatus.LATE, DutyStatus.MISSING, DutyStatus.VANISHED)
#: How the reason of a pass begins that somebody stopped: a doing of ours, not the portal's.
INTERRUPTED = "interrupted"
#: A correction doesn't make a report late: the first version's date counts, or that of the page which the correction stands beside.
_REPORTS = """
SELECT r.id, r.agency, r.year, r.first_seen, r.absent_at,
    coalesce(
        (SELECT min(json_extract(a.entry, '$.date')) FROM documents d JOIN addresses a ON a.url = d.url
            WHERE d.report = r.id AND d.is_correction = 0
            AND EXISTS (SELECT 1 FROM documents c WHERE c.report = r.id AND c.is_correction = 1 AND c.is_primary = 1)),
        (SELECT v.published_on FROM versions v WHERE v.report = r.id AND v.published_on IS NOT NULL
            ORDER BY v.version LIMIT 1),
        r.published_on
    ) AS published_on
FROM reports r WHERE r.status <> 'new'
"""


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

    def to_json(self) -> dict[str, Any]:
        """The contract's object, with the evidence."""
        return {
            "agency": self.agency,
            "kind": self.kind,
            "region": self.region,
            "year": self.year,
            "due": self.due.isoformat(),
            "status": self.status,
            "published_on": _iso(self.published_on),
            "days_late": self.days_late,
            "report": self.report,
            "portal": self.portal,
            "printed_on": _iso(self.printed_on),
            "first_seen": _iso(self.first_seen),
            "reason": self.reason,
            "list_read_at": self.list_read_at,
        }


@dataclass(frozen=True, slots=True)
class _Known:
    """A report as far as obligations need it."""

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

    def is_gone(self, as_of: date) -> bool:
        """Whether it had vanished by a date and not come back."""
        last = [kind for day, kind in self.changes if day <= as_of]
        return bool(last) and last[-1] == ChangeKind.VANISHED


def fresh_days(as_of: date) -> int:
    """For how many days before a date a complete reading of the lists says what they don't name."""
    return FRESH_DAYS_IN_SEASON if as_of.month <= _LAST_MONTH_OF_SEASON else FRESH_DAYS


def latest_date(db: Database) -> date | None:
    """The last day that the archive knows of: that of the latest pass. `None` for an empty archive."""
    at = value(db, "SELECT max(ended_at) FROM runs")
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
    reports = _reports(db)
    evidence = _Evidence.of(db, as_of)
    wanted = set(agencies) if agencies is not None else None
    for agency in rows(db, "SELECT * FROM agencies ORDER BY name, id"):
        if wanted is not None and agency["id"] not in wanted:
            continue
        held = reports.get(agency["id"], {})
        for report_year in _years(agency, as_of, held):
            if year is None or report_year == year:
                yield _judge(agency, report_year, as_of, held.get(report_year), evidence)


def _years(agency: Mapping[str, Any], as_of: date, held: Mapping[int, _Known]) -> list[int]:
    """Report years for which an agency owes a report on a date: from its first expected year on, until it was merged or ended."""
    since = agency["since"]
    if since is None:  # somebody named it without a year: expected since then, or since its first report
        named = date.fromisoformat(shanghai_day(agency["first_seen"])).year
        since = min([*held, min(named, as_of.year) - 1])
    until = agency["until"] if agency["until"] is not None else as_of.year - 1
    return list(range(since, min(until, as_of.year - 1) + 1))


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the lists said up to a date, and whether they could be read.

    Attributes:
        read: For each portal, when its lists were last read to their end (UTC ISO text).
        failed: For each portal, when they were last tried in vain, and why.
        portals: For each agency, the portals that it is expected on.
        unread: Rows whose reports could not be had.
    """

    as_of: date
    read: Mapping[str, str]
    failed: Mapping[str, tuple[str, str]]
    portals: Mapping[str, Sequence[str]]
    unread: Mapping[tuple[str, int], Sequence[Unread]]

    @classmethod
    def of(cls, db: Database, as_of: date) -> _Evidence:
        """All that the archive knew on a date."""
        day = as_of.isoformat()
        readings = ((portal, at) for portal, times in complete_readings(db).items() for at in times)
        failures = ((portal, one) for portal, found in _failures(db).items() for one in found)
        portals: dict[str, list[str]] = defaultdict(list)
        sql = "SELECT DISTINCT agency, scope FROM agency_names WHERE scope <> '' ORDER BY agency, scope"
        for agency, portal in db.execute(sql).fetchall():
            portals[agency].append(portal)
        return cls(
            as_of,
            read={portal: at for portal, at in readings if shanghai_day(at) <= day},
            failed={portal: one for portal, one in failures if shanghai_day(one[0]) <= day},
            portals=portals,
            unread=unread_rows(db),
        )

    def watched(self, agency: Mapping[str, Any]) -> list[str]:
        """The portals on which an agency may publish, its own first; others only while anybody looks at them."""
        since = (self.as_of - timedelta(days=STALE_DAYS)).isoformat()
        own = [agency["portal"]] if agency["portal"] is not None else []
        others = [portal for portal in self.portals.get(agency["id"], ()) if portal not in own]
        return own + [
            portal for portal in others if max(self.read.get(portal, ""), self.failed.get(portal, ("", ""))[0]) >= since
        ]

    def doubt(self, portal: str, agency: str, year: int, due: date) -> str | None:
        """Why nobody can say that an agency's report is not on a portal; `None` if it isn't."""
        last_read, (failed_at, failed_why) = self.read.get(portal), self.failed.get(portal, ("", ""))
        if last_read is None or shanghai_day(last_read) <= due.isoformat():
            if failed_at > (last_read or ""):
                return f"no complete reading of the lists after the due date; the last pass said: {failed_why}"
            if last_read is None:
                return "the lists have not been read to their end"
            return f"the lists were last read to their end on {shanghai_day(last_read)}"
        if failed_at > last_read:  # the report may be there by now
            return f"not there on {shanghai_day(last_read)}; since then the lists could not be read: {failed_why}"
        for row in self.unread.get((portal, year), ()):
            if row.agency in (None, agency) and shanghai_day(row.since) <= self.as_of.isoformat():
                return row.text
        if (self.as_of - date.fromisoformat(shanghai_day(last_read))).days > fresh_days(self.as_of):
            return f"not there on {shanghai_day(last_read)}, when the lists were last read whole"
        return None


def _judge(agency: Mapping[str, Any], year: int, as_of: date, report: _Known | None, evidence: _Evidence) -> Obligation:
    due = due_date(agency["kind"], year)
    portals = evidence.watched(agency)
    readings = [evidence.read.get(portal) for portal in portals]
    published_on, days_late, reason = None, None, None
    counted = report.published_on if report is not None else None
    is_there = report is not None and (counted or report.first_seen) <= as_of
    if report is not None and is_there:
        published_on = counted or report.first_seen
        if report.is_gone(as_of):
            status = DutyStatus.VANISHED
        elif counted is not None and counted > due:
            status, days_late = DutyStatus.LATE, (counted - due).days
        else:
            status = DutyStatus.PUBLISHED
        reason = _date_reason(report, counted) or _seen_later(report, as_of)
    elif as_of <= due:
        status = DutyStatus.PENDING
    elif not portals:
        status, reason = DutyStatus.UNKNOWN, "no portal is known for this agency"
    else:
        doubts = [(portal, evidence.doubt(portal, agency["id"], year, due)) for portal in portals]
        said = [doubt if len(portals) == 1 else f"{portal}: {doubt}" for portal, doubt in doubts if doubt is not None]
        status, reason = (DutyStatus.UNKNOWN, "; ".join(said)) if said else (DutyStatus.MISSING, None)
    return Obligation(
        agency_id=agency["id"],
        agency=agency["name"],
        kind=agency["kind"],
        region=agency["region"],
        year=year,
        due=due,
        status=status,
        published_on=published_on,
        first_seen=report.first_seen if report is not None and is_there else None,
        days_late=days_late,
        report=report.id if report is not None and is_there else None,
        portal=agency["portal"],
        reason=reason,
        list_read_at=min(filter(None, readings)) if readings and all(readings) else None,
        printed_on=report.printed_on if report is not None and is_there else None,
    )


def _date_reason(report: _Known, counted: date | None) -> str | None:
    if counted is None:
        return "no date is printed; published on or before the day it was first seen"
    if report.printed_on is None:
        return "no date is printed; the day it was first seen counts"
    if counted != report.printed_on:
        return f"printed {report.printed_on.isoformat()}; the day it was first seen is known better"
    return None


def _seen_later(report: _Known, as_of: date) -> str | None:
    return (
        f"first seen on {report.first_seen.isoformat()}; the printed date counts" if report.first_seen > as_of else None
    )


def _reports(db: Database) -> dict[str, dict[int, _Known]]:
    changes: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for change in rows(
        db,
        "SELECT report, at, kind FROM changes WHERE kind IN ('vanished', 'restored') AND is_false_alarm = 0 ORDER BY at",
    ):
        changes[change["report"]].append((date.fromisoformat(shanghai_day(change["at"])), change["kind"]))
    held: dict[str, dict[int, _Known]] = defaultdict(dict)
    for report in rows(db, _REPORTS):
        held[report["agency"]][report["year"]] = _Known(
            id=report["id"],
            printed_on=date.fromisoformat(report["published_on"]) if report["published_on"] else None,
            first_seen=date.fromisoformat(shanghai_day(report["first_seen"])),
            absent_on=date.fromisoformat(shanghai_day(report["absent_at"])) if report["absent_at"] else None,
            changes=tuple(changes.get(report["id"], ())),
        )
    return held


def complete_readings(db: Database) -> dict[str, list[str]]:
    """For each portal, when all its lists were read to their end and gave what was expected.

    A pass in which a report's own page could not be had is not whole, but it has read the lists.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for reading in rows(
        db,
        "SELECT p.portal, min(l.at) AS at FROM portal_passes p JOIN lists l ON l.portal = p.portal AND l.run = p.run "
        "GROUP BY p.portal, p.run HAVING min(l.is_complete) = 1 ORDER BY at",
    ):
        found[reading["portal"]].append(reading["at"])
    return found


def _failures(db: Database) -> dict[str, list[tuple[str, str]]]:
    """The passes that could not read all lists to their end, with the reason; those that were stopped by us are left out."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for failed in rows(
        db,
        "SELECT p.portal, p.at, p.reason FROM portal_passes p LEFT JOIN lists l ON l.portal = p.portal AND l.run = p.run "
        "WHERE p.is_ok = 0 AND coalesce(p.reason, '') NOT LIKE ? "
        "GROUP BY p.portal, p.at, p.run HAVING coalesce(min(l.is_complete), 0) = 0 ORDER BY p.at",
        (f"{INTERRUPTED}%",),
    ):
        found[failed["portal"]].append((failed["at"], failed["reason"] or "failed"))
    return found


def refresh(db: Database) -> None:
    """Fill `obligations` as known on the archive's last day, in the caller's transaction."""
    as_of = latest_date(db)
    db.execute("DELETE FROM obligations")
    if as_of is None:
        return
    for found in list(obligations(db, as_of)):
        db.execute(
            "INSERT INTO obligations (agency, year, kind, region, portal, due, status, published_on, first_seen, days_late, report, "
            "reason, list_read_at, as_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                found.agency_id,
                found.year,
                found.kind,
                found.region,
                found.portal,
                found.due.isoformat(),
                found.status,
                _iso(found.published_on),
                _iso(found.first_seen),
                found.days_late,
                found.report,
                found.reason,
                found.list_read_at,
                as_of.isoformat(),
            ),
        )


def roll_up(found: Iterable[Obligation], by: str) -> list[dict[str, Any]]:
    """Counts by `region` (with its name), `kind`, `year` or `portal`: obligations, each status, and the share published in time of those due."""
    groups: dict[Any, dict[str, int]] = defaultdict(lambda: dict.fromkeys(DutyStatus, 0))
    for obligation in found:
        groups[getattr(obligation, by)][obligation.status] += 1
    table, regions = [], packaged_regions()
    for key in sorted(groups, key=lambda one: (one is None, one)):
        counts = groups[key]
        judged = sum(counts[status] for status in _DECIDED)
        share = round(counts[DutyStatus.PUBLISHED] / judged, 4) if judged else None
        name = {"name": regions[key].name if key in regions else None} if by == "region" else {}
        table.append({by: key, **name, "n": sum(counts.values()), **counts, "share_in_time": share})
    return table


def coverage_statement(db: Database, as_of: date) -> dict[str, Any]:
    """What the archive watches and what it doesn't, on a date: so that nobody takes silence for good news.

    `portals_unread` were never read to their end, or not for `STALE_DAYS` days; `agencies_unwatched` publish on those, or on no
    portal that is known; `agencies_found_only` are there because a report of theirs was found, so their list can't be complete.
    """
    readings = complete_readings(db)
    portals = [portal["id"] for portal in rows(db, "SELECT id FROM portals WHERE state <> 'undefined' ORDER BY id")]
    stale = (as_of - timedelta(days=STALE_DAYS)).isoformat()
    read = {
        portal: max((shanghai_day(at) for at in times if shanghai_day(at) <= as_of.isoformat()), default="")
        for portal, times in readings.items()
    }
    unread = [portal for portal in portals if read.get(portal, "") < stale]
    agencies = rows(db, "SELECT name, portal, region, source FROM agencies ORDER BY name, id")
    watched = {one["region"] for one in agencies if one["region"] and one["portal"] and one["portal"] not in unread}
    counties = {found["code"] for found in rows(db, "SELECT code FROM regions WHERE level = 'county'")}
    return {
        "as_of": as_of.isoformat(),
        "portals": len(portals),
        "portals_unread": unread,
        "agencies": len(agencies),
        "agencies_found_only": sum(one["source"] == "found" for one in agencies),
        "agencies_without_portal": [one["name"] for one in agencies if one["portal"] is None],
        "agencies_unwatched": [one["name"] for one in agencies if one["portal"] is None or one["portal"] in unread],
        "regions_watched": sorted(watched),
        "counties_in_standard": len(counties),
        "counties_watched": len(watched & counties),
    }


def coverage_text(coverage: Mapping[str, Any]) -> str:
    """The coverage statement in words, for the foot of a table."""
    unread, portals = len(coverage["portals_unread"]), coverage["portals"]
    return (
        f"Coverage on {coverage['as_of']}: {portals - unread} of {portals} portals were read to their end within {STALE_DAYS} days; "
        f"{len(coverage['agencies_unwatched'])} of {coverage['agencies']} agencies are not watched; "
        f"{coverage['agencies_found_only']} are known only because a report was found, so silent ones beside them stay unknown; "
        f"{coverage['counties_watched']} of {coverage['counties_in_standard']} counties of GB/T 2260 are watched at all."
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
