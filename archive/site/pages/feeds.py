"""Feeds of changes, of all, a region or an agency, the calendar of due dates, robots.txt and the sitemap."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from archive.clock import utc_text
from archive.index.codes import DutyStatus
from archive.publish.feeds import atom_feed, due_calendar
from archive.site.changes import change_rows, changes_since
from archive.site.errors import not_found
from archive.site.http.addresses import path_of
from archive.site.state import site_url
from archive.site.view import last_day, rows
from extract.lexicon.organs import due_date
from extract.lexicon.regions import region_stem

#: A feed has so many changes at least, and all of its last days up to a bound: a night in season may bring hundreds at once.
LENGTH = 100
RECENT_DAYS = 3
MOST = 1000
#: Duties whose report nobody has seen so far; one that vanished was seen.
UNSEEN = (DutyStatus.MISSING, DutyStatus.PENDING, DutyStatus.UNKNOWN)


async def changes_feed(datasette: Any, request: Any) -> Any:
    """All changes, or those of a region (by the beginning of its code) or an agency."""
    from datasette import Response

    region, agency = request.url_vars.get("region"), request.url_vars.get("agency")
    title, where, parameters = "年报档案：变动", "", {}
    if region:
        named = await rows(datasette, "select name from regions where code = :code", {"code": region})
        if not named:
            return await not_found(datasette, request)
        title, where = f"{title}（{named[0]['name']}）", "and a.region like :region"
        parameters = {"region": region_stem(region) + "%"}
    elif agency:
        named = await rows(datasette, "select name from agencies where id = :id", {"id": agency})
        if not named:
            return await not_found(datasette, request)
        title, where, parameters = f"{title}（{named[0]['name']}）", "and a.id = :agency", {"agency": agency}
    before = request.args.get("before")
    if before:
        where += " and (c.at, c.id) < (select at, id from changes where id = :before)"
        parameters["before"] = before
    found = await change_rows(
        datasette, where=where, parameters=parameters, limit=LENGTH + 1, are_few=agency is not None
    )
    length = LENGTH
    if not before and len(found) > LENGTH and found[LENGTH]["at"] >= _some_days_before(found[0]["at"]):
        since = _some_days_before(found[0]["at"])
        length = await changes_since(datasette, since, where=where, parameters=parameters, most=MOST)
        found = await change_rows(datasette, where=where, parameters=parameters, limit=length + 1)
    more, found = len(found) > length, found[:length]
    newest = await rows(datasette, "select coalesce(max(ended_at), '1970-01-01T00:00:00Z') as at from runs")
    body = atom_feed(
        found,
        base=site_url(datasette),
        path=path_of(request),
        title=title,
        updated=found[0]["at"] if found else newest[0]["at"],
        older=f"{path_of(request)}?before={quote(found[-1]['id'])}" if more else None,
    )
    return Response(body, content_type="application/atom+xml; charset=utf-8")


def _some_days_before(at: str) -> str:
    """The beginning of a feed's last days, in UTC text."""
    return utc_text(datetime.fromisoformat(at) - timedelta(days=RECENT_DAYS))


async def calendar(datasette: Any, request: Any) -> Any:
    """The due dates that the archive knows of."""
    from datasette import Response

    duties = await rows(
        datasette,
        "select due, year, kind, count(*) as agencies, sum(status in (select value from json_each(:unseen))) as open "
        "from obligations group by 1, 2, 3 order by 1, 3",
        {"unseen": json.dumps(UNSEEN)},
    )
    duties += await _coming(datasette)
    body = due_calendar(duties, base=site_url(datasette), now=datetime.now(UTC))
    return Response(body, content_type="text/calendar; charset=utf-8")


async def _coming(datasette: Any) -> list[dict[str, object]]:
    """The due dates of the reports for the year that is under way: nobody owes them yet, everybody should have them in the diary."""
    last = await last_day(datasette)
    if not last:
        return []
    year = int(last[:4])
    sql = """select kind, count(*) as agencies from agencies
        where coalesce(until, :year) >= :year and coalesce(since, :year) <= :year group by kind order by kind"""
    return [
        {
            "due": due_date(found["kind"], year).isoformat(),
            "year": year,
            "kind": found["kind"],
            "agencies": found["agencies"],
            "open": found["agencies"],
        }
        for found in await rows(datasette, sql, {"year": year})
    ]


async def robots(datasette: Any, request: Any) -> Any:
    """What crawlers may read: pages, not every combination of facets, and not the archived originals."""
    from datasette import Response

    text = (
        "User-agent: *\nDisallow: /search?\nDisallow: /search.\nDisallow: /view/\nDisallow: /raw/\nDisallow: /web/\nDisallow: /timegate/\nDisallow: /timemap/\nDisallow: /ogi/sql\n"
        f"Sitemap: {site_url(datasette)}/sitemap.xml\n"
    )
    return Response(text, content_type="text/plain; charset=utf-8")


ROUTES = (
    (r"^/feeds/changes\.atom$", changes_feed),
    (r"^/feeds/region/(?P<region>[0-9]{6})\.atom$", changes_feed),
    (r"^/feeds/agency/(?P<agency>[A-Za-z0-9-]+)\.atom$", changes_feed),
    (r"^/calendar\.ics$", calendar),
    (r"^/robots\.txt$", robots),
)
