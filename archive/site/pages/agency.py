"""One agency: its years in one table and small charts, its obligations, its changes, its peers."""

from __future__ import annotations

import json
from typing import Any

from archive.index.indicators import BREAK_YEAR, PRINTED
from archive.publish.spreadsheet import CONTENT_TYPE, attachment, csv_text
from archive.site.changes import change_rows
from archive.site.charts import Series, line_chart
from archive.site.errors import not_found
from archive.site.i18n import Translator, language_of
from archive.site.indicator_sql import STANDING
from archive.site.memory import steady
from archive.site.pages.missing import MARKS
from archive.site.panel import panel_of
from archive.site.provinces import province_name
from archive.site.stats.drawing import short
from archive.site.stats.figures import name_of, unit_of
from archive.site.stats.reading import facts_of
from archive.site.stats.selection import basis_label
from archive.site.stats.standing import standings
from archive.site.view import render, rows

SMALL = ("received", "granted_share", "challenges")


PANEL_HEADER = (
    "agency", "year", "form", "scope", "duty", "indicator", "value", "numerator", "denominator", *STANDING, "report", "version",
)  # fmt: skip


async def agency(datasette: Any, request: Any) -> Any:
    """The page of an agency."""
    found = await rows(
        datasette,
        "select a.*, g.name as region_name, v.code as province_code, v.name as province, s.name as successor_name, p.name as parent_name from agencies a left join regions g on g.code = a.region "
        "left join regions v on v.code = substr(a.region, 1, 2) || '0000' "
        "left join agencies s on s.id = a.successor left join agencies p on p.id = a.parent where a.id = :id",
        {"id": request.url_vars["agency"]},
    )
    if not found:
        return await not_found(datasette, request)
    shown = found[0]
    translate = Translator(language_of(request))
    panel = await panel_of(datasette, shown["id"])
    years = panel.years
    duties = await rows(
        datasette, "select * from obligations where agency = :id order by year desc", {"id": shown["id"]}
    )
    values: dict[str, dict[int, float]] = {item.code: {} for item in PRINTED}
    doubtful: dict[str, set[int]] = {item.code: set() for item in PRINTED}
    disputed: dict[str, dict[int, str]] = {item.code: {} for item in PRINTED}
    for cell in panel.cells:
        code, year = cell.indicator.code, cell.report["year"]
        if cell.value is not None:
            values[code][year] = cell.value
            if cell.unsure:
                doubtful[code].add(year)
            if cell.disputed:
                disputed[code][year] = cell.findings or ">100%"
    language = translate.language
    charts = [
        (
            item,
            line_chart(
                [
                    Series(
                        shown["name"], values[item.code], frozenset(doubtful[item.code]), frozenset(disputed[item.code])
                    )
                ],
                title=f"{shown['name']} {item.zh if language == 'zh' else item.en}",
                unit="%" if item.is_share else "",
                break_year=BREAK_YEAR if item.breaks else None,
                break_label=translate("compare.break"),
                width=360,
                height=180,
            ),
        )
        for item in PRINTED
        if item.code in SMALL
    ]
    peers = await steady(
        datasette,
        "select id, name from agencies where kind = :kind and id <> :id and substr(coalesce(region, ''), 1, 4) = substr(coalesce(:region, ''), 1, 4) "
        "and exists (select 1 from reports r where r.agency = agencies.id) order by name limit 12",
        {"kind": shown["kind"], "id": shown["id"], "region": shown["region"]},
    )
    return await render(
        datasette,
        request,
        "agency.html",
        {
            "agency": shown,
            "province": {
                "code": shown["province_code"],
                "name": province_name(shown["province_code"], shown["province"], language),
            }
            if shown["province"]
            else None,
            "marks": MARKS,
            "break_year": BREAK_YEAR,
            "aliases": json.loads(shown["aliases"]),
            "years": years,
            "duties": duties,
            "indicators": PRINTED,
            "values": values,
            "doubtful": doubtful,
            "disputed": disputed,
            "charts": charts,
            "standings": standings(await facts_of(datasette), shown["id"]),
            "basis_label": lambda basis: basis_label(basis, translate),
            "name_of": lambda item: name_of(item, language),
            "unit_of": unit_of,
            "short": short,
            "changes": await change_rows(
                datasette, where="and a.id = :agency", parameters={"agency": shown["id"]}, limit=20
            ),
            "peers": peers,
        },
    )


async def panel_csv(datasette: Any, request: Any) -> Any:
    """All indicators of an agency, a row a year and indicator, as CSV."""
    from datasette import Response

    names = await rows(datasette, "select name from agencies where id = :id", {"id": request.url_vars["agency"]})
    if not names:
        return await not_found(datasette, request)
    panel = await panel_of(datasette, request.url_vars["agency"])
    lines = [
        (
            names[0]["name"], cell.report["year"], cell.report["form"], cell.report["scope"], cell.report["duty"], cell.indicator.code,
            cell.value, cell.numerator, cell.denominator, int(cell.unsure), int(cell.disputed), cell.findings, cell.report["id"],
            cell.report["version"],
        )
        for cell in panel.cells
    ]  # fmt: skip
    return Response(
        csv_text(PANEL_HEADER, lines),
        content_type=CONTENT_TYPE,
        headers={
            "content-disposition": attachment(f"panel-{request.url_vars['agency']}.csv"),
            "x-ogi-rows": str(len(lines)),
        },
    )


ROUTES = (
    (r"^/agency/(?P<agency>[A-Za-z0-9-]+)/panel\.csv$", panel_csv),
    (r"^/agency/(?P<agency>[A-Za-z0-9-]+)$", agency),
)
