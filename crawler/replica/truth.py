"""What a harvest should have found out: the answers that a world gives, for scoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from archive.clock import SHANGHAI
from crawler.replica.generator import due
from crawler.replica.world import EventKind

if TYPE_CHECKING:
    from crawler.replica.world import Agency, Publication, World


@dataclass(frozen=True, slots=True)
class Duty:
    """One agency's duty for one report year, as it truly stands at the end of a day.

    `status` is published, late, missing, pending, vanished or none (owes nothing: merged, closed, or outside its years); `appeared_on` is the day on which the report
    really appeared, `printed_on` the day that it claims.
    """

    agency: str
    portal: str
    year: int
    due: date
    status: str
    appeared_on: date | None = None
    printed_on: date | None = None


def duties(world: World, year: int, as_of: date) -> list[Duty]:
    """Every agency's duty for a report year at the end of a day, Asia/Shanghai."""
    end = datetime.combine(as_of + timedelta(days=1), time(), SHANGHAI)
    return [_duty(world, portal.id, agency, year, as_of, end) for portal in world.portals for agency in portal.agencies]


def _duty(world: World, portal: str, agency: Agency, year: int, as_of: date, end: datetime) -> Duty:
    last = due(agency.kind, year)
    appeared: date | None = None
    printed: date | None = None
    is_gone = has_ended = False
    keys: set[str] = set()
    for event in world.events:
        if event.portal != portal or event.at >= end:
            continue
        if event.publication is not None and event.publication.report is not None:
            if appeared is None and _is_report_of(event.publication, agency, year):
                keys.add(event.key)
                appeared, printed = event.at.astimezone(SHANGHAI).date(), event.publication.printed_on
        elif event.key in keys and event.kind in (EventKind.WITHDRAW, EventKind.RESTORE):
            is_gone = event.kind is EventKind.WITHDRAW
        elif event.kind in (EventKind.MERGE, EventKind.CLOSE) and event.key == agency.name:
            has_ended = event.at.astimezone(SHANGHAI).date() <= last
    owes_nothing = has_ended or _is_outside(agency, year)
    return Duty(
        agency.name, portal, year, last, _status(appeared, last, as_of, is_gone, owes_nothing), appeared, printed
    )


def _is_report_of(publication: Publication, agency: Agency, year: int) -> bool:
    report = publication.report
    return report is not None and publication.agency == agency.name and report.year == year


def _is_outside(agency: Agency, year: int) -> bool:
    """Whether an agency did not report yet, or no longer, for a year."""
    return (agency.until is not None and year > agency.until) or (agency.since is not None and year < agency.since)


def _status(appeared: date | None, last: date, as_of: date, is_gone: bool, owes_nothing: bool) -> str:
    if appeared is not None:
        return "vanished" if is_gone else "late" if appeared > last else "published"
    if owes_nothing:
        return "none"
    return "pending" if as_of <= last else "missing"


def blocked(world: World, portal: str, moment: datetime) -> bool:
    """Whether a portal turns visitors away at a moment."""
    return world.timeline(portal).at(moment).fault != ""
