"""One agency: its years in one table and small charts, its obligations, its changes, its peers."""

from __future__ import annotations

import json
from typing import Any

from archive.site.changes import change_rows
from archive.site.charts import Series, line_chart
from archive.site.errors import not_found
from archive.site.i18n import Translator, language_of
from archive.site.indicators import BREAK_YEAR, PRINTED, number_sql, standing_sql, sum_sql
from archive.site.memory import steady
from archive.site.pages.missing import MARKS
from archive.site.provinces import province_name
from archive.site.view import render, rows

SMALL = ("received", "granted_share", "challenges")


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
    picks = ", ".join(
        f"{number_sql(item, 'r.id', 'r.version')} as p{number}, "
        + ", ".join(
            f"{sql} as {key}{number}"
            for sql, key in zip(standing_sql(item, "r.id", "r.version", "r.form"), "deg", strict=True)
        )
        + (f", {sum_sql(item.whole, 'r.id', 'r.version')} as w{number}" if item.whole else "")
        for number, item in enumerate(PRINTED)
    )
    years = await rows(
        datasette,
        f"select r.id, r.year, r.form, r.scope, r.status, r.published_on, r.version, o.status as duty, o.due, o.days_late, o.reason, {picks} "
        "from reports r left join obligations o on o.agency = r.agency and o.year = r.year where r.agency = :id order by r.year",
        {"id": shown["id"]},
    )
    duties = await rows(
        datasette, "select * from obligations where agency = :id order by year desc", {"id": shown["id"]}
    )
    values: dict[str, dict[int, float]] = {item.code: {} for item in PRINTED}
    doubtful: dict[str, set[int]] = {item.code: set() for item in PRINTED}
    disputed: dict[str, dict[int, str]] = {item.code: {} for item in PRINTED}
    for year in years:
        for number, item in enumerate(PRINTED):
            part = year[f"p{number}"]
            whole = year[f"w{number}"] if item.whole else None
            if part is not None and (not item.whole or whole):
                values[item.code][year["year"]] = item.scale * part / whole if item.whole else part
                if year[f"d{number}"]:
                    doubtful[item.code].add(year["year"])
                if year[f"e{number}"]:
                    disputed[item.code][year["year"]] = year[f"g{number}"]
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
            "changes": await change_rows(
                datasette, where="and a.id = :agency", parameters={"agency": shown["id"]}, limit=20
            ),
            "peers": peers,
        },
    )


ROUTES = ((r"^/agency/(?P<agency>[A-Za-z0-9-]+)$", agency),)
