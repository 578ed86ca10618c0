"""Duties as a whole: counts by region, kind, year or portal, and what the archive watches and what it doesn't."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from archive.clock import shanghai_day
from archive.duties.judge import STALE_DAYS
from archive.index import duties
from archive.index.codes import DutyStatus
from extract.lexicon.regions import packaged_regions
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlite_utils import Database

    from archive.duties.judge import Obligation
    from archive.index.types import JsonObject

#: What can be stated of a duty that is due; the others are open.
_DECIDED = (DutyStatus.PUBLISHED, DutyStatus.LATE, DutyStatus.MISSING, DutyStatus.VANISHED)


def roll_up(found: Iterable[Obligation], by: str) -> list[JsonObject]:
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


def coverage_statement(db: Database, as_of: date) -> JsonObject:
    """What the archive watches and what it doesn't, on a date: so that missing data is not read as compliance.

    `portals_unread` were never read to their end, or not for `STALE_DAYS` days; `agencies_unwatched` publish on those, or on no
    portal that is known; `agencies_found_only` are there because a report of theirs was found, so their list can't be complete.
    """
    readings = duties.complete_readings(db)
    portals = duties.defined_portals(db)
    stale = (as_of - timedelta(days=STALE_DAYS)).isoformat()
    read = {
        portal: max((shanghai_day(at) for at in times if shanghai_day(at) <= as_of.isoformat()), default="")
        for portal, times in readings.items()
    }
    unread = [portal for portal in portals if read.get(portal, "") < stale]
    agencies = duties.agencies(db)
    watched = {one.region for one in agencies if one.region and one.portal and one.portal not in unread}
    counties = duties.county_codes(db)
    return {
        "as_of": as_of.isoformat(),
        "portals": len(portals),
        "portals_unread": unread,
        "agencies": len(agencies),
        "agencies_found_only": sum(one.source == "found" for one in agencies),
        "agencies_without_portal": [one.name for one in agencies if one.portal is None],
        "agencies_unwatched": [one.name for one in agencies if one.portal is None or one.portal in unread],
        "regions_watched": sorted(watched),
        "counties_in_standard": len(counties),
        "counties_watched": len(watched & counties),
    }


def coverage_text(coverage: Mapping[str, Any]) -> str:
    """The coverage statement in words, for the foot of a table."""
    unread, portals = len(coverage["portals_unread"]), coverage["portals"]
    return localizable(
        f"Coverage on {coverage['as_of']}: {portals - unread} of {portals} portals were read to their end within {STALE_DAYS} days; "
        f"{len(coverage['agencies_unwatched'])} of {coverage['agencies']} agencies are not watched; "
        f"{coverage['agencies_found_only']} are known only because a report was found, so silent ones beside them stay unknown; "
        f"{coverage['counties_watched']} of {coverage['counties_in_standard']} counties of GB/T 2260 are watched at all."
    )
