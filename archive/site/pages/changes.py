"""The stream of changes, with filters."""

from __future__ import annotations

from typing import Any

from archive.register import region_stem
from archive.site.changes import change_rows
from archive.site.memory import steady
from archive.site.view import render

PAGE_SIZE = 50
KINDS = ("published", "revised", "vanished", "restored", "moved", "delisted")


async def changes(datasette: Any, request: Any) -> Any:
    """The changes, newest first, by kind, region and agency."""
    conditions, parameters = [], {}
    kind = request.args.get("kind")
    if kind in KINDS:
        conditions.append("and c.kind = :kind")
        parameters["kind"] = kind
    region = (request.args.get("region") or "")[:6]
    if region.isdigit():
        conditions.append("and a.region like :region")
        parameters["region"] = region_stem(region) + "%"
    agency = request.args.get("agency")
    if agency:
        conditions.append("and a.id = :agency")
        parameters["agency"] = agency
    page_text = request.args.get("page") or "1"
    page = max(1, min(1000, int(page_text))) if page_text.isdigit() else 1
    found = await change_rows(
        datasette,
        where=" ".join(conditions),
        parameters=parameters,
        limit=PAGE_SIZE + 1,
        offset=(page - 1) * PAGE_SIZE,
    )
    counts = await steady(datasette, "select kind, count(*) as n from changes where is_false_alarm = 0 group by kind")
    return await render(
        datasette,
        request,
        "changes.html",
        {
            "changes": found[:PAGE_SIZE],
            "kinds": {row["kind"]: row["n"] for row in counts},
            "kind": kind,
            "region": region,
            "page": page,
            "has_more": len(found) > PAGE_SIZE,
        },
        section="changes",
    )


ROUTES = ((r"^/changes$", changes),)
