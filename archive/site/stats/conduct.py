"""What is counted of reports and obligations themselves, where it is no figure of a table: who published when, revised, contradicted himself.

Nothing is concluded from what was not looked at: a first sight is a publication day only if the list was read shortly before it, a report that
was looked at once can't be known to be unrevised, one that was not read in full can't be known to be sound.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from archive.clock import shanghai_day, utc_text
from archive.index.codes import DutyStatus
from archive.index.facts import DISPUTED, NONE, USED
from archive.index.indicators import INDICATORS, Indicator
from archive.site.stats.basis import Unit, areas_of
from archive.site.stats.facts import IndicatorColumn, ReportFacts

#: A first sight is a day of publication if the list was read to its end so many days before it, and didn't have the report.
FRESH_DAYS = 7
_REPORTS = """
select r.id, r.portal, r.form, r.first_seen, r.last_seen, v.published_on, v.coverage, o.due,
  exists (select 1 from findings f where f.report = r.id and f.version = r.version and f.severity = 'error' and f.status <> 'dismissed') as is_contradictory,
  exists (select 1 from findings f where f.report = r.id and f.version = r.version and f."check" = 'backdated' and f.status <> 'dismissed') as is_backdated,
  exists (select 1 from changes c join figure_changes k on k.change = c.id where c.report = r.id and c.kind = 'revised' and c.is_false_alarm = 0) as is_revised
from reports r join versions v on v.report = r.id and v.version = r.version
left join obligations o on o.agency = r.agency and o.year = r.year where r.version > 0 order by r.id
"""
_READINGS = "select portal, at from lists where is_complete = 1 order by portal, at"
_OBLIGATIONS = "select agency, year, status, report from obligations where status <> 'pending' order by agency, year"
#: Value and state of an indicator in one report.
_Value = tuple[float, int]


def publication_day(report: Mapping[str, Any], readings: list[str]) -> _Value:
    """Days from the due date to the printed date or the first sight, whichever is earlier.

    Args:
        report: `due`, `published_on` (days), `first_seen` (UTC), `is_backdated`.
        readings: When the portal's lists were read to their end (UTC), in order.
    """
    seen = str(report["first_seen"])
    since = utc_text(datetime.fromisoformat(seen) - timedelta(days=FRESH_DAYS))
    place = bisect_left(readings, since)
    was_read = place < len(readings) and readings[place] < seen
    days = [report["published_on"]] if report["published_on"] else []
    days += [shanghai_day(seen)] if was_read else []
    if not days or not report["due"]:
        return 0.0, NONE
    late = (date.fromisoformat(min(days)) - date.fromisoformat(report["due"])).days
    return float(late), DISPUTED if report["is_backdated"] else USED


def revised(report: Mapping[str, Any], _: list[str]) -> _Value:
    """Whether a figure was changed after publication, of what was looked at twice."""
    return float(report["is_revised"]), USED if report["last_seen"] > report["first_seen"] else NONE


def contradictory(report: Mapping[str, Any], _: list[str]) -> _Value:
    """Whether an error finding stands, of what was read in full."""
    tables = json.loads(report["coverage"]).values()
    is_whole = bool(tables) and report["form"] is not None and all(bound >= expected for bound, expected in tables)
    return float(report["is_contradictory"]), USED if is_whole else NONE


#: By `Indicator.counts`.
_OF_REPORTS: Mapping[str, Callable[[Mapping[str, Any], list[str]], _Value]] = {
    "publication_day": publication_day,
    "revised": revised,
    "contradictory": contradictory,
}
_OF_DUTIES = {
    "on_time": frozenset({DutyStatus.PUBLISHED}),
    "missing": frozenset({DutyStatus.MISSING, DutyStatus.VANISHED}),
}


def add_conduct(facts: ReportFacts, connection: Any) -> None:
    """Fill in, for the reports of the facts, the indicators that no figure of a table makes."""
    readings: dict[str, list[str]] = {}
    for portal, at in connection.execute(_READINGS):
        readings.setdefault(portal, []).append(at)
    numbers = {report: number for number, report in enumerate(facts.reports)}
    wanted = [(facts.columns[item.code], _OF_REPORTS[item.counts]) for item in INDICATORS if item.counts in _OF_REPORTS]
    none: list[str] = []
    cursor = connection.execute(_REPORTS)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        report = dict(zip(names, row, strict=True))
        number = numbers.get(report["id"])
        if number is None:
            continue
        for column, judge in wanted:
            column.numerators[number], column.states[number] = judge(report, readings.get(report["portal"], none))
            column.denominators[number] = 1.0


def owed(connection: Any, units: Mapping[str, Unit | None], names: dict[str, str]) -> ReportFacts:
    """The obligations in place of reports: each counts, but those of which nobody knows."""
    wanted = [item for item in INDICATORS if item.is_of_duties]
    rows = [tuple(row) for row in connection.execute(_OBLIGATIONS)]
    statuses = [row[2] for row in rows]
    found = ReportFacts(
        reports=[row[3] or "" for row in rows],
        versions=array("l", bytes(array("l").itemsize * len(rows))),
        agencies=[row[0] for row in rows],
        years=array("l", (row[1] for row in rows)),
        units=[units.get(row[0]) for row in rows],
        columns={item.code: _column_of_duties(item, statuses) for item in wanted},
        names=names,
        statuses=statuses,
    )
    _place(found, areas_of(units))
    return found


def _place(found: ReportFacts, areas: Mapping[str, tuple[str, ...]]) -> None:
    """Enter the basis of each obligation, and in which areas it is."""
    found.bases = [unit.kind if unit is not None else "" for unit in found.units]
    for number, agency in enumerate(found.agencies):
        for area in areas.get(agency, ()):
            found.places.setdefault((found.bases[number], area), []).append(number)


def _column_of_duties(item: Indicator, statuses: list[str]) -> IndicatorColumn:
    meant = _OF_DUTIES[item.counts]
    return IndicatorColumn(
        array("d", (float(status in meant) for status in statuses)),
        array("d", (1.0,)) * len(statuses),
        bytearray(NONE if status == DutyStatus.UNKNOWN else USED for status in statuses),
    )
