"""The portals: which can be read, which can't, since when, why, and what nobody can say because of it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from sqlite_utils import Database

from archive.index.rows import SqlValue
from archive.lists.row_outcomes import ROW_COLUMNS, RowOutcome, row_outcomes
from archive.publish.feeds import portal_feed
from archive.publish.spreadsheet import CONTENT_TYPE, attachment, csv_text
from archive.site.errors import BadRequest, not_found
from archive.site.http.addresses import path_of
from archive.site.i18n import LANGUAGES
from archive.site.memory import TIME_LIMIT_MS, keep, steady
from archive.site.params import page_of
from archive.site.readers import time_limit
from archive.site.state import site_url
from archive.site.view import database, render, rows, said, web_address

COLUMNS = (
    "id", "name", "region", "platform", "url", "state", "reason", "last_pass_at", "last_ok_at", "failing_since", "listed", "expected", "agencies",
    "unknown", "last_complete_at",
)  # fmt: skip
PORTALS = """
select p.id, p.name, p.region, g.name as region_name, p.platform, p.url, p.state, p.reason, p.last_pass_at, p.last_ok_at, p.failing_since,
  p.listed, p.expected, (select count(*) from agencies a where a.portal = p.id) as agencies,
  (select count(*) from obligations o where o.portal = p.id and o.status = 'unknown'
    and o.year = (select max(year) from obligations where status <> 'pending')) as unknown,
  (select max(l.at) from lists l where l.portal = p.id and l.is_complete = 1) as last_complete_at
from portals p left join regions g on g.code = p.region order by p.state = 'ok', p.region, p.name, p.id
"""
LOOKS = """
select portal, at, is_ok, reason, listed, expected from portal_passes where portal in (select value from json_each(:ids)) order by at desc limit :most
"""
#: Looks that found otherwise than the one before, and first ones: `{where}` narrows them to a portal.
TURNS = """
select l.portal, p.name, l.at, l.is_ok, l.before, l.reason from (select portal, at, run, is_ok, reason,
  lag(is_ok) over (partition by portal order by at, run) as before from portal_passes {where}) l
join portals p on p.id = l.portal where l.before is not l.is_ok order by l.at desc, l.portal limit :most
"""
STRIP = 30
#: A feed has so many entries.
FEED = 100
PAGE_SIZE = 100
#: Rows of a portal are kept for the next page where reading them took longer, and they are not too many.
DEAR_S, FEW_ROWS = 0.05, 2000


async def _portals(datasette: Any) -> list[dict[str, object]]:
    return await steady(datasette, PORTALS)


async def portals(datasette: Any, request: Any) -> Any:
    """All portals, those in trouble first, each with its last looks."""
    found = await _portals(datasette)
    state = request.args.get("state") or ""
    states = sorted({str(row["state"]) for row in found})
    shown = [row for row in found if not state or row["state"] == state]
    part = shown[:PAGE_SIZE] if request.args.get("all") != "1" else shown
    looks = await rows(
        datasette, LOOKS, {"ids": json.dumps([row["id"] for row in part]), "most": STRIP * max(1, len(part))}
    )
    strips: dict[str, list[dict[str, object]]] = {}
    for look in looks:
        strips.setdefault(look["portal"], []).append(look)
    return await render(
        datasette,
        request,
        "portals.html",
        {
            "portals": part,
            "total": len(shown),
            "state": state,
            "states": states,
            "strips": {name: found[:STRIP][::-1] for name, found in strips.items()},
            "web_address": web_address,
        },
        section="missing",
    )


async def as_data(datasette: Any, request: Any) -> Any:
    """All portals as CSV or JSON."""
    from datasette import Response

    found = await _portals(datasette)
    if request.url_vars["format"] == "csv":
        lines = [tuple(row[name] for name in COLUMNS) for row in found]
        return Response(
            csv_text(COLUMNS, lines),
            content_type=CONTENT_TYPE,
            headers={"content-disposition": attachment("portals.csv")},
        )
    content = {
        "total": len(found),
        "returned": len(found),
        "next": None,
        "rows": [{name: row[name] for name in COLUMNS} for row in found],
    }
    return Response(json.dumps(content, ensure_ascii=False), content_type="application/json; charset=utf-8")


async def feed(datasette: Any, request: Any) -> Any:
    """When all portals, or one, could be read again, or no longer."""
    from datasette import Response

    name, title = request.url_vars.get("portal"), "年报档案：网站能否读取"
    parameters: dict[str, SqlValue] = {"most": FEED}
    if name is not None:
        found = next((row for row in await _portals(datasette) if row["id"] == name), None)
        if found is None:
            return await not_found(datasette, request)
        title, parameters = f"{title}（{found['name']}）", {**parameters, "portal": name}
    turns = await steady(
        datasette, TURNS.format(where="where portal = :portal" if name is not None else ""), parameters
    )
    newest = await rows(datasette, "select coalesce(max(ended_at), '1970-01-01T00:00:00Z') as at from runs")
    body = portal_feed(
        [{**turn, "reason": said(turn["reason"], LANGUAGES[0])} for turn in turns],
        base=site_url(datasette),
        path=path_of(request),
        page=path_of(request).removesuffix(".atom"),
        title=title,
        updated=newest[0]["at"],
    )
    return Response(body, content_type="application/atom+xml; charset=utf-8")


async def portal(datasette: Any, request: Any) -> Any:
    """One portal: its state, its lists, its looks, its agencies that nobody can speak of."""
    name = request.url_vars["portal"]
    found = next((row for row in await _portals(datasette) if row["id"] == name), None)
    if found is None:
        return await not_found(datasette, request)
    return await render(
        datasette,
        request,
        "portal.html",
        {
            "portal": found,
            "web_address": web_address,
            "looks": await rows(datasette, LOOKS, {"ids": json.dumps([name]), "most": 60}),
            "lists": await rows(
                datasette,
                "select l.url, l.at, l.is_complete, l.reason, l.entries, (select max(m.at) from lists m where m.portal = l.portal and m.url = l.url "
                "and m.is_complete = 1) as last_complete_at from lists l where l.portal = :portal and l.at = "
                "(select max(n.at) from lists n where n.portal = l.portal and n.url = l.url) group by l.url order by l.url",
                {"portal": name},
            ),
            "unknown": await rows(
                datasette,
                "select a.id, a.name, o.year, o.reason from obligations o join agencies a on a.id = o.agency where o.portal = :portal "
                "and o.status = 'unknown' order by o.year desc, a.name limit 200",
                {"portal": name},
            ),
        },
        section="missing",
    )


async def _listed(datasette: Any, portal: str) -> list[dict[str, object]]:
    """Every row that a portal's lists name now and what became of it, as `ogi rows --json` has it, without what is withheld."""

    def read(connection: Any) -> list[dict[str, object]]:
        with time_limit(connection, TIME_LIMIT_MS):
            return list(row_outcomes(Database(connection, recursive_triggers=False), portal))

    async def ask() -> list[dict[str, object]]:
        found: list[dict[str, object]] = await database(datasette).execute_fn(read)
        return found

    return await keep(
        datasette,
        ("listed", portal),
        ask,
        shelf="listed",
        is_worth=lambda found, seconds: seconds > DEAR_S and len(found) <= FEW_ROWS,
    )


async def listed(datasette: Any, request: Any) -> Any:
    """Every row that a portal's lists name, by outcome: a page, or all of them as CSV or JSON.

    A published copy has no rows (`archive.site.guard.strip`): its page says so, and there is no file that could be taken for an empty list.
    """
    name, form = request.url_vars["portal"], request.url_vars["format"]
    about = next((row for row in await _portals(datasette) if row["id"] == name), None)
    is_copy = not database(datasette).is_mutable
    if about is None or (is_copy and form):
        return await not_found(datasette, request)
    outcome = _outcome_of(request)
    every = [] if is_copy else await _listed(datasette, name)
    found = [row for row in every if outcome in ("", row["outcome"])]
    if form:
        return _rows_as_data(name, form, found)
    context = {
        "portal": about,
        "total": len(every),
        "counts": _counted(every, outcome),
        "outcome": outcome,
        "is_copy": is_copy,
        "web_address": web_address,
        **_page(found, page_of(request)),
    }
    return await render(datasette, request, "portal_rows.html", context, section="missing")


def _counted(every: list[dict[str, object]], chosen: str) -> dict[str, int]:
    """How many rows had each outcome, in the outcomes' order; none of the chosen one is stated too."""
    counts = Counter(row["outcome"] for row in every)
    return {one.value: counts[one] for one in RowOutcome if counts[one] or one == chosen}


def _page(found: list[dict[str, object]], asked: int) -> dict[str, object]:
    """The rows of a page, the last one where there are not so many, with what the paging says."""
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(asked, pages)
    rows_of_it = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return {"rows": rows_of_it, "count": len(found), "page": page, "pages": pages}


def _outcome_of(request: Any) -> str:
    """The outcome asked for, empty for all. Raises `BadRequest` for one that is none."""
    outcome = request.args.get("outcome") or ""
    if outcome and outcome not in tuple(RowOutcome):
        raise BadRequest(f"no outcome {outcome!r}; there are {'; '.join(RowOutcome)}")
    return str(outcome)


def _rows_as_data(portal: str, form: str, found: list[dict[str, object]]) -> Any:
    from datasette import Response

    headers = {"x-ogi-rows": str(len(found))}
    if form == "csv":
        return Response(
            csv_text(ROW_COLUMNS, [tuple(row[column] for column in ROW_COLUMNS) for row in found]),
            content_type=CONTENT_TYPE,
            headers={**headers, "content-disposition": attachment(f"{portal}-rows.csv")},
        )
    content = {"total": len(found), "returned": len(found), "next": None, "rows": found}
    return Response(
        json.dumps(content, ensure_ascii=False), content_type="application/json; charset=utf-8", headers=headers
    )


ROUTES = (
    (r"^/portals$", portals),
    (r"^/portals\.(?P<format>csv|json)$", as_data),
    (r"^/portals\.atom$", feed),
    (r"^/portals/(?P<portal>[A-Za-z0-9-]+)$", portal),
    (r"^/portals/(?P<portal>[A-Za-z0-9-]+)\.atom$", feed),
    (r"^/portals/(?P<portal>[A-Za-z0-9-]+)/rows(?:\.(?P<format>csv|json))?$", listed),
)
