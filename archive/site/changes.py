"""Changes as the site shows them: with the agency's name and the figures before and after."""

from __future__ import annotations

from typing import Any

from archive.site.view import rows

SELECT = """
select c.id, c.report, c.kind, c.at, c.from_version, c.to_version, c.url, c.text_added, c.text_removed,
  a.name as agency, a.id as agency_id, r.year, r.title
from changes c join reports r on r.id = c.report join agencies a on a.id = r.agency
where c.is_false_alarm = 0 {where} order by c.at desc, c.id desc limit :limit offset :offset
"""


async def change_rows(
    datasette: Any, *, where: str = "", parameters: dict[str, Any] | None = None, limit: int = 50, offset: int = 0
) -> list[dict[str, Any]]:
    """The latest changes, newest first; `where` is a condition on the columns of the query, beginning with `and`."""
    found = await rows(datasette, SELECT.format(where=where), {**(parameters or {}), "limit": limit, "offset": offset})
    for change in found:
        change["figures"] = await rows(
            datasette,
            'select "table", "row", "column", before, after from figure_changes where change = :change '
            'order by "table", "row", "column" limit 20',
            {"change": change["id"]},
        )
    return found
