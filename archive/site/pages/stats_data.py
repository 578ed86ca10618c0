"""Statistics as files: tables, charts, the reports behind a number, and single figures for other pages."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

from archive.index.facts import DISPUTED, NONE, UNSURE, USED, addresses_of
from archive.index.indicators import BY_CODE, Indicator
from archive.publish.spreadsheet import CONTENT_TYPE, attachment, csv_text
from archive.site.errors import BadRequest, not_found
from archive.site.http.addresses import local, root_of
from archive.site.i18n import Translator, language_of
from archive.site.metadata import DATABASE
from archive.site.pages.stats import about, children, place_name, region_names
from archive.site.params import integer, page_of
from archive.site.raster import LEAST_WIDTH, MOST_WIDTH, WIDTH, png_of, why_not
from archive.site.reports import doubts_by_address
from archive.site.state import site_url
from archive.site.stats import drawing, figures
from archive.site.stats.coverage import Duties, coverage, duties_of
from archive.site.stats.facts import ReportFacts
from archive.site.stats.lines import HEADER, line, lines, places_of
from archive.site.stats.number_sql import query_of
from archive.site.stats.reading import facts_of
from archive.site.stats.selection import Selection, selection
from archive.site.stats.totals import by_year, ratio, total, total_of
from archive.site.view import render, rows

STATES = {USED: "used", NONE: "no value", UNSURE: "unsure", DISPUTED: "disputed"}
ROWS_HEADER = (
    "report", "version", "agency", "agency_id", "year", "basis", "numerator", "denominator", "value", "state", "unsure", "disputed", "findings", "at", "status",
)  # fmt: skip
PAGE_SIZE = 200
#: Nothing loaded, no script; anybody may frame it.
EMBED_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
)


async def _asked(datasette: Any, request: Any) -> tuple[ReportFacts, Duties, Selection] | None:
    facts = await facts_of(datasette)
    chosen = selection(facts, request)
    if chosen is None or not chosen.years:
        return None
    return facts, duties_of(facts), chosen


def _definition(item: Indicator) -> dict[str, object]:
    return {
        "code": item.code, "zh": item.zh, "en": item.en, "definition": {"zh": item.definition_zh, "en": item.definition_en},
        "not": {"zh": item.not_zh, "en": item.not_en}, "parts": item.parts, "minus": item.minus, "whole": item.whole,
        "counts": item.counts or None, "breaks": item.breaks,
    }  # fmt: skip


async def table(datasette: Any, request: Any) -> Any:
    """An indicator, or the parts of a composition, by year: of the chosen basis and place, with `?all=1` of all of them."""
    from datasette import Response

    code, form = request.url_vars["code"], request.url_vars["format"]
    codes = figures.COMPOSITIONS.get(code, (code,) if code in BY_CODE else ())
    asked = await _asked(datasette, request)
    if not codes or asked is None:
        return await not_found(datasette, request)
    facts, duties, chosen = asked
    names = await region_names(datasette)
    is_wide = request.args.get("all") == "1"
    wanted = places_of(facts) if is_wide else [(chosen.basis, chosen.area)]
    found = [row for part in codes for row in lines(facts, duties, BY_CODE[part], wanted, names)]
    if form == "csv":
        return Response(
            csv_text(HEADER, found),
            content_type=CONTENT_TYPE,
            headers={"content-disposition": attachment(f"{code}.csv")},
        )
    content = {
        "indicators": [_definition(BY_CODE[part]) for part in codes],
        "basis": None if is_wide else chosen.basis,
        "region": None if is_wide else chosen.area,
        "total": len(found),
        "returned": len(found),
        "next": None,
        "rows": [dict(zip(HEADER, row, strict=True)) for row in found],
    }
    return Response(json.dumps(content, ensure_ascii=False), content_type="application/json; charset=utf-8")


def _drawn(facts: ReportFacts, code: str, figure: str, chosen: Selection, translate: Translator, width: int) -> str:
    if code in figures.COMPOSITIONS:
        return figures.composition(facts, code, chosen, translate, width)
    draw = figures.spread if figure == "distribution" else figures.trend
    return draw(facts, BY_CODE[code], chosen, translate, width)


async def _title(
    datasette: Any, code: str, figure: str, chosen: Selection, facts: ReportFacts, request: Any
) -> tuple[str, str]:
    """The title of a figure and its line of sources."""
    translate = Translator(language_of(request))
    name = (
        translate(f"stats.{code}")
        if code in figures.COMPOSITIONS
        else figures.name_of(BY_CODE[code], translate.language)
    )
    facts_about = await about(datasette, request, facts, chosen)
    place = await place_name(datasette, chosen.area, translate)
    when = f" {chosen.year}" if figure == "distribution" else ""
    return f"{name} · {place}{when}", f"{facts_about['basis_name']} · {translate('site.name')} {site_url(datasette)}"


async def picture(datasette: Any, request: Any) -> Any:
    """A chart as an SVG file, or as PNG (`?w=` pixels wide)."""
    from datasette import Response

    code, figure, form = request.url_vars["code"], request.args.get("figure") or "trend", request.url_vars["format"]
    asked = await _asked(datasette, request)
    if asked is None or (code not in BY_CODE and code not in figures.COMPOSITIONS) or figure not in figures.FIGURES:
        return await not_found(datasette, request)
    facts, duties, chosen = asked
    translate = Translator(language_of(request))
    svg = _drawn(facts, code, figure, chosen, translate, drawing.WIDE)
    if not svg:
        return await not_found(datasette, request)
    title, source = await _title(datasette, code, figure, chosen, facts, request)
    first = BY_CODE[figures.COMPOSITIONS.get(code, (code,))[0]]
    now = total_of(facts, first, chosen.basis, chosen.area, chosen.year)
    cover = coverage(duties, now, chosen.basis, chosen.area, first)
    about_it = json.dumps(
        {"code": code, "figure": figure, "basis": chosen.basis, "region": chosen.area, "year": chosen.year, "n_used": cover.used,
         "n_due": cover.due, "source": f"{site_url(datasette)}/stats/{first.code}?{chosen.query()}", "licence": "CC BY 4.0"},
        ensure_ascii=False,
    )  # fmt: skip
    note = f"{source} · {translate('stats.n_of', used=f'{cover.used:,}', due=f'{cover.due:,}')} ({chosen.year})"
    drawn = drawing.as_file(svg, title=title, source=note, metadata=about_it)
    if form == "png":
        return await _as_png(request, drawn, f"{code}-{figure}.png")
    return Response(
        drawn,
        content_type="image/svg+xml",
        headers={"content-disposition": attachment(f"{code}-{figure}.svg").replace("attachment", "inline", 1)},
    )


async def _as_png(request: Any, drawn: str, name: str) -> Any:
    from datasette import Response

    reason = why_not()
    if reason is not None:
        return Response.text(reason, status=503)
    width = integer(request.args.get("w"), least=LEAST_WIDTH, most=MOST_WIDTH, default=WIDTH)
    picture_bytes = await asyncio.to_thread(png_of, drawn, width)
    headers = {"content-disposition": attachment(name).replace("attachment", "inline", 1)}
    return Response(body=picture_bytes, content_type="image/png", headers=headers)


async def embed(datasette: Any, request: Any) -> Any:
    """One figure for somebody else's page: without navigation, script or cookie; its link opens the site."""
    code, figure = request.url_vars["code"], request.url_vars["figure"]
    asked = await _asked(datasette, request)
    if asked is None or (code not in BY_CODE and code not in figures.COMPOSITIONS) or figure not in figures.FIGURES:
        return await not_found(datasette, request)
    facts, duties, chosen = asked
    translate = Translator(language_of(request))
    title, source = await _title(datasette, code, figure, chosen, facts, request)
    first = BY_CODE[figures.COMPOSITIONS.get(code, (code,))[0]]
    now = total_of(facts, first, chosen.basis, chosen.area, chosen.year)
    page = f"/stats/{code}" if code in BY_CODE else "/stats"
    response = await render(
        datasette,
        request,
        "embed.html",
        {
            "title": title,
            "source": source,
            "svg": drawing.both(lambda width: _drawn(facts, code, figure, chosen, translate, width)),
            "names": [figures.part_name(part, translate.language) for part in figures.COMPOSITIONS.get(code, ())],
            "coverage": coverage(duties, now, chosen.basis, chosen.area, first),
            "year": chosen.year,
            "address": f"{site_url(datasette)}{root_of(request)[len(root_of(request).removesuffix('/en')) :]}{page}?{chosen.query()}",
        },
    )
    response.headers["content-security-policy"] = EMBED_POLICY
    return response


async def behind(datasette: Any, request: Any) -> Any:
    """The reports behind a number: which count, which don't and why; as a page or as CSV."""
    from datasette import Response

    indicator = BY_CODE.get(request.url_vars["code"])
    asked = await _asked(datasette, request)
    if indicator is None or asked is None:
        return await not_found(datasette, request)
    facts, duties, chosen = asked
    numbers = by_year(facts, chosen.basis, chosen.area, indicator).get(chosen.year, [])
    state = request.args.get("state") or ""
    if state and state not in STATES.values():
        raise BadRequest(f"no state {state!r}; there are {', '.join(STATES.values())}")
    column = facts.of(indicator).columns[indicator.code]
    chosen_numbers = [number for number in numbers if not state or STATES[column.states[number]] == state]
    if request.url_vars["format"]:
        found = await _rows(datasette, facts, indicator, chosen_numbers)
        return Response(
            csv_text(ROWS_HEADER, found),
            content_type=CONTENT_TYPE,
            headers={"content-disposition": attachment(f"{indicator.code}-rows.csv"), "x-ogi-rows": str(len(found))},
        )
    page = page_of(request)
    pages = max(1, -(-len(chosen_numbers) // PAGE_SIZE))
    page = min(page, pages)
    part = chosen_numbers[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    now = total(facts, indicator, numbers, chosen.year)
    translate = Translator(language_of(request))
    context = {
        **await about(datasette, request, facts, chosen),
        "indicator": indicator,
        "name": figures.name_of(indicator, translate.language),
        "unit": figures.unit_of(indicator),
        "total": now,
        "coverage": coverage(duties, now, chosen.basis, chosen.area, indicator),
        "rows": [dict(zip(ROWS_HEADER, row, strict=True)) for row in await _rows(datasette, facts, indicator, part)],
        "count": len(chosen_numbers),
        "state": state,
        "states": tuple(STATES.values()),
        "page": page,
        "pages": pages,
    }
    return await render(datasette, request, "stats_rows.html", context, section="stats")


async def _rows(datasette: Any, facts: ReportFacts, indicator: Indicator, numbers: list[int]) -> list[tuple[Any, ...]]:
    """A row a report, or an obligation: numerator, denominator, state, findings, the figure to look at, and the obligation's status."""
    facts = facts.of(indicator)
    findings = await rows(
        datasette,
        'select f.report, f."check", f.severity, f."where", f.figures from json_each(:reports) w join findings f on f.report = w.value ->> 0 '
        "and f.version = w.value ->> 1 where f.status <> 'dismissed' and f.severity in ('error', 'warning')",
        {"reports": json.dumps([(facts.reports[number], facts.versions[number]) for number in numbers])},
    )
    by_report: dict[str, list[dict[str, object]]] = {}
    for finding in findings:
        by_report.setdefault(finding["report"], []).append(finding)
    forms = {
        row["id"]: row["form"]
        for row in await rows(
            datasette,
            "select r.id, r.form from json_each(:ids) w join reports r on r.id = w.value",
            {"ids": json.dumps([facts.reports[number] for number in numbers])},
        )
    }
    found = []
    for number in numbers:
        report = facts.reports[number]
        addresses = _addresses(indicator, forms.get(report))
        against = doubts_by_address(by_report.get(report, []))
        checks = {check for address in addresses if address in against for check in against[address].checks}
        found.append(_row(facts, indicator, number, addresses[0] if addresses else "", sorted(checks)))
    return found


def _row(facts: ReportFacts, indicator: Indicator, number: int, at: str, checks: list[str]) -> tuple[Any, ...]:
    column = facts.columns[indicator.code]
    numerator, denominator, state = column.numerators[number], column.denominators[number], column.states[number]
    has_value = state in (USED, DISPUTED)
    row = {
        "report": facts.reports[number],
        "version": facts.versions[number] or None,
        "agency": facts.names.get(facts.agencies[number], ""),
        "agency_id": facts.agencies[number],
        "year": facts.years[number],
        "basis": facts.bases[number],
        "numerator": numerator if has_value else None,
        "denominator": denominator if has_value and indicator.is_ratio else None,
        "value": ratio(indicator, numerator, denominator) if has_value else None,
        "state": STATES[state],
        "unsure": int(state == UNSURE),
        "disputed": int(state == DISPUTED),
        "findings": " ".join(checks),
        "at": at,
        "status": facts.statuses[number] if facts.statuses else "",
    }
    return tuple(row[name] for name in ROWS_HEADER)


def _addresses(indicator: Indicator, form: str | None) -> tuple[str, ...]:
    if form is None:
        return ()
    try:
        return tuple(
            address for part in ("parts", "minus", "whole") for address in addresses_of(indicator.code, form, part)
        )
    except KeyError:  # a form that is none of ours
        return ()


async def places(datasette: Any, request: Any) -> Any:
    """The areas below the chosen one as CSV."""
    from datasette import Response

    indicator = BY_CODE.get(request.url_vars["code"])
    asked = await _asked(datasette, request)
    if indicator is None or asked is None:
        return await not_found(datasette, request)
    facts, duties, chosen = asked
    found = await children(datasette, facts, duties, indicator, chosen, "zh")
    below = [line(indicator, row["name"], duties, chosen.basis, row["code"], row["total"]) for row in found]
    return Response(
        csv_text(HEADER, below),
        content_type=CONTENT_TYPE,
        headers={"content-disposition": attachment(f"{indicator.code}-places.csv")},
    )


async def as_sql(datasette: Any, request: Any) -> Any:
    """To the page of one's own SQL, with the query that gives the number."""
    from datasette import Response

    indicator = BY_CODE.get(request.url_vars["code"])
    asked = await _asked(datasette, request)
    query = query_of(indicator, asked[2]) if indicator is not None and asked is not None else None
    if query is None:
        return await not_found(datasette, request)
    return Response.redirect(f"{local(request, f'/{DATABASE}/sql')}?{urlencode({'sql': query})}")


ROUTES = (
    (r"^/stats/(?P<code>[a-z_]+)/sql$", as_sql),
    (r"^/stats/(?P<code>[a-z_]+)\.(?P<format>csv|json)$", table),
    (r"^/stats/(?P<code>[a-z_]+)\.(?P<format>svg|png)$", picture),
    (r"^/stats/(?P<code>[a-z_]+)/rows(?P<format>\.csv)?$", behind),
    (r"^/stats/(?P<code>[a-z_]+)/places\.csv$", places),
    (r"^/embed/(?P<code>[a-z_]+)/(?P<figure>[a-z]+)$", embed),
)
