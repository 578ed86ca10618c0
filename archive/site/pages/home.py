"""The front page: what this is, how much it holds, the season's state, the latest changes, coverage by province."""

from __future__ import annotations

from typing import Any

from archive.site.changes import change_rows
from archive.site.memory import steady
from archive.site.view import render

COUNTS = """
select (select count(*) from reports) as reports, (select count(distinct agency) from reports) as agencies,
  (select count(*) from versions) as versions, (select count(*) from captures) as captures,
  (select count(*) from findings where status <> 'dismissed') as findings, (select min(year) from reports) as first_year,
  (select max(year) from reports) as last_year
"""
SEASON = """
select status, count(*) as n from obligations where year = (select max(year) from obligations) group by status
"""
PROVINCES = """
with held as (
  select substr(a.region, 1, 2) as stem, count(*) as reports from reports r join agencies a on a.id = r.agency group by 1
)
select p.code, p.name, coalesce(h.reports, 0) as reports from regions p left join held h on h.stem = substr(p.code, 1, 2)
where p.level = 'province' order by p.code
"""


async def home(datasette: Any, request: Any) -> Any:
    """The front page."""
    counts = (await steady(datasette, COUNTS))[0]
    season = {row["status"]: row["n"] for row in await steady(datasette, SEASON)}
    year = (await steady(datasette, "select max(year) as year from obligations"))[0]["year"]
    return await render(
        datasette,
        request,
        "home.html",
        {
            "counts": counts,
            "season": season,
            "season_year": year,
            "changes": await change_rows(datasette, limit=8),
            "provinces": await steady(datasette, PROVINCES),
        },
    )


ROUTES = ((r"^/$", home),)
