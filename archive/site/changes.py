"""Changes as the site shows them: with the agency's name and the figures before and after."""

from __future__ import annotations

import json
from typing import Any, TypedDict

from archive.index.rows import Parameters, of_type
from archive.site.view import rows

SELECT = """
select c.id, c.report, c.kind, c.at, c.from_version, c.to_version, c.url, c.text_added, c.text_removed,
  a.name as agency, a.id as agency_id, r.year, r.title, (select p.name from portals p where p.id = r.portal) as portal_name,
  (select count(*) from figure_changes f where f.change = c.id) as figures_changed,
  (select o.name from versions v join captures k on k.id = v.capture join origins o on o.id = k.origin
   where v.report = c.report and v.version = c.to_version and c.kind in ('published', 'revised')) as origin
from {source}
where c.is_false_alarm = 0 {where} order by c.at desc, c.id desc limit :limit offset :offset
"""


#: From the newest on, which ends soon if many changes are wanted; or from the agencies, if their changes are few among many.
BY_TIME = "changes c join reports r on r.id = c.report join agencies a on a.id = r.agency"
BY_AGENCY = "agencies a cross join reports r on r.agency = a.id cross join changes c on c.report = r.id"
FIGURES = """
select change, "table", "row", "column", before, after from (
  select f.*, row_number() over (partition by change order by "table", "row", "column") as place from figure_changes f
  where change in (select value from json_each(:changes))
) where place <= 20 order by change, place
"""


class ChangedFigure(TypedDict):
    """A figure before and after a change."""

    change: str
    table: str
    row: str
    column: str
    before: float | None
    after: float | None


class _Change(TypedDict):
    id: str
    report: str
    kind: str
    at: str
    from_version: int | None
    to_version: int | None
    url: str
    text_added: int
    text_removed: int
    agency: str
    agency_id: str
    year: int
    title: str | None
    portal_name: str | None
    figures_changed: int
    origin: str | None


class SiteChange(_Change, total=False):
    """A change with its report and agency, and some of its figures."""

    figures: list[ChangedFigure]


async def changes_since(
    datasette: Any, at: str, *, where: str = "", parameters: Parameters | None = None, most: int
) -> int:
    """How many changes there are since a time (UTC text), counted up to `most`; `where` as for `change_rows`."""
    counted = f"select count(*) as n from (select 1 from {BY_TIME} where c.is_false_alarm = 0 and c.at >= :since {where} limit :most)"
    found = await rows(datasette, counted, {**(parameters or {}), "since": at, "most": most})
    return int(found[0]["n"])


async def change_rows(
    datasette: Any,
    *,
    where: str = "",
    parameters: Parameters | None = None,
    limit: int = 50,
    offset: int = 0,
    are_few: bool = False,
) -> list[SiteChange]:
    """The latest changes, newest first, each with at most twenty figures.

    Args:
        where: A condition on the columns of the query, beginning with `and`.
        are_few: The condition is on agencies and leaves few changes.
    """
    sql = SELECT.format(where=where, source=BY_AGENCY if are_few else BY_TIME)
    found = of_type(SiteChange, await rows(datasette, sql, {**(parameters or {}), "limit": limit, "offset": offset}))
    by_change: dict[str, list[ChangedFigure]] = {change["id"]: [] for change in found}
    wanted = json.dumps([change["id"] for change in found if change["kind"] == "revised"])
    for figure in of_type(ChangedFigure, await rows(datasette, FIGURES, {"changes": wanted}) if wanted != "[]" else []):
        by_change[figure["change"]].append(figure)
    for change in found:
        change["figures"] = by_change[change["id"]]
    return found
