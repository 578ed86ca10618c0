"""An indicator across agencies and years: with its definition, denominator, N and the breaks of the series; never a bare league table."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

from archive.site.charts import Series, line_chart
from archive.site.http.addresses import base_of
from archive.site.i18n import Translator, language_of
from archive.site.indicators import BREAK_YEAR, BY_CODE, INDICATORS, Indicator, doubt_sql, sum_sql
from archive.site.memory import steady
from archive.site.view import render, rows

MOST = 6


async def _chosen(datasette: Any, request: Any) -> tuple[Indicator, dict[str, str]]:
    """The indicator and the agencies (id and name) that the address names, each agency once."""
    indicator = BY_CODE.get(request.args.get("indicator") or "", INDICATORS[0])
    chosen = list(dict.fromkeys(value for value in request.args.getlist("agency") if value))[:MOST]
    names = {
        row["id"]: row["name"]
        for row in await rows(
            datasette,
            f"select id, name from agencies where id in ({', '.join(f':a{number}' for number in range(len(chosen)))})",
            {f"a{number}": value for number, value in enumerate(chosen)},
        )
    }
    return indicator, {value: names[value] for value in chosen if value in names}


async def compare(datasette: Any, request: Any) -> Any:
    """The comparison of up to six agencies; without any, agencies to choose from."""
    indicator, names = await _chosen(datasette, request)
    chosen = list(names)
    words = (request.args.get("find") or "").strip()[:40]
    translate = Translator(language_of(request))
    table = await _values(datasette, indicator, chosen)
    series = [
        Series(
            names[value],
            {row["year"]: row["value"] for row in table if row["agency"] == value and row["value"] is not None},
            frozenset(row["year"] for row in table if row["agency"] == value and row["is_doubtful"]),
        )
        for value in chosen
    ]
    title = indicator.zh if translate.language == "zh" else indicator.en
    found = await steady(
        datasette,
        "select a.id, a.name, count(*) as n from agencies a join reports r on r.agency = a.id where (:words = '' or instr(a.name, :words)) "
        "group by a.id order by n desc, a.name limit 30",
        {"words": words},
    )
    spread = (
        await steady(
            datasette,
            f"select r.year, r.scope, count(*) as n, count({_value_sql(indicator)}) as with_value from reports r group by 1, 2 order by 1 desc limit 30",
        )
        if not chosen
        else []
    )
    return await render(
        datasette,
        request,
        "compare.html",
        {
            "indicator": indicator,
            "indicators": INDICATORS,
            "chosen": chosen,
            "names": names,
            "table": table,
            "years": sorted({row["year"] for row in table}),
            "cells": {(row["agency"], row["year"]): row for row in table},
            "scopes": sorted({row["scope"] for row in table if row["scope"]}),
            "chart": line_chart(
                series,
                title=title,
                unit="%" if indicator.is_share else "",
                break_year=BREAK_YEAR if indicator.breaks else None,
                break_label=translate("compare.break"),
            ),
            "break_year": BREAK_YEAR,
            "most": MOST,
            "any_doubt": any(row["is_doubtful"] and row["value"] is not None for row in table),
            "csv": f"{base_of(request)}/compare.csv?"
            + urlencode([("indicator", indicator.code), *(("agency", value) for value in chosen)]),
            "found": found,
            "words": words,
            "spread": spread,
        },
        section="compare",
    )


def _value_sql(indicator: Any) -> str:
    part = sum_sql(indicator.parts, "r.id", "r.version")
    if not indicator.is_share:
        return part
    return f"round(100.0 * {part} / nullif({sum_sql(indicator.whole, 'r.id', 'r.version')}, 0), 2)"


async def _values(datasette: Any, indicator: Any, chosen: list[str]) -> list[dict[str, Any]]:
    if not chosen:
        return []
    marks = ", ".join(f":a{number}" for number in range(len(chosen)))
    whole = sum_sql(indicator.whole, "r.id", "r.version") if indicator.is_share else "null"
    return await rows(
        datasette,
        f"select r.id, r.agency, r.year, r.form, r.scope, {_value_sql(indicator)} as value, {whole} as denominator, "
        f"{doubt_sql(indicator.parts + indicator.whole, 'r.id', 'r.version', 'r.form')} as is_doubtful from reports r "
        f"where r.agency in ({marks}) order by r.year",
        {f"a{number}": value for number, value in enumerate(chosen)},
    )


async def data(datasette: Any, request: Any) -> Any:
    """The data of a comparison as CSV."""
    from datasette import Response

    indicator, names = await _chosen(datasette, request)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("indicator", "agency", "year", "form", "scope", "value", "denominator", "is_doubtful", "report"))
    for row in await _values(datasette, indicator, list(names)):
        values = (row["form"], row["scope"], row["value"], row["denominator"], row["is_doubtful"], row["id"])
        writer.writerow((indicator.code, names[row["agency"]], row["year"], *values))
    return Response(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="compare-{indicator.code}.csv"'},
    )


ROUTES = ((r"^/compare$", compare), (r"^/compare\.csv$", data))
