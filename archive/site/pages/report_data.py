"""A version of a report as data, at an address that stays: JSON with everything that its page shows, CSV with its figures."""

from __future__ import annotations

import json
from typing import Any, Literal, TypedDict
from urllib.parse import quote

from archive.index.doubts import Doubt
from archive.publish.spreadsheet import CONTENT_TYPE, attachment, csv_text
from archive.site.errors import not_found
from archive.site.reports import (
    SiteFinding,
    SiteReport,
    SiteVersion,
    doubts_by_address,
    figures_of,
    find_report,
    findings_of,
    sections_of,
)
from archive.site.state import site_url
from archive.warc.digests import in_hex
from extract.model import Figure, number_to_json

COLUMNS = (
    "report",
    "version",
    "table",
    "row",
    "column",
    "value",
    "raw",
    "state",
    "confidence",
    "where",
    "placed",
    "unsure",
    "disputed",
    "findings",
)
_NONE = Doubt((), is_disputed=False)


async def data(datasette: Any, request: Any) -> Any:
    """A version as data."""
    from datasette import Response

    found = await find_report(datasette, request.url_vars["report"], request.url_vars["version"])
    if found is None or found.version is None:
        return await not_found(datasette, request)
    report, number = found.report["id"], found.version["version"]
    figures = await figures_of(datasette, report, number)
    findings = await findings_of(datasette, report, number)
    against = doubts_by_address(findings)
    if request.url_vars["format"] == "csv":
        lines = [(report, number, *_cells(figure, against.get(figure.address, _NONE))) for figure in figures]
        headers = {"content-disposition": attachment(f"{report}-v{number}.csv")}
        return Response(csv_text(COLUMNS, lines), content_type=CONTENT_TYPE, headers=headers)
    content = {
        **_about(found.report, found.version, site_url(datasette)),
        "figures": [{**figure.to_json(), **_marks(figure, against.get(figure.address, _NONE))} for figure in figures],
        "sections": await sections_of(datasette, report, number),
        "findings": [_finding(finding) for finding in findings],
        "attachments": [
            {**item, "digest": in_hex(item.get("digest"))} for item in json.loads(found.version["attachments"])
        ],
        "warnings": json.loads(found.version["warnings"]),
        "extractor": found.version["extractor"],
    }
    body = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    return Response(body, content_type="application/json; charset=utf-8")


_Kept = Literal["title", "published_on", "form", "scope", "index_number", "url", "first_seen"]


def _about(report: SiteReport, version: SiteVersion, base: str) -> dict[str, object]:
    """What the report is, and where its bytes are."""
    kept: tuple[_Kept, ...] = ("title", "published_on", "form", "scope", "index_number", "url", "first_seen")
    return {
        "id": report["id"],
        "version": version["version"],
        "versions": report["version"],
        "agency": report["agency_name"],
        "agency_id": report["agency"],
        "year": report["year"],
        "status": report["status"],
        **{key: version[key] for key in kept},
        "permanent": f"{base}/r/{report['id']}@{version['version']}",
        "capture": {
            "id": version["capture"],
            "at": version["captured_at"],
            "digest": in_hex(version["digest"]),
            "bytes": f"{base}/raw/{quote(version['capture'], safe='')}",
        },
        "coverage": json.loads(version["coverage"]),
    }


def _cells(figure: Figure, doubt: Doubt) -> tuple[Any, ...]:
    marks = _marks(figure, doubt)
    return (
        figure.table,
        figure.row,
        figure.column,
        number_to_json(figure.value),
        figure.raw,
        figure.state.value,
        figure.confidence,
        figure.where,
        figure.placed,
        int(marks["unsure"]),
        int(marks["disputed"]),
        doubt.findings,
    )


class Marks(TypedDict):
    """What a reader must know of a figure before using it."""

    unsure: bool
    disputed: bool
    findings: list[str]


def _marks(figure: Figure, doubt: Doubt) -> Marks:
    return {"unsure": not figure.is_reliable, "disputed": doubt.is_disputed, "findings": list(doubt.checks)}


_Said = Literal["check", "severity", "where", "expected", "actual", "message", "quote", "status"]


def _finding(finding: SiteFinding) -> dict[str, object]:
    kept: tuple[_Said, ...] = ("check", "severity", "where", "expected", "actual", "message", "quote", "status")
    return {**{key: finding[key] for key in kept}, "figures": json.loads(finding["figures"])}


ROUTES = ((r"^/r/(?P<report>[A-Za-z0-9-]+)(?:@(?P<version>[0-9]{1,9}))?\.(?P<format>json|csv)$", data),)
