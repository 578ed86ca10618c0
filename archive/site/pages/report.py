"""One report: identity, official tables beside the archived original, text, findings, versions, attachments, citation."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import quote

from archive.lists.labels import figure_label, header_label
from archive.site.changes import change_rows
from archive.site.citation import citations
from archive.site.errors import not_found
from archive.site.http.addresses import base_of, root_of
from archive.site.i18n import language_of
from archive.site.official import official_tables
from archive.site.provinces import province_name
from archive.site.state import site_url
from archive.site.view import database, render, rows, web_address
from extract.model import number_to_json

REPORT = """
select r.*, a.name as agency_name, a.kind as agency_kind, g.name as region_name, coalesce(r.region, a.region) as region_code
from reports r join agencies a on a.id = r.agency left join regions g on g.code = coalesce(r.region, a.region)
where r.id = :report
"""
WITHHELD = """
select w.report as id, w.reason as withheld_reason, w.at as withheld_at, a.name as agency_name, o.year from withheld w
left join obligations o on o.report = w.report left join agencies a on a.id = o.agency where w.report = :report order by w.url limit 1
"""
VERSIONS = """
select v.*, c.at as captured_at, c.digest, c.segment, c."offset", c.url as capture_url
from versions v left join captures c on c.id = v.capture where v.report = :report order by v.version
"""


async def report(datasette: Any, request: Any) -> Any:
    """The page of a report's current version, or of the version that the address names."""
    shown, versions, version = await _find(datasette, request)
    if shown is None or version is None:
        withheld = await rows(datasette, WITHHELD, {"report": request.url_vars["report"]})
        if withheld:
            return await render(datasette, request, "withheld.html", {"report": withheld[0]}, section="reports")
        return await not_found(datasette, request)
    wanted = version["version"]
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
    language = language_of(request)
    places = {figure.address: figure.where for figure in figures}
    for finding in findings:
        finding["places"] = [
            (_label(address, language), places.get(address))
            for address in json.loads(finding["figures"])
            if address.count(".") == 2 and ":" not in address
        ]
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
    tables = official_tables(version["form"], figures, json.loads(version["coverage"]), marked)
    original_view = f"{base_of(request)}/view/{quote(original['id'], safe='')}" if original else None
    return await render(
        datasette,
        request,
        "report.html",
        {
            "report": shown,
            "version": version,
            "versions": versions,
            "moments": await _moments(datasette, shown, versions),
            "duty": await _duty(datasette, shown),
            "siblings": await rows(
                datasette,
                "select id, year from reports where agency = :agency order by year",
                {"agency": shown["agency"]},
            ),
            "province": await _province(datasette, shown, language),
            "tables": tables,
            "cells": {
                "bound": sum(table.bound for table in tables),
                "expected": sum(table.expected for table in tables),
            },
            "header_label": header_label,
            "findings": findings,
            "sections": sections,
            "attachments": json.loads(version["attachments"]),
            "warnings": json.loads(version["warnings"]),
            "original": original,
            "original_view": original_view,
            "original_src": original_view
            and original_view + (f"?at={quote(place, safe='')}" if place else "") + "#ogi-mark",
            "memento": original and web_address(original["url"]) and root_of(request) + _memento(original),
            "web_address": web_address(shown["url"]),
            "place": place,
            "place_name": next(
                (_label(address, language) for address, where in places.items() if place and where == place), ""
            ),
            "changes": await change_rows(
                datasette, where="and c.report = :report", parameters={"report": shown["id"]}, limit=30
            ),
            "citations": citations(shown, version, site_url(datasette)),
            "quote": quote,
            "wide": True,
        },
        section="reports",
    )


async def _moments(datasette: Any, shown: dict[str, Any], versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The report's life: its versions, when it vanished, came back, moved or left the list, and the last look."""
    found = [
        {"at": item["first_seen"], "version": item["version"], "css": "rev" if item["version"] > 1 else "", "key": ""}
        for item in versions
    ]
    events = await rows(
        datasette,
        "select kind, at from changes where report = :report and is_false_alarm = 0 "
        "and kind in ('vanished', 'restored', 'moved', 'delisted') order by at",
        {"report": shown["id"]},
    )
    found += [
        {
            "at": event["at"],
            "version": None,
            "css": "gone" if event["kind"] in ("vanished", "delisted") else "",
            "key": f"change.{event['kind']}",
        }
        for event in events
    ]
    found.append({"at": shown["last_seen"], "version": None, "css": "last", "key": "report.last_seen"})
    found.sort(key=lambda moment: moment["at"])  # a vanished report was last seen before it vanished
    return found


async def _duty(datasette: Any, shown: dict[str, Any]) -> dict[str, Any] | None:
    found = await rows(
        datasette,
        "select status, days_late, due from obligations where agency = :agency and year = :year and report = :report",
        {"agency": shown["agency"], "year": shown["year"], "report": shown["id"]},
    )
    return found[0] if found else None


async def _province(datasette: Any, shown: dict[str, Any], language: str) -> dict[str, str] | None:
    if not shown["region_code"]:
        return None
    code = shown["region_code"][:2] + "0000"
    found = await rows(datasette, "select code, name from regions where code = :code", {"code": code})
    return {"code": code, "name": province_name(code, found[0]["name"], language)} if found else None


def _memento(capture: dict[str, Any]) -> str:
    """The capture's Memento address."""
    stamp = "".join(character for character in capture["at"] if character.isdigit())[:14]
    return f"/web/{stamp}/{capture['url']}"


def _label(address: str, language: str) -> str:
    table, row, column = address.split(".", 2)
    return figure_label(table, row, column, language)


async def _find(
    datasette: Any, request: Any
) -> tuple[dict[str, Any] | None, list[dict[str, Any]], dict[str, Any] | None]:
    """The report that the address names, its versions, and the one wanted: the address's, else the current one."""
    found = await rows(datasette, REPORT, {"report": request.url_vars["report"]})
    if not found:
        return None, [], None
    versions = await rows(datasette, VERSIONS, {"report": found[0]["id"]})
    wanted = int(request.url_vars.get("version") or found[0]["version"])
    return found[0], versions, next((item for item in versions if item["version"] == wanted), None)


async def data(datasette: Any, request: Any) -> Any:
    """A version as data: JSON with everything that the page shows, or CSV with its figures, at an address that stays."""
    from datasette import Response

    shown, _, version = await _find(datasette, request)
    if shown is None or version is None:
        return await not_found(datasette, request)
    number = version["version"]
    figures = await database(datasette).execute_fn(lambda conn: _figures(conn, shown["id"], number))
    if request.url_vars["format"] == "csv":
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(("report", "version", "table", "row", "column", "value", "raw", "state", "confidence", "where"))
        for figure in figures:
            value = number_to_json(figure.value)
            cells = (figure.table, figure.row, figure.column, value, figure.raw, figure.state.value, figure.confidence)
            writer.writerow((shown["id"], number, *cells, figure.where))
        return Response(
            out.getvalue(),
            content_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{shown["id"]}-v{number}.csv"'},
        )
    findings = await rows(
        datasette,
        'select "check", severity, "where", expected, actual, message, figures, quote, status from findings '
        "where report = :report and version = :version and status <> 'dismissed' order by id",
        {"report": shown["id"], "version": number},
    )
    sections = await rows(
        datasette,
        "select kind, heading, text from report_text where report = :report and version = :version order by position",
        {"report": shown["id"], "version": number},
    )
    base = site_url(datasette)
    content = {
        "id": shown["id"],
        "version": number,
        "versions": shown["version"],
        "agency": shown["agency_name"],
        "agency_id": shown["agency"],
        "year": shown["year"],
        "status": shown["status"],
        **{
            key: version[key] for key in ("title", "published_on", "form", "scope", "index_number", "url", "first_seen")
        },
        "permanent": f"{base}/r/{shown['id']}@{number}",
        "capture": {
            "id": version["capture"],
            "at": version["captured_at"],
            "digest": version["digest"],
            "bytes": f"{base}/raw/{quote(version['capture'], safe='')}",
        },
        "coverage": json.loads(version["coverage"]),
        "figures": [figure.to_json() for figure in figures],
        "sections": sections,
        "findings": [{**finding, "figures": json.loads(finding["figures"])} for finding in findings],
        "attachments": json.loads(version["attachments"]),
        "warnings": json.loads(version["warnings"]),
        "extractor": version["extractor"],
    }
    return Response(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n", content_type="application/json; charset=utf-8"
    )


def _figures(conn: Any, report_id: str, version: int) -> Any:
    from sqlite_utils import Database

    from archive.index.figures import load_figures

    return load_figures(Database(conn), report_id, version)


_ADDRESS = r"^/r/(?P<report>[A-Za-z0-9-]+)(?:@(?P<version>\d{1,9}))?"
ROUTES = ((_ADDRESS + "$", report), (_ADDRESS + r"\.(?P<format>json|csv)$", data))
