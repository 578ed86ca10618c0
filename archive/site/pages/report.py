"""One report: identity, official tables beside the archived original, text, findings, versions, attachments, citation."""

from __future__ import annotations

import json
from typing import Any, NotRequired, TypedDict
from urllib.parse import quote

from archive.index.doubts import places_of
from archive.index.rows import of_type
from archive.lists.labels import header_label
from archive.site.changes import change_rows
from archive.site.citation import citations
from archive.site.errors import not_found
from archive.site.finding_words import finding_words
from archive.site.http.addresses import base_of, root_of
from archive.site.i18n import language_of
from archive.site.official import official_tables
from archive.site.proofs import is_good
from archive.site.provinces import province_name
from archive.site.reports import (
    Answered,
    FoundReport,
    SiteCapture,
    SiteReport,
    SiteVersion,
    figures_of,
    find_report,
    findings_of,
    label_of,
    own_addresses,
    place_of,
    sections_of,
    withheld_report,
)
from archive.site.state import site_url
from archive.site.view import render, rows, web_address
from extract.model import Figure

_CAPTURES = """
select c.id, c.url, c.at, c.digest, c.status, c.verdict, c.media_type, c.kind, c.segment from documents d
join captures c on c.url in (d.url, d.entry_url) where d.report = :report and c.kind in ('response', 'revisit', 'resource')
order by c.at desc, c.id limit 30
"""


class ListedCapture(Answered):
    """A capture of one of the report's addresses."""

    id: str
    media_type: str | None
    segment: str


class OriginalCapture(SiteCapture):
    """The capture of the original that stands beside the tables."""

    media_type: str | None
    segment: str


class ReportMoment(TypedDict):
    """Something that happened to a report: a version, or an event with the key of its words."""

    at: str
    version: int | None
    css: str
    key: str
    origin: NotRequired[str | None]


async def report(datasette: Any, request: Any) -> Any:
    """The page of a report's current version, or of the version that the address names."""
    found = await find_report(datasette, request.url_vars["report"], request.url_vars["version"])
    if found is not None and found.report["version"] == 0 and request.url_vars["version"] is None:
        return await _unread(datasette, request, found)
    if found is None or found.version is None:
        withheld = await withheld_report(datasette, request.url_vars["report"])
        if withheld:
            return await render(datasette, request, "withheld.html", {"report": withheld}, section="reports")
        return await not_found(datasette, request)
    shown, version = found.report, found.version
    figures = await figures_of(datasette, shown["id"], version["version"])
    chosen, _ = place_of(figures, request.args.get("at"))
    context = {
        "report": shown,
        "version": version,
        "versions": found.versions,
        "moments": await _moments(datasette, found),
        "duty": await _duty(datasette, shown),
        "siblings": await _siblings(datasette, shown),
        "province": await _province(datasette, shown, language_of(request)),
        **await _tables(datasette, request, version, figures),
        **await _original(datasette, request, version, figures),
        "sections": await sections_of(datasette, shown["id"], version["version"]),
        "gone": await _gone(datasette, shown),
        "attachments": json.loads(version["attachments"]),
        "warnings": json.loads(version["warnings"]),
        "web_address": web_address(shown["url"]),
        "changes": await change_rows(
            datasette, where="and c.report = :report", parameters={"report": shown["id"]}, limit=30
        ),
        "citations": citations(shown, version, site_url(datasette), chosen),
        "quote": quote,
        "wide": True,
    }
    return await render(datasette, request, "report.html", context, section="reports")


async def _gone(datasette: Any, shown: SiteReport) -> list[ListedCapture]:
    """The answers that did not give a report which is not there any more, or may not be, the newest first."""
    if shown["status"] == "present":
        return []
    captures = of_type(ListedCapture, await rows(datasette, _CAPTURES, {"report": shown["id"]}))
    return [row for row in captures if row["at"] > shown["last_seen"] and not is_good(row)][:10]


async def _unread(datasette: Any, request: Any, found: FoundReport) -> Any:
    """The page of a report that was seen and archived, and of which nothing could be read."""
    captures = of_type(ListedCapture, await rows(datasette, _CAPTURES, {"report": found.report["id"]}))
    good = next(filter(is_good, captures), None)
    context = {
        "report": found.report,
        "duty": await _duty(datasette, found.report),
        "siblings": await _siblings(datasette, found.report),
        "province": await _province(datasette, found.report, language_of(request)),
        "captures": captures,
        "original": good,
        "original_src": good and f"{base_of(request)}/view/{quote(good['id'], safe='')}",
        "notices": await rows(
            datasette,
            "select code, message, at from notices where report = :report order by at desc limit 10",
            {"report": found.report["id"]},
        ),
        "web_address": web_address(found.report["url"]),
        "quote": quote,
        "wide": True,
    }
    return await render(datasette, request, "unread.html", context, section="reports")


async def _tables(datasette: Any, request: Any, version: SiteVersion, figures: list[Figure]) -> dict[str, object]:
    """The official tables with their marks, and the findings with the places of the figures that they name."""
    language = language_of(request)
    findings = await findings_of(datasette, version["report"], version["version"])
    marked = {
        address: finding["severity"]
        for finding in reversed(findings)
        for address in places_of(finding["figures"], finding["where"])
    }
    places = {figure.address: figure.where for figure in figures}
    for finding in findings:
        finding["words"] = finding_words(finding, language)
        finding["places"] = [
            (label_of(address, language), address, places.get(address)) for address in own_addresses(finding)
        ]
    tables = official_tables(version["form"], figures, json.loads(version["coverage"]), marked)
    return {
        "tables": tables,
        "cells": {"bound": sum(table.bound for table in tables), "expected": sum(table.expected for table in tables)},
        "header_label": header_label,
        "findings": findings,
    }


async def _original(datasette: Any, request: Any, version: SiteVersion, figures: list[Figure]) -> dict[str, object]:
    """The archived original beside the tables, and the figure that the address marks in it."""
    captures = await rows(
        datasette,
        "select id, url, at, digest, media_type, segment from captures where id in (:page, :figures)",
        {"page": version["capture"], "figures": version["figures_capture"]},
    )
    by_id = {capture["id"]: capture for capture in of_type(OriginalCapture, captures)}
    original = by_id.get(version["figures_capture"]) or by_id.get(version["capture"])
    figure, place = place_of(figures, request.args.get("at"))
    view = f"{base_of(request)}/view/{quote(original['id'], safe='')}" if original else None
    return {
        "original": original,
        "original_view": view,
        "original_src": view and view + (f"?at={quote(place, safe='')}" if place else "") + "#ogi-mark",
        "memento": original and web_address(original["url"]) and root_of(request) + memento_path(original),
        "place": place,
        "chosen": figure,
        "place_name": label_of(figure.address, language_of(request)) if figure is not None else "",
    }


async def _siblings(datasette: Any, shown: SiteReport) -> list[dict[str, object]]:
    return await rows(
        datasette, "select id, year from reports where agency = :agency order by year", {"agency": shown["agency"]}
    )


async def _moments(datasette: Any, found: FoundReport) -> list[ReportMoment]:
    """The report's life in order: its versions, when it vanished, came back, moved or left its list, and when it was last seen."""
    moments: list[ReportMoment] = [
        {
            "at": item["first_seen"],
            "version": item["version"],
            "css": "rev" if item["version"] > 1 else "",
            "key": "",
            "origin": item["origin"],
        }
        for item in found.versions
    ]
    events = await rows(
        datasette,
        "select kind, at from changes where report = :report and is_false_alarm = 0 "
        "and kind in ('vanished', 'restored', 'moved', 'delisted', 'replaced', 'corrected', 'column-shrank') order by at",
        {"report": found.report["id"]},
    )
    moments += [
        {
            "at": event["at"],
            "version": None,
            "css": "gone" if event["kind"] in ("vanished", "delisted", "replaced", "column-shrank") else "",
            "key": f"change.{event['kind']}",
        }
        for event in events
    ]
    moments.append({"at": found.report["last_seen"], "version": None, "css": "last", "key": "report.last_seen"})
    moments.sort(key=lambda moment: moment["at"])  # a vanished report was last seen before it vanished
    return moments


async def _duty(datasette: Any, shown: SiteReport) -> dict[str, object] | None:
    found = await rows(
        datasette,
        "select status, days_late, due from obligations where agency = :agency and year = :year and report = :report",
        {"agency": shown["agency"], "year": shown["year"], "report": shown["id"]},
    )
    return found[0] if found else None


async def _province(datasette: Any, shown: SiteReport, language: str) -> dict[str, str] | None:
    if not shown["region_code"]:
        return None
    code = shown["region_code"][:2] + "0000"
    found = await rows(datasette, "select code, name from regions where code = :code", {"code": code})
    return {"code": code, "name": province_name(code, found[0]["name"], language)} if found else None


def memento_path(capture: SiteCapture) -> str:
    """The path of a capture's Memento."""
    stamp = "".join(character for character in capture["at"] if character in "0123456789")[:14]
    return f"/web/{stamp}/{capture['url']}"


ROUTES = ((r"^/r/(?P<report>[A-Za-z0-9-]+)(?:@(?P<version>[0-9]{1,9}))?$", report),)
