"""The front page: what this is, how much it holds, the season's state, the latest changes, coverage by province."""

from __future__ import annotations

import math
from typing import Any, TypedDict

from archive.index.codes import DutyStatus
from archive.index.rows import of_type
from archive.site.changes import change_rows
from archive.site.memory import steady
from archive.site.pages.missing import MARKS
from archive.site.pages.stats import glance
from archive.site.provinces import provinces
from archive.site.view import last_day, render
from extract.lexicon.organs import KINDS

COUNTS = """
select (select count(*) from reports) as reports, (select count(distinct agency) from reports) as agencies,
  (select count(*) from captures) as captures,
  (select count(*) from changes where kind = 'revised' and is_false_alarm = 0) as revised,
  (select count(*) from reports where status = 'vanished') as vanished,
  (select count(*) from findings where status <> 'dismissed')
  - (select count(*) from reports r cross join findings f on f.report = r.id and f.version <> r.version
    where r.version > 1 and f.status <> 'dismissed') as findings
"""
SEASON = """
select kind, status, count(*) as n from obligations where year = (select max(year) from obligations) group by kind, status
"""
PROVINCES = """
with held as (
  select substr(a.region, 1, 2) as stem, count(*) as reports from reports r join agencies a on a.id = r.agency group by 1
)
select p.code, p.name, coalesce(h.reports, 0) as reports from regions p left join held h on h.stem = substr(p.code, 1, 2)
where p.level = 'province' order by p.code
"""
SHADES = 4


async def home(datasette: Any, request: Any) -> Any:
    """The front page."""
    counts = (await steady(datasette, COUNTS))[0]
    duties = await steady(datasette, SEASON)
    season: dict[str, dict[str, int]] = {}
    for kind in KINDS:
        counted = {row["status"]: row["n"] for row in duties if row["kind"] == kind}
        if counted:
            season[kind] = counted
    sums: dict[str, int] = {status: sum(counted.get(status, 0) for counted in season.values()) for status in DutyStatus}
    year = (await steady(datasette, "select max(year) as year from obligations"))[0]["year"]
    return await render(
        datasette,
        request,
        "home.html",
        {
            "counts": counts,
            "season": season,
            "season_year": year,
            "season_as_of": await last_day(datasette) if duties else "",
            "season_statuses": [status for status in DutyStatus if sums[status]],
            "season_bars": season_bars(sums),
            "marks": MARKS,
            "changes": await change_rows(datasette, limit=8),
            "provinces": tiles(of_type(ProvinceCount, await steady(datasette, PROVINCES))),
            **(await glance(datasette, request) or {"cards": []}),
        },
        section="home",
    )


def season_bars(sums: dict[str, int]) -> list[dict[str, object]]:
    """Shares of a bar of 1000, in the order of the statuses."""
    whole = sum(sums.values()) or 1
    bars: list[dict[str, object]] = []
    start = 0.0
    for status, number in sums.items():
        if number:
            width = 1000 * number / whole
            bars.append({"status": status, "x": round(start, 2), "width": round(width, 2)})
            start += width
    return bars


class ProvinceCount(TypedDict):
    """A province, and how many reports its agencies have."""

    code: str
    name: str
    reports: int


def tiles(held: list[ProvinceCount]) -> list[dict[str, object]]:
    """A tile for each province that the register knows: names, place, number of reports and a shade (0 for none) by its square root."""
    most = max((row["reports"] for row in held), default=0)
    found = []
    for row in held:
        place = provinces().get(row["code"])
        if place is None:
            continue
        shade = math.ceil(SHADES * math.sqrt(row["reports"] / most)) if row["reports"] else 0
        names = {"short": place.short, "en": place.en, "iso": place.iso, "x": place.x, "y": place.y}
        found.append({**row, **names, "shade": shade})
    return found


ROUTES = ((r"^/$", home),)
