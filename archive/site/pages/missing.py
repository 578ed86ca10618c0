"""Who has published and who has not: agencies by years, with the reason behind every mark."""

from __future__ import annotations

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
    conditions = ["1"]
    parameters: dict[str, Any] = {}
    region = region_of(request)
    if region:
        conditions.append("a.region like :region")
        parameters["region"] = region_stem(region) + "%"
    if request.args.get("kind") in KINDS:
        conditions.append("a.kind = :kind")
        parameters["kind"] = request.args.get("kind")
    year, status = year_of(request), request.args.get("status") or ""
    if status in set(DutyStatus):
        of_year = " and o.year = :year" if year else ""
        conditions.append(f"exists (select 1 from obligations o where o.agency = a.id and o.status = :status{of_year})")
        parameters["status"] = status
    elif year:
        conditions.append("exists (select 1 from obligations o where o.agency = a.id and o.year = :year)")
    if year:
        parameters["year"] = year
    where = " and ".join(conditions)
    page = page_of(request)
    regions = (
        "left join regions g on g.code = a.region left join regions p on p.code = substr(a.region, 1, 2) || '0000' "
        "left join regions c on c.code = substr(a.region, 1, 4) || '00'"
    )
    source = f"from agencies a {regions} where {where} and exists (select 1 from obligations o where o.agency = a.id)"
    total = (await steady(datasette, f"select count(*) as n {source}", parameters))[0]["n"]
    agencies = await rows(
        datasette,
        f"select a.id, a.name, a.kind, a.region, g.name as region_name, p.name as province_name, c.name as city_name {source} "
        f"order by a.region, case a.kind when 'government' then 0 when 'department' then 1 else 2 end, a.name limit {PAGE_SIZE} offset :offset",
        {**parameters, "offset": (page - 1) * PAGE_SIZE},
    )
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
        f"select o.year, o.status, count(*) as n from obligations o join agencies a on a.id = o.agency where {where} group by 1, 2",
        parameters,
    )
    return await render(
        datasette,
        request,
        "missing.html",
        {
            "agencies": agencies,
            "groups": by_region(agencies, language_of(request)),
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


def _province(agency: dict[str, Any], language: str) -> str:
    name = agency["province_name"] or ""
    return province_name(agency["region"][:2] + "0000", name, language) if name else ""


def by_region(agencies: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """The agencies under the names of their regions: province, city and county, each once."""
    groups: list[dict[str, Any]] = []
    for agency in agencies:
        names = dict.fromkeys(
            name
            for name in (_province(agency, language), agency["city_name"], agency["region_name"])
            if name and name not in ("市辖区", "县")  # of a municipality: no name of a place
        )
        title = " › ".join(names)
        if not groups or groups[-1]["name"] != title:
            groups.append({"name": title, "agencies": []})
        groups[-1]["agencies"].append(agency)
    return groups


ROUTES = ((r"^/missing$", missing),)
