"""What a harvest should have found out: the answers that a world gives, for scoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from archive.clock import SHANGHAI
from crawler.replica.generator import due
from crawler.replica.world import EventKind

if TYPE_CHECKING:
    from crawler.replica.world import Agency, World


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
    is_gone = ended = False
    keys: set[str] = set()
    for event in world.events:
        if event.portal != portal or event.at >= end:
            continue
        publication = event.publication
        if publication is not None and publication.report is not None:
            if publication.agency == agency.name and publication.report.year == year and appeared is None:
                keys.add(event.key)
                appeared, printed = event.at.astimezone(SHANGHAI).date(), publication.printed_on
        elif event.key in keys and event.kind in (EventKind.WITHDRAW, EventKind.RESTORE):
            is_gone = event.kind is EventKind.WITHDRAW
        elif event.kind in (EventKind.MERGE, EventKind.CLOSE) and event.key == agency.name:
            ended = event.at.astimezone(SHANGHAI).date() <= last
    ended |= (agency.until is not None and year > agency.until) or (agency.since is not None and year < agency.since)
    if appeared is None:
        status = "none" if ended else "pending" if as_of <= last else "missing"
    elif is_gone:
        status = "vanished"
    else:
        status = "late" if appeared > last else "published"
    return Duty(agency.name, portal, year, last, status, appeared, printed)


def blocked(world: World, portal: str, moment: datetime) -> bool:
    """Whether a portal turns visitors away at a moment."""
    return world.timeline(portal).at(moment).fault != ""
