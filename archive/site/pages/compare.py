"""An indicator across agencies and years: with its definition, denominator, N and the breaks of the series; never a bare league table."""

from __future__ import annotations

from typing import Any

from archive.site.charts import COLOURS, Series, line_chart
from archive.site.i18n import Translator, language_of
from archive.site.indicators import BREAK_YEAR, BY_CODE, INDICATORS, sum_sql
from archive.site.memory import steady
from archive.site.view import render, rows

MOST = 6


async def compare(datasette: Any, request: Any) -> Any:
    """The comparison of up to six agencies; without any, the agencies of one region or kind to choose from."""
    indicator = BY_CODE.get(request.args.get("indicator") or "", INDICATORS[0])
    chosen = [value for value in request.args.getlist("agency") if value][:MOST]
    words = (request.args.get("find") or "").strip()[:40]
    translate = Translator(language_of(request))
    names = {
        row["id"]: row["name"]
        for row in await rows(
            datasette,
            f"select id, name from agencies where id in ({', '.join(f':a{number}' for number in range(len(chosen)))})",
            {f"a{number}": value for number, value in enumerate(chosen)},
        )
    }
    chosen = [value for value in chosen if value in names]
    table = await _values(datasette, indicator, chosen)
    series = [
        Series(
            names[value],
            {row["year"]: row["value"] for row in table if row["agency"] == value and row["value"] is not None},
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
            "colours": COLOURS,
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
        f"select r.id, r.agency, r.year, r.form, r.scope, {_value_sql(indicator)} as value, {whole} as denominator from reports r "
        f"where r.agency in ({marks}) order by r.year",
        {f"a{number}": value for number, value in enumerate(chosen)},
    )


ROUTES = ((r"^/compare$", compare),)
