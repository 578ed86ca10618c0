"""Who has published and who has not: agencies by years, with the reason behind every mark."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from archive.index.codes import DutyStatus
from archive.index.rows import SqlValue, of_type
from archive.publish.spreadsheet import CONTENT_TYPE, attachment
from archive.site.errors import BadRequest
from archive.site.i18n import language_of
from archive.site.memory import steady
from archive.site.params import one_of, page_of, region_of, year_of
from archive.site.provinces import province_choices, province_name
from archive.site.streams import Rows, RowStream, array_piece, csv_piece, open_rows
from archive.site.view import render, rows, said
from extract.lexicon.organs import KINDS
from extract.lexicon.regions import region_stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archive.index.rows import Parameters

PAGE_SIZE = 60
#: The matrix shows so many years, the last.
MOST_YEARS = 14
#: Counties of which no agency is known.
UNWATCHED = "select count(*) as n from regions r where level = 'county' and not exists (select 1 from agencies a where a.region = r.code)"
#: Rows of the register of regions that are no names of a place.
_NO_PLACES = ("市辖区", "县")
#: As the index `agencies_order` has it: nothing of the matrix may sort or walk through all agencies.
REGION = "coalesce(a.region, '')"
ORDER = "coalesce({a}.region, ''), case {a}.kind when 'government' then 0 when 'department' then 1 else 2 end, {a}.name, {a}.id"
#: A row a report that is owed; of the reports as readers may see them.
DUTIES = """
select o.agency as agency_id, a.name as agency, a.kind, a.region, g.name as region_name, o.year, o.due, o.status, o.published_on,
  o.first_seen, o.days_late, o.reason, o.list_read_at, o.portal, r.id as report
{of} order by o.agency, o.year
"""
MARKS: Mapping[str, tuple[str, str]] = {
    DutyStatus.PUBLISHED: ("p", "●"),
    DutyStatus.LATE: ("l", "◐"),
    DutyStatus.MISSING: ("m", "○"),
    DutyStatus.VANISHED: ("v", "✕"),
    DutyStatus.PENDING: ("w", "·"),
    DutyStatus.UNKNOWN: ("u", "?"),
}


@dataclass(frozen=True, slots=True)
class _Selection:
    """Conditions of the address, with the parameters of each: what agencies are (`{region}`, `{kind}` stand for columns), and what they owe."""

    of_register: str
    register_parameters: dict[str, SqlValue]
    of_duty: str
    duty_parameters: dict[str, SqlValue]

    @property
    def source(self) -> str:
        """The agencies of the matrix: those that owe such a report."""
        return (
            f"from agencies a where {self.of_register.format(region=REGION, kind='a.kind')} "
            f"and exists (select 1 from obligations o where {self.of_duty})"
        )

    @property
    def duties(self) -> str:
        """What those agencies owe of it."""
        return (
            "from obligations o join agencies a on a.id = o.agency left join regions g on g.code = a.region "
            "left join reports r on r.id = o.report "
            f"where {self.of_register.format(region=REGION, kind='a.kind')} and {self.of_duty}"
        )

    @property
    def parameters(self) -> dict[str, SqlValue]:
        """The parameters of `source`."""
        return self.register_parameters | self.duty_parameters


def _selection(region: str, kind: str | None, year: int | None, status: str) -> _Selection:
    """What the address asks for; a kind or status that is none is as if it were not there."""
    of_register, register_parameters = ["1"], dict[str, SqlValue]()
    of_duty, duty_parameters = ["o.agency = a.id"], dict[str, SqlValue]()
    if region:
        stem = region_stem(region)
        of_register.append("{region} >= :stem and {region} < :behind")
        register_parameters |= {"stem": stem, "behind": stem + ":"}  # behind all digits
    if kind in KINDS:
        of_register.append("{kind} = :kind")
        register_parameters["kind"] = kind
    if status in set(DutyStatus):
        of_duty.append("o.status = :status")
        duty_parameters["status"] = status
    if year:
        of_duty.append("o.year = :year")
        duty_parameters["year"] = year
    return _Selection(" and ".join(of_register), register_parameters, " and ".join(of_duty), duty_parameters)


async def missing(datasette: Any, request: Any) -> Any:
    """The matrix of obligations, by region, kind, year and status."""
    region, kind, year = region_of(request), request.args.get("kind"), year_of(request)
    status, page, language = request.args.get("status") or "", page_of(request), language_of(request)
    chosen = _selection(region, kind, year, status)
    total = await _count(datasette, f"select count(*) as n {chosen.source}", chosen.parameters)
    agencies = await _page_of_agencies(datasette, chosen.source, chosen.parameters, page, request.args.get("after"))
    context = {
        "agencies": agencies,
        "groups": by_city(agencies, language),
        "all_years": await _all_years(datasette),
        **await _cells(datasette, agencies, MOST_YEARS),
        "sums": await _sums(datasette, chosen),
        "marks": MARKS,
        "statuses": tuple(DutyStatus),
        "kinds": KINDS,
        "region": region,
        "kind": kind,
        "status": status,
        "year": year or "",
        "total": total,
        "page": page,
        "pages": -(-total // PAGE_SIZE),
        "after": agencies[-1]["id"] if agencies else None,
        "provinces": await province_choices(datasette, language),
        "unwatched": await _count(datasette, UNWATCHED),
    }
    return await render(datasette, request, "missing.html", context, section="missing")


async def data(datasette: Any, request: Any) -> Any:
    """Every obligation that the address asks for, as CSV or JSON: complete, or visibly broken off."""
    form = request.url_vars["format"]
    region, kind, year = region_of(request), one_of(request, "kind", KINDS), year_of(request)
    status = one_of(request, "status", tuple(DutyStatus))
    for name, found in (("region", region), ("kind", kind), ("year", year), ("status", status)):
        if [value for value in request.args.getlist(name) if value] != ([str(found)] if found else []):
            raise BadRequest(f"{name}: one value that there is, or none")  # a file says nothing of what it left out
    chosen = _selection(region, kind, year, status)
    language = language_of(request)

    def read() -> Iterator[tuple[list[str], Rows]]:
        for columns, found in open_rows(datasette, DUTIES.format(of=chosen.duties), chosen.parameters):
            place = columns.index("reason")
            yield columns, [(*row[:place], said(row[place], language), *row[place + 1 :]) for row in found]

    total = await _count(datasette, f"select count(*) as n {chosen.duties}", chosen.parameters)
    headers = {"x-ogi-rows": str(total)}
    if form == "csv":
        headers["content-disposition"] = attachment("missing.csv")
        return RowStream(read, csv_piece, content_type=CONTENT_TYPE, headers=headers)

    def piece(columns: list[str], found: Rows, is_first: bool) -> bytes:
        return (f'{{"total": {total}, "rows": '.encode() if is_first else b"") + array_piece(columns, found, is_first)

    def end(number: int) -> bytes:
        return f'], "returned": {number}, "next": null}}\n'.encode()

    return RowStream(read, piece, content_type="application/json; charset=utf-8", headers=headers, end=end)


async def _count(datasette: Any, sql: str, parameters: Parameters | None = None) -> int:
    """The number `n` that a query counts."""
    return int((await steady(datasette, sql, parameters))[0]["n"])


async def _all_years(datasette: Any) -> list[int]:
    """The years of which anything is owed, the newest first."""
    found = await steady(datasette, "select distinct year from obligations order by year desc limit 30")
    return [row["year"] for row in found]


async def matrix_of(datasette: Any, region: str, language: str, *, most: int, years: int) -> dict[str, object]:
    """The first agencies of a region that owe something, with what they owed in the last years, and how many there are."""
    chosen = _selection(region, None, None, "")
    first = await _page_of_agencies(datasette, chosen.source, chosen.parameters, 1, None)
    total = await _count(datasette, f"select count(*) as n {chosen.source}", chosen.parameters)
    agencies = first[:most]
    cells = await _cells(datasette, agencies, years)
    return {"groups": by_city(agencies, language), "agencies": agencies, "total": total, **cells}


async def _cells(datasette: Any, agencies: list[ListedAgency], most_years: int) -> dict[str, object]:
    """What the agencies of a page owe, by agency and year, and the last years of it."""
    names = ", ".join(f":a{number}" for number in range(len(agencies)))
    duties = await rows(
        datasette,
        # Through the view of the reports: one that is withheld is named nowhere.
        "select o.agency, o.year, o.due, o.status, o.days_late, o.reason, r.id as report from obligations o "
        f"left join reports r on r.id = o.report where o.agency in ({names})",
        {f"a{number}": agency["id"] for number, agency in enumerate(agencies)},
    )
    return {
        "years": sorted({duty["year"] for duty in duties})[-most_years:],
        "cells": {(duty["agency"], duty["year"]): duty for duty in duties},
    }


async def _sums(datasette: Any, chosen: _Selection) -> dict[tuple[int, str], int]:
    """How many of the register owe what, by year and status: of all years and statuses, whichever are asked for."""
    where = chosen.of_register.format(region="c.region", kind="c.kind")
    found = await steady(
        datasette,
        f"select c.year, c.status, sum(c.n) as n from duty_counts c where {where} group by 1, 2",
        chosen.register_parameters,
    )
    return {(row["year"], row["status"]): row["n"] for row in found}


async def _page_of_agencies(
    datasette: Any, source: str, parameters: Parameters, page: int, after: str | None
) -> list[ListedAgency]:
    """The agencies of a page: behind one that the page before ended with, so that the last page costs what the first does; else by number."""
    own = dict(parameters)
    if after is not None and page > 1:
        source += f" and ({ORDER.format(a='a')}) > (select {ORDER.format(a='b')} from agencies b where b.id = :after)"
        own["after"] = after
    some = await rows(
        datasette,
        f"select a.id, a.name, a.kind, a.region {source} order by {ORDER.format(a='a')} limit {PAGE_SIZE} offset :offset",
        {**own, "offset": 0 if "after" in own else (page - 1) * PAGE_SIZE},
    )
    found = of_type(ListedAgency, some)
    codes = {code for one in found for code in _above(one["region"])}
    names = await rows(
        datasette,
        "select g.code, g.name from json_each(:codes) w join regions g on g.code = w.value",
        {"codes": json.dumps(sorted(codes))},
    )
    name_of = {row["code"]: row["name"] for row in names}
    for one in found:
        province, city, county = (name_of.get(code) for code in _above(one["region"]) or ("", "", ""))
        one["region_name"], one["city_name"], one["province_name"] = county, city, province
    return found


class _Agency(TypedDict):
    id: str
    name: str
    kind: str
    region: str | None


class ListedAgency(_Agency, total=False):
    """An agency of the matrix, with the names of its places."""

    region_name: str | None
    city_name: str | None
    province_name: str | None
    county: str


class CityGroup(TypedDict):
    """The agencies under the name of their city."""

    name: str
    agencies: list[ListedAgency]


def _above(region: str | None) -> tuple[str, ...]:
    """The codes of the province and the city in which a region lies, and its own."""
    return (region[:2] + "0000", region[:4] + "00", region) if region else ()


def _province(agency: ListedAgency, language: str) -> str:
    name, region = agency["province_name"] or "", agency["region"]
    return province_name(region[:2] + "0000", name, language) if name and region else ""


def by_city(agencies: list[ListedAgency], language: str) -> list[CityGroup]:
    """The agencies under the names of their cities, each with its county where that is another place; of a province under its name alone."""
    groups: list[CityGroup] = []
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
        groups[-1]["agencies"].append({**agency, "county": "" if is_said or county is None else county})
    return groups


ROUTES = (
    (r"^/missing$", missing),
    (r"^/missing\.(?P<format>csv|json)$", data),
)
