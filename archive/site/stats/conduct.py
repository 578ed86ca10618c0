"""What is counted of reports and obligations themselves, where it is no figure of a table: who published when, revised, contradicted himself.

Nothing is concluded from what was not looked at: a first sight is a publication day only if the list was read shortly before it, a report that
was looked at once can't be known to be unrevised, one that was not read in full can't be known to be sound.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from archive.clock import shanghai_day, utc_text
from archive.index.codes import DutyStatus
from archive.index.facts import DISPUTED, NONE, USED, IndicatorColumn
from archive.index.indicators import INDICATORS, Indicator
from archive.site.stats.basis import Unit, areas_of
from archive.site.stats.facts import ReportFacts, plain_rows

#: A first sight is a day of publication if the list was read to its end so many days before it, and didn't have the report.
FRESH_DAYS = 7
_REPORTS = """
select r.id, r.portal, r.form, r.first_seen, r.last_seen, v.published_on, v.coverage, o.due
from reports r join versions v on v.report = r.id and v.version = r.version
left join obligations o on o.agency = r.agency and o.year = r.year where r.version > 0
"""
_BACKDATED = """
select f.report from findings f join reports r on r.id = f.report and r.version = f.version
where f."check" = 'backdated' and f.status <> 'dismissed'
"""
_REVISED = """
select c.report from changes c where c.kind = 'revised' and c.is_false_alarm = 0 and exists (select 1 from figure_changes k where k.change = c.id)
"""
_READINGS = "select portal, at from lists where is_complete = 1 order by portal, at"
_OBLIGATIONS = "select agency, year, status, report from obligations where status <> 'pending' order by agency, year"
#: Value and state of an indicator in one report.
_Value = tuple[float, int]


class ReportConduct(NamedTuple):  # no dataclass: there is one for each report of the archive
    """What is known of a report itself.

    Attributes:
        form: The form of its tables, `None` for none of ours.
        first_seen: UTC text, as `last_seen`.
        published_on: The printed day.
        coverage: JSON by table: figures that were bound and figures that the form has.
        due: The day; `None` where nobody owed it.
        readings: When the portal's lists were read to their end (UTC), in order.
        is_contradictory: An error finding stands against the current version; `is_backdated`, that one; `is_revised`, a figure was changed.
    """

    form: str | None
    first_seen: str
    last_seen: str
    published_on: str | None
    coverage: str
    due: str | None
    readings: list[str]
    is_contradictory: bool
    is_backdated: bool
    is_revised: bool


def publication_day(report: ReportConduct) -> _Value:
    """Days from the due date to the printed date or the first sight, whichever is earlier."""
    seen = report.first_seen
    before = bisect_left(report.readings, seen)  # the last reading before the first sight
    was_read = before > 0 and report.readings[before - 1] >= utc_text(
        datetime.fromisoformat(seen) - timedelta(days=FRESH_DAYS)
    )
    days = [report.published_on] if report.published_on else []
    days += [shanghai_day(seen)] if was_read else []
    if not days or not report.due:
        return 0.0, NONE
    return _days_between(report.due, min(days)), DISPUTED if report.is_backdated else USED


@lru_cache(maxsize=8192)
def _days_between(due: str, day: str) -> float:
    return float((date.fromisoformat(day) - date.fromisoformat(due)).days)


def revised(report: ReportConduct) -> _Value:
    """Whether a figure was changed after publication, of what was looked at twice."""
    return float(report.is_revised), USED if report.last_seen > report.first_seen else NONE


def contradictory(report: ReportConduct) -> _Value:
    """Whether an error finding stands, of what was read in full."""
    return float(report.is_contradictory), USED if report.form is not None and _is_whole(report.coverage) else NONE


@lru_cache(maxsize=1024)
def _is_whole(coverage: str) -> bool:
    tables = json.loads(coverage).values()
    return bool(tables) and all(bound >= expected for bound, expected in tables)


#: By `Indicator.counts`.
_OF_REPORTS: Mapping[str, Callable[[ReportConduct], _Value]] = {
    "publication_day": publication_day,
    "revised": revised,
    "contradictory": contradictory,
}
_OF_DUTIES = {
    "on_time": frozenset({DutyStatus.PUBLISHED}),
    "missing": frozenset({DutyStatus.MISSING, DutyStatus.VANISHED}),
}


def add_conduct(facts: ReportFacts, connection: Any, contradictory_ones: Collection[str]) -> None:
    """Fill in, for the reports of the facts, the indicators that no figure of a table makes.

    Args:
        contradictory_ones: Reports against whose current version an error finding stands.
    """
    readings: dict[str, list[str]] = {}
    for portal, at in plain_rows(connection, _READINGS):
        readings.setdefault(portal, []).append(at)
    is_backdated = {row[0] for row in plain_rows(connection, _BACKDATED)}
    is_revised = {row[0] for row in plain_rows(connection, _REVISED)}
    numbers = {report: number for number, report in enumerate(facts.reports)}
    columns = {item.counts: _empty(facts, item) for item in INDICATORS if not item.parts}
    wanted = [(columns[counts], judge) for counts, judge in _OF_REPORTS.items()]
    none: list[str] = []
    for report, portal, form, first, last, printed, coverage, due in plain_rows(connection, _REPORTS):
        number = numbers.get(report)
        if number is None:
            continue
        known = ReportConduct(
            form, first, last, printed, coverage, due, readings.get(portal, none), report in contradictory_ones,
            report in is_backdated, report in is_revised,
        )  # fmt: skip
        for column, judge in wanted:
            column.numerators[number], column.states[number] = judge(known)


def _empty(facts: ReportFacts, item: Indicator) -> IndicatorColumn:
    """A column without a value yet."""
    size = len(facts.reports)
    column = IndicatorColumn(array("d", bytes(8 * size)), array("d", (1.0,)) * size, bytearray((NONE,)) * size)
    facts.columns[item.code] = column
    return column


def owed(connection: Any, units: Mapping[str, Unit | None], names: dict[str, str]) -> ReportFacts:
    """The obligations in place of reports: each counts, but those of which nobody knows."""
    wanted = [item for item in INDICATORS if item.is_of_duties]
    rows = list(plain_rows(connection, _OBLIGATIONS))
    statuses = [row[2] for row in rows]
    of_agency = [units.get(row[0]) for row in rows]
    found = ReportFacts(
        reports=[row[3] or "" for row in rows],
        versions=array("l", bytes(array("l").itemsize * len(rows))),
        agencies=[row[0] for row in rows],
        years=array("l", [row[1] for row in rows]),
        units=of_agency,
        bases=[unit.kind if unit is not None else "" for unit in of_agency],
        columns={item.code: _column_of_duties(item, statuses) for item in wanted},
        names=names,
        statuses=statuses,
    )
    found.place(_groups(found, areas_of(units)))
    return found


def _groups(found: ReportFacts, areas: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, tuple[str, ...]], list[int]]:
    """Numbers of obligations by their basis and the areas that they are in."""
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for number, (agency, basis) in enumerate(zip(found.agencies, found.bases, strict=True)):
        groups.setdefault((basis, areas.get(agency, ())), []).append(number)
    return groups


def _column_of_duties(item: Indicator, statuses: list[str]) -> IndicatorColumn:
    meant = _OF_DUTIES[item.counts]
    return IndicatorColumn(
        array("d", (float(status in meant) for status in statuses)),
        array("d", (1.0,)) * len(statuses),
        bytearray(NONE if status == DutyStatus.UNKNOWN else USED for status in statuses),
    )
