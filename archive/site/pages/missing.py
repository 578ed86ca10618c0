"""Who has published and who has not: agencies by years, with the reason behind every mark."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archive.index.codes import DutyStatus
from archive.site.i18n import language_of
from archive.site.memory import steady
from archive.site.params import page_of, region_of, year_of
from archive.site.provinces import province_choices, province_name
from archive.site.view import render, rows
from extract.lexicon.organs import KINDS
from extract.lexicon.regions import region_stem

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE_SIZE = 60
#: Rows of the register of regions that are no names of a place.
_NO_PLACES = ("市辖区", "县")
#: As the index `agencies_order` has it: nothing of the matrix may sort or walk through all agencies.
REGION = "coalesce(a.region, '')"
ORDER = "coalesce({a}.region, ''), case {a}.kind when 'government' then 0 when 'department' then 1 else 2 end, {a}.name, {a}.id"
MARKS: Mapping[str, tuple[str, str]] = {
    DutyStatus.PUBLISHED: ("p", "●"),
    DutyStatus.LATE: ("l", "◐"),
    DutyStatus.MISSING: ("m", "○"),
    DutyStatus.VANISHED: ("v", "✕"),
    DutyStatus.PENDING: ("w", "·"),
    DutyStatus.UNKNOWN: ("u", "?"),
}


async def missing(datasette: Any, request: Any) -> Any:
    """The matrix of obligations, by region, kind, year and status."""
    of_register, parameters = ["1"], dict[str, Any]()
    region = region_of(request)
    if region:
        stem = region_stem(region)
        of_register.append("{region} >= :stem and {region} < :behind")
        parameters |= {"stem": stem, "behind": stem + ":"}  # behind all digits
    if request.args.get("kind") in KINDS:
        of_register.append("{kind} = :kind")
        parameters["kind"] = request.args.get("kind")
    year, status = year_of(request), request.args.get("status") or ""
    of_duty, of_register_alone = ["o.agency = a.id"], dict(parameters)
    if status in set(DutyStatus):
        of_duty.append("o.status = :status")
        parameters["status"] = status
    if year:
        of_duty.append("o.year = :year")
        parameters["year"] = year
    where = " and ".join(of_register)
    page = page_of(request)
    source = (
        f"from agencies a where {where.format(region=REGION, kind='a.kind')} "
        f"and exists (select 1 from obligations o where {' and '.join(of_duty)})"
    )
    total = (await steady(datasette, f"select count(*) as n {source}", parameters))[0]["n"]
    agencies = await _page_of_agencies(datasette, source, parameters, page, request.args.get("after"))
    names = ", ".join(f":a{number}" for number in range(len(agencies)))
    duties = await rows(
        datasette,
        f"select * from obligations where agency in ({names})",
        {f"a{number}": agency["id"] for number, agency in enumerate(agencies)},
    )
    years = sorted({duty["year"] for duty in duties})[-14:]
    cells = {(duty["agency"], duty["year"]): duty for duty in duties}
    sums = await steady(
        datasette,
        f"select c.year, c.status, sum(c.n) as n from duty_counts c where {where.format(region='c.region', kind='c.kind')} group by 1, 2",
        of_register_alone,
    )
    return await render(
        datasette,
        request,
        "missing.html",
        {
            "agencies": agencies,
            "groups": by_city(agencies, language_of(request)),
            "all_years": [
                row["year"]
                for row in await steady(datasette, "select distinct year from obligations order by year desc limit 30")
            ],
            "years": years,
            "cells": cells,
            "sums": {(row["year"], row["status"]): row["n"] for row in sums},
            "marks": MARKS,
            "statuses": tuple(DutyStatus),
            "kinds": KINDS,
            "region": region,
            "kind": request.args.get("kind"),
            "status": status,
            "year": year or "",
            "total": total,
            "page": page,
            "pages": -(-total // PAGE_SIZE),
            "after": agencies[-1]["id"] if agencies else None,
            "provinces": await province_choices(datasette, language_of(request)),
            "unwatched": (
                await steady(
                    datasette,
                    "select count(*) as n from regions r where level = 'county' and not exists (select 1 from agencies a where a.region = r.code)",
                )
            )[0]["n"],
        },
        section="missing",
    )


async def _page_of_agencies(
    datasette: Any, source: str, parameters: Mapping[str, Any], page: int, after: str | None
) -> list[dict[str, Any]]:
    """The agencies of a page: behind one that the page before ended with, so that the last page costs what the first does; else by number."""
    own = dict(parameters)
    if after is not None and page > 1:
        source += f" and ({ORDER.format(a='a')}) > (select {ORDER.format(a='b')} from agencies b where b.id = :after)"
        own["after"] = after
    found = await rows(
        datasette,
        f"select a.id, a.name, a.kind, a.region {source} order by {ORDER.format(a='a')} limit {PAGE_SIZE} offset :offset",
        {**own, "offset": 0 if "after" in own else (page - 1) * PAGE_SIZE},
    )
    codes = {code for one in found for code in _above(one["region"])}
    names = await rows(
        datasette,
        "select g.code, g.name from json_each(:codes) w join regions g on g.code = w.value",
        {"codes": json.dumps(sorted(codes))},
    )
    name_of = {row["code"]: row["name"] for row in names}
    for one in found:
        province, city, county = (name_of.get(code) for code in _above(one["region"]) or ("", "", ""))
        one |= {"region_name": county, "city_name": city, "province_name": province}
    return found


def _above(region: str | None) -> tuple[str, ...]:
    """The codes of the province and the city in which a region lies, and its own."""
    return (region[:2] + "0000", region[:4] + "00", region) if region else ()


def _province(agency: dict[str, Any], language: str) -> str:
    name = agency["province_name"] or ""
    return province_name(agency["region"][:2] + "0000", name, language) if name else ""


def by_city(agencies: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """The agencies under the names of their cities, each with its county where that is another place; of a province under its name alone."""
    groups: list[dict[str, Any]] = []
    for agency in agencies:
        is_city = agency["city_name"] not in (None, "", agency["province_name"], *_NO_PLACES)
        names = [name for name in (_province(agency, language), agency["city_name"] if is_city else "") if name]
        title, county = " › ".join(names), agency["region_name"]
        if not groups or groups[-1]["name"] != title:
            groups.append({"name": title, "agencies": []})
        # A name that begins with the place's says it already.
        is_said = (
            not county
            or county in (*_NO_PLACES, agency["city_name"], agency["province_name"])
            or county in agency["name"]
        )
        groups[-1]["agencies"].append({**agency, "county": "" if is_said else county})
    return groups


ROUTES = ((r"^/missing$", missing),)
