"""One agency: its years in one table and small charts, its obligations, its changes, its peers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.index.indicators import BREAK_YEAR, PRINTED, Indicator
from archive.publish.spreadsheet import CONTENT_TYPE, attachment, csv_text
from archive.site.changes import change_rows
from archive.site.charts import Series, line_chart
from archive.site.errors import not_found
from archive.site.i18n import Translator, language_of
from archive.site.indicator_sql import STANDING
from archive.site.memory import steady
from archive.site.pages.missing import MARKS
from archive.site.panel import Panel, panel_of
from archive.site.provinces import province_name
from archive.site.stats.drawing import short
from archive.site.stats.figures import name_of, unit_of
from archive.site.stats.reading import facts_of
from archive.site.stats.selection import basis_label
from archive.site.stats.standing import standings
from archive.site.view import render, rows

#: The agency with its place, its province, its successor and its parent.
AGENCY = """
select a.*, g.name as region_name, v.code as province_code, v.name as province, s.name as successor_name, p.name as parent_name
from agencies a left join regions g on g.code = a.region left join regions v on v.code = substr(a.region, 1, 2) || '0000'
left join agencies s on s.id = a.successor left join agencies p on p.id = a.parent where a.id = :id
"""
DUTIES = "select * from obligations where agency = :id order by year desc"
#: Agencies of the same kind in the same city that have reports.
PEERS = """
select id, name from agencies where kind = :kind and id <> :id and substr(coalesce(region, ''), 1, 4) = substr(coalesce(:region, ''), 1, 4)
and exists (select 1 from reports r where r.agency = agencies.id) order by name limit 12
"""
SMALL = ("received", "granted_share", "challenges")

PANEL_HEADER = (
    "agency", "year", "form", "scope", "duty", "indicator", "value", "numerator", "denominator", *STANDING, "report", "version",
)  # fmt: skip


async def agency(datasette: Any, request: Any) -> Any:
    """The page of an agency."""
    found = await rows(datasette, AGENCY, {"id": request.url_vars["agency"]})
    if not found:
        return await not_found(datasette, request)
    shown = found[0]
    translate = Translator(language_of(request))
    language = translate.language
    panel = await panel_of(datasette, shown["id"])
    series = _IndicatorYears.of(panel)
    context = {
        "agency": shown,
        "province": _province(shown, language),
        "marks": MARKS,
        "break_year": BREAK_YEAR,
        "aliases": json.loads(shown["aliases"]),
        "years": panel.years,
        "duties": await rows(datasette, DUTIES, {"id": shown["id"]}),
        "indicators": PRINTED,
        "values": series.values,
        "doubtful": series.doubtful,
        "disputed": series.disputed,
        "charts": [(item, _chart(shown["name"], item, series, translate)) for item in PRINTED if item.code in SMALL],
        "standings": standings(await facts_of(datasette), shown["id"]),
        "basis_label": lambda basis: basis_label(basis, translate),
        "name_of": lambda item: name_of(item, language),
        "unit_of": unit_of,
        "short": short,
        "changes": await change_rows(
            datasette, where="and a.id = :agency", parameters={"agency": shown["id"]}, limit=20
        ),
        "peers": await steady(datasette, PEERS, {name: shown[name] for name in ("kind", "id", "region")}),
    }
    return await render(datasette, request, "agency.html", context)


@dataclass(frozen=True, slots=True)
class _IndicatorYears:
    """What a panel has of each indicator by its code: values by year, the years read without certainty, and the disputed ones with what disputes them."""

    values: dict[str, dict[int, float]]
    doubtful: dict[str, set[int]]
    disputed: dict[str, dict[int, str]]

    @classmethod
    def of(cls, panel: Panel) -> _IndicatorYears:
        """Sort the cells of a panel; one without a value says nothing."""
        codes = [item.code for item in PRINTED]
        series = cls({code: {} for code in codes}, {code: set() for code in codes}, {code: {} for code in codes})
        for cell in panel.cells:
            code, year = cell.indicator.code, cell.report["year"]
            if cell.value is None:
                continue
            series.values[code][year] = cell.value
            if cell.unsure:
                series.doubtful[code].add(year)
            if cell.disputed:
                series.disputed[code][year] = cell.findings or ">100%"
        return series


def _province(shown: Mapping[str, Any], language: str) -> dict[str, object] | None:
    """Code and name of the province in which an agency lies, if any."""
    if not shown["province"]:
        return None
    code = shown["province_code"]
    return {"code": code, "name": province_name(code, shown["province"], language)}


def _chart(name: str, item: Indicator, series: _IndicatorYears, translate: Translator) -> str:
    """The small chart of an indicator of an agency, by the agency's name."""
    code = item.code
    return line_chart(
        [Series(name, series.values[code], frozenset(series.doubtful[code]), frozenset(series.disputed[code]))],
        title=f"{name} {item.zh if translate.language == 'zh' else item.en}",
        unit="%" if item.is_share else "",
        break_year=BREAK_YEAR if item.breaks else None,
        break_label=translate("compare.break"),
        width=360,
        height=180,
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
