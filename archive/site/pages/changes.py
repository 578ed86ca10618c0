"""The stream of changes, with filters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from archive.clock import SHANGHAI
from archive.index.codes import ChangeKind
from archive.index.figure_tables import FIGURE_TABLES
from archive.site.changes import BY_AGENCY, change_rows
from archive.site.i18n import language_of
from archive.site.memory import steady
from archive.site.params import day_of, one_of, page_of, region_of
from archive.site.provinces import province_choices
from archive.site.view import render, rows
from extract.lexicon.regions import region_stem

PAGE_SIZE = 50
#: So many changes are sorted rather than sought among all.
FEW = 3000
OF_TABLE = 'exists (select 1 from figure_changes t where t.change = c.id and t."table" = :table)'


def midnight(day: str, days: int = 0) -> str:
    """The moment (UTC) at which a day begins in Shanghai, or one so many days later."""
    begins = datetime.fromisoformat(day).replace(tzinfo=SHANGHAI) + timedelta(days=days)
    return begins.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _narrowed(request: Any) -> tuple[list[str], dict[str, str]]:
    """Conditions on changes and agencies that the address asks for, with their values."""
    region, last_day = region_of(request), day_of(request, "to")
    asked = (
        ("kind", "c.kind = :kind", one_of(request, "kind", set(ChangeKind))),
        ("region", "a.region like :region", region and region_stem(region) + "%"),
        ("agency", "a.id = :agency", request.args.get("agency") or ""),
        ("from", "c.at >= :from", day_of(request, "from") and midnight(day_of(request, "from"))),
        ("to", "c.at < :to", last_day and midnight(last_day, days=1)),
        ("table", OF_TABLE, one_of(request, "table", FIGURE_TABLES)),
    )
    return [f"and {condition}" for _, condition, value in asked if value], {
        name: value for name, _, value in asked if value
    }


async def changes(datasette: Any, request: Any) -> Any:
    """The changes, newest first, by kind, region, agency, day (Asia/Shanghai) and table of the changed figures."""
    conditions, parameters = _narrowed(request)
    agency, agency_name = request.args.get("agency") or "", ""
    if agency:
        named = await rows(datasette, "select name from agencies where id = :id", {"id": agency})
        agency_name = named[0]["name"] if named else agency
    kind, region = parameters.get("kind"), region_of(request)
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
            "kind": kind,
            "order": tuple(ChangeKind),
            "region": region,
            "agency": agency,
            "agency_name": agency_name,
            "first_day": day_of(request, "from"),
            "last_day": day_of(request, "to"),
            "table": parameters.get("table", ""),
            "tables": tuple(FIGURE_TABLES),
            "feed": feed,
            "provinces": await province_choices(datasette, language_of(request)),
            "page": page,
            "has_more": len(found) > PAGE_SIZE,
        },
        section="changes",
    )


ROUTES = ((r"^/changes$", changes),)
