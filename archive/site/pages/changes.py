"""The stream of changes, with filters."""

from __future__ import annotations

from typing import Any

from archive.index.codes import ChangeKind
from archive.site.changes import BY_AGENCY, change_rows
from archive.site.i18n import language_of
from archive.site.memory import steady
from archive.site.params import page_of, region_of
from archive.site.provinces import province_choices
from archive.site.view import render, rows
from extract.lexicon.regions import region_stem

PAGE_SIZE = 50
#: So many changes are sorted rather than sought among all.
FEW = 3000


async def changes(datasette: Any, request: Any) -> Any:
    """The changes, newest first, by kind, region and agency."""
    conditions, parameters = [], {}
    kind = request.args.get("kind")
    if kind in set(ChangeKind):
        conditions.append("and c.kind = :kind")
        parameters["kind"] = kind
    region = region_of(request)
    if region:
        conditions.append("and a.region like :region")
        parameters["region"] = region_stem(region) + "%"
    agency, agency_name = request.args.get("agency") or "", ""
    if agency:
        named = await rows(datasette, "select name from agencies where id = :id", {"id": agency})
        agency_name = named[0]["name"] if named else agency
        conditions.append("and a.id = :agency")
        parameters["agency"] = agency
    page = page_of(request, most=1000)
    elsewhere = " ".join(condition for condition in conditions if ":kind" not in condition)
    counts = await steady(
        datasette,
        f"select c.kind, count(*) as n from {BY_AGENCY} where c.is_false_alarm = 0 {elsewhere} group by c.kind"
        if elsewhere
        else "select kind, count(*) as n from changes where is_false_alarm = 0 group by kind",
        {name: value for name, value in parameters.items() if name != "kind"},
    )
    found = await change_rows(
        datasette,
        where=" ".join(conditions),
        parameters=parameters,
        limit=PAGE_SIZE + 1,
        offset=(page - 1) * PAGE_SIZE,
        are_few=bool(elsewhere) and sum(row["n"] for row in counts) < FEW,
    )
    feed = "/feeds/changes.atom"
    if agency_name and agency_name != agency:
        feed = f"/feeds/agency/{agency}.atom"
    elif len(region) == 6:
        feed = f"/feeds/region/{region}.atom"
    return await render(
        datasette,
        request,
        "changes.html",
        {
            "changes": found[:PAGE_SIZE],
            "kinds": {row["kind"]: row["n"] for row in counts},
            "kind": kind if kind in set(ChangeKind) else None,
            "order": tuple(ChangeKind),
            "region": region,
            "agency": agency,
            "agency_name": agency_name,
            "feed": feed,
            "provinces": await province_choices(datasette, language_of(request)),
            "page": page,
            "has_more": len(found) > PAGE_SIZE,
        },
        section="changes",
    )


ROUTES = ((r"^/changes$", changes),)
