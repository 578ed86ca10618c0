"""One report: identity, official tables beside the archived original, text, findings, versions, attachments, citation."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from archive.site.changes import change_rows
from archive.site.citation import citations
from archive.site.errors import not_found
from archive.site.official import official_tables
from archive.site.view import database, render, rows

REPORT = """
select r.*, a.name as agency_name, a.kind as agency_kind, g.name as region_name, w.reason as withheld_reason
from reports r join agencies a on a.id = r.agency left join regions g on g.code = coalesce(r.region, a.region)
left join withheld w on w.report = r.id and w.url = '' where r.id = :report
"""
VERSIONS = """
select v.*, c.at as captured_at, c.digest, c.segment, c."offset", c.url as capture_url
from versions v left join captures c on c.id = v.capture where v.report = :report order by v.version
"""


async def report(datasette: Any, request: Any) -> Any:
    """The page of a report's current version, or of the version that the address names."""
    found = await rows(datasette, REPORT, {"report": request.url_vars["report"]})
    if not found:
        return await not_found(datasette, request)
    shown = found[0]
    versions = await rows(datasette, VERSIONS, {"report": shown["id"]})
    wanted = int(request.url_vars.get("version") or shown["version"])
    version = next((item for item in versions if item["version"] == wanted), None)
    if version is None:
        return await not_found(datasette, request)
    if shown["withheld_reason"]:
        return await render(datasette, request, "withheld.html", {"report": shown}, section="reports")
    findings = await rows(
        datasette,
        "select * from findings where report = :report and version = :version and status <> 'dismissed' "
        "order by case severity when 'error' then 0 when 'warning' then 1 else 2 end, \"check\"",
        {"report": shown["id"], "version": wanted},
    )
    marked = {
        address: finding["severity"]
        for finding in reversed(findings)
        for address in json.loads(finding["figures"]) or [finding["where"]]
    }
    figures = await database(datasette).execute_fn(lambda conn: _figures(conn, shown["id"], wanted))
    sections = await rows(
        datasette,
        "select kind, heading, text from report_text where report = :report and version = :version order by position",
        {"report": shown["id"], "version": wanted},
    )
    captures = await rows(
        datasette,
        "select id, url, at, digest, media_type, segment from captures where id in (:page, :figures)",
        {"page": version["capture"], "figures": version["figures_capture"]},
    )
    by_id = {capture["id"]: capture for capture in captures}
    original = by_id.get(version["figures_capture"]) or by_id.get(version["capture"])
    place = request.args.get("at")
    return await render(
        datasette,
        request,
        "report.html",
        {
            "report": shown,
            "version": version,
            "versions": versions,
            "tables": official_tables(version["form"], figures, json.loads(version["coverage"]), marked),
            "findings": findings,
            "sections": sections,
            "attachments": json.loads(version["attachments"]),
            "warnings": json.loads(version["warnings"]),
            "original": original,
            "original_src": f"/view/{quote(original['id'], safe='')}"
            + (f"?at={quote(place, safe='')}" if place else "")
            + "#ogi-mark"
            if original
            else None,
            "place": place,
            "changes": await change_rows(
                datasette, where="and c.report = :report", parameters={"report": shown["id"]}, limit=30
            ),
            "citations": citations(shown, version, _base(datasette, request)),
            "quote": quote,
        },
        section="reports",
    )


def _base(datasette: Any, request: Any) -> str:
    return f"{request.scheme}://{request.host}"


def _figures(conn: Any, report_id: str, version: int) -> Any:
    from sqlite_utils import Database

    from archive.versions import load_figures

    return load_figures(Database(conn), report_id, version)


ROUTES = ((r"^/r/(?P<report>[A-Za-z0-9-]+)(?:@(?P<version>\d+))?$", report),)
