"""An indicator across agencies and years: with its definition, denominator, N and the breaks of the series; never a bare league table."""

from __future__ import annotations

from typing import Any, TypedDict
from urllib.parse import urlencode

from archive.index.indicators import BREAK_YEAR, BY_CODE, PRINTED, Indicator
from archive.index.rows import of_type
from archive.publish.spreadsheet import CONTENT_TYPE, attachment, csv_text
from archive.site.charts import Series, line_chart
from archive.site.http.addresses import base_of
from archive.site.i18n import Translator, language_of
from archive.site.indicator_sql import STANDING, number_sql, standing_sql, sum_sql
from archive.site.memory import steady
from archive.site.view import render, rows

MOST = 6


async def _chosen(datasette: Any, request: Any) -> tuple[Indicator, dict[str, str]]:
    """The indicator and the agencies (id and name) that the address names, each agency once."""
    asked = BY_CODE.get(request.args.get("indicator") or "", PRINTED[0])
    indicator = PRINTED[0] if asked.counts else asked
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


class ComparedReport(TypedDict):
    """A report of an agency, with the value of the indicator and what speaks against it."""

    id: str
    agency: str
    year: int
    form: str | None
    scope: str | None
    value: float | None
    denominator: float | None
    unsure: int
    disputed: int
    findings: str | None


async def compare(datasette: Any, request: Any) -> Any:
    """The comparison of up to six agencies; without any, agencies to choose from."""
    indicator, names = await _chosen(datasette, request)
    words = (request.args.get("find") or "").strip()[:40]
    table = await _values(datasette, indicator, list(names))
    context = {
        "indicator": indicator,
        "indicators": PRINTED,
        "chosen": list(names),
        "names": names,
        "table": table,
        "years": sorted({row["year"] for row in table}),
        "cells": {(row["agency"], row["year"]): row for row in table},
        "scopes": sorted({row["scope"] for row in table if row["scope"]}),
        "chart": _chart(indicator, names, table, Translator(language_of(request))),
        "break_year": BREAK_YEAR,
        "most": MOST,
        "any_doubt": any(row["unsure"] and row["value"] is not None for row in table),
        "any_dispute": any(row["disputed"] and row["value"] is not None for row in table),
        "csv": f"{base_of(request)}/compare.csv?"
        + urlencode([("indicator", indicator.code), *(("agency", value) for value in names)]),
        "found": await _agencies_to_choose(datasette, words),
        "words": words,
        "spread": [] if names else await _spread(datasette, indicator),
    }
    return await render(datasette, request, "compare.html", context, section="compare")


def _chart(indicator: Indicator, names: dict[str, str], table: list[ComparedReport], translate: Translator) -> str:
    """A line an agency, with what is unsure and disputed of it."""
    return line_chart(
        [_series(name, [row for row in table if row["agency"] == value]) for value, name in names.items()],
        title=indicator.zh if translate.language == "zh" else indicator.en,
        unit="%" if indicator.is_share else "",
        break_year=BREAK_YEAR if indicator.breaks else None,
        break_label=translate("compare.break"),
    )


def _series(name: str, own: list[ComparedReport]) -> Series:
    """The line of an agency, of its own rows."""
    return Series(
        name,
        {row["year"]: row["value"] for row in own if row["value"] is not None},
        frozenset(row["year"] for row in own if row["unsure"]),
        frozenset(row["year"] for row in own if row["disputed"]),
    )


async def _agencies_to_choose(datasette: Any, words: str) -> list[dict[str, object]]:
    """Agencies whose names hold the words, those with most reports first."""
    return await steady(
        datasette,
        "select a.id, a.name, count(*) as n from agencies a join reports r on r.agency = a.id where (:words = '' or instr(a.name, :words)) "
        "group by a.id order by n desc, a.name limit 30",
        {"words": words},
    )


async def _spread(datasette: Any, indicator: Indicator) -> list[dict[str, object]]:
    """How many reports there are a year and scope, and how many of them have the indicator."""
    return await steady(
        datasette,
        f"select r.year, r.scope, count(*) as n, count({_value_sql(indicator)}) as with_value from reports r group by 1, 2 order by 1 desc limit 30",
    )


def _value_sql(indicator: Any) -> str:
    part = number_sql(indicator, "r.id", "r.version")
    if not indicator.whole:
        return part
    return f"round(100.0 * {part} / nullif({sum_sql(indicator.whole, 'r.id', 'r.version')}, 0), 2)"


async def _values(datasette: Any, indicator: Any, chosen: list[str]) -> list[ComparedReport]:
    if not chosen:
        return []
    marks = ", ".join(f":a{number}" for number in range(len(chosen)))
    whole = sum_sql(indicator.whole, "r.id", "r.version") if indicator.whole else "null"
    picks = zip(standing_sql(indicator, "r.id", "r.version", "r.form"), STANDING, strict=True)
    standing = ", ".join(f"{sql} as {name}" for sql, name in picks)
    found = await rows(
        datasette,
        f"select r.id, r.agency, r.year, r.form, r.scope, {_value_sql(indicator)} as value, {whole} as denominator, {standing} from reports r "
        f"where r.agency in ({marks}) order by r.year",
        {f"a{number}": value for number, value in enumerate(chosen)},
    )
    return of_type(ComparedReport, found)


async def data(datasette: Any, request: Any) -> Any:
    """The data of a comparison as CSV."""
    from datasette import Response

    indicator, names = await _chosen(datasette, request)
    header = ("indicator", "agency", "year", "form", "scope", "value", "denominator", *STANDING, "report")
    lines = [
        (
            indicator.code, names[row["agency"]], row["year"], row["form"], row["scope"], row["value"], row["denominator"],
            row["unsure"], row["disputed"], row["findings"], row["id"],
        )
        for row in await _values(datasette, indicator, list(names))
    ]  # fmt: skip
    return Response(
        csv_text(header, lines),
        content_type=CONTENT_TYPE,
        headers={"content-disposition": attachment(f"compare-{indicator.code}.csv")},
    )


ROUTES = ((r"^/compare$", compare), (r"^/compare\.csv$", data))
